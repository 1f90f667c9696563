/**
 * How many events ended how. Each worker has a row of its own, so that nobody waits for anybody; it is written now and then and
 * at the end of a batch, so that counting costs an irrelevant event next to nothing.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { type HeardEvent, writeHeard } from './heard.ts';
import type { Storage } from './storage.ts';

/** What became of an event. */
export type EventEnd = 'queued' | 'irrelevant' | 'ownRead' | 'unknownType' | 'malformed';

export interface Counters {
  readonly add: (end: EventEnd) => void;
  /** An event came: kept as the last one of its subscription. */
  readonly hear: (event: HeardEvent) => void;
  /** Writes what was counted, at most once in `everyMs`: what comes sooner is written a little later. */
  readonly save: () => Promise<void>;
}

const partitionKey = 'counters';

export function openCounters(storage: Storage, clock: Clock, everyMs = 2_000): Counters {
  const rowKey = randomUUID();
  const counts = new Map<EventEnd, number>();
  const heard = new Map<string, HeardEvent>();
  let savedAt = Number.NEGATIVE_INFINITY;
  let later: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    later = undefined;
    savedAt = clock.now().getTime();
    const events = [...heard.values()];
    await storage.table.upsertEntity({ partitionKey, rowKey, ...Object.fromEntries(counts) }, 'Replace');
    await writeHeard(storage, events);
    for (const event of events) if (heard.get(event.subscriptionId) === event) heard.delete(event.subscriptionId);
  };
  return {
    add: (end) => {
      counts.set(end, (counts.get(end) ?? 0) + 1);
    },
    hear: (event) => {
      heard.set(event.subscriptionId, event);
    },
    save: async () => {
      if (clock.now().getTime() - savedAt >= everyMs) return write();
      // A count that cannot be written is written with the next one: no event waits for it, none fails by it.
      if (later === undefined) later = setTimeout(() => void write().catch(() => {}), everyMs).unref();
    },
  };
}

/** Sums over all workers that ever were. */
export async function readCounters(storage: Storage): Promise<Readonly<Record<EventEnd, number>>> {
  const sums: Record<EventEnd, number> = { queued: 0, irrelevant: 0, ownRead: 0, unknownType: 0, malformed: 0 };
  const filter = `PartitionKey eq '${partitionKey}'`;
  for await (const row of storage.table.listEntities({ queryOptions: { filter } })) {
    for (const end of Object.keys(sums) as EventEnd[]) sums[end] += Number(row[end] ?? 0);
  }
  return sums;
}
