/**
 * The last event heard of each subscription: whether its topic still delivers, and after a deployment the proof that it does. An
 * estate where nothing changes is silent too, so that silence alone raises nothing.
 */
import { inParallel } from './read-index.ts';
import type { Storage } from './storage.ts';

export interface HeardEvent {
  readonly subscriptionId: string;
  readonly eventId: string;
  /** When what it tells happened, as Azure says: ISO 8601, UTC. */
  readonly time: string;
}

const partitionKey = 'heard';

/** Of the subscription that an Azure id names; none for what stands in no subscription. */
export function heardOf(change: {
  readonly resourceId: string;
  readonly eventId: string;
  readonly time: string;
}): HeardEvent | undefined {
  const id = /^\/subscriptions\/([0-9a-f-]{36})(?:\/|$)/i.exec(change.resourceId)?.[1];
  return id === undefined
    ? undefined
    : { subscriptionId: id.toLowerCase(), eventId: change.eventId, time: change.time };
}

export async function writeHeard(storage: Storage, events: readonly HeardEvent[]): Promise<void> {
  await inParallel(events, async ({ subscriptionId, eventId, time }) => {
    await storage.table.upsertEntity({ partitionKey, rowKey: subscriptionId, eventId, time }, 'Replace');
  });
}

/** By subscription; workers write past each other, so that "last" is true to within the seconds between two writes. */
export async function readHeard(storage: Storage): Promise<readonly HeardEvent[]> {
  const rows: HeardEvent[] = [];
  for await (const row of storage.table.listEntities({
    queryOptions: { filter: `PartitionKey eq '${partitionKey}'` },
  })) {
    rows.push({ subscriptionId: String(row.rowKey), eventId: String(row.eventId), time: String(row.time) });
  }
  return rows;
}
