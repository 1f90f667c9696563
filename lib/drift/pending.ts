/**
 * The pending mark of a deployment: that somebody has to look at it, why, and that a message for it is under way. Many events
 * make one mark and one message. The mark is taken before Azure is read and removed after the verdict is stored: a crash
 * between leaves it, and an event between sets it again.
 */
import { randomUUID } from 'node:crypto';
import type { TableEntity } from '@azure/data-tables';
import type { Clock } from '../clock.ts';
import type { Cause } from './model.ts';
import { pack, unpack } from './packed.ts';
import type { Queues } from './queues.ts';
import { deploymentPartition, pendingRow } from './row-keys.ts';
import { isAbsent, isConflict, type Storage } from './storage.ts';

export interface Pending {
  readonly deployment: string;
  /** Somebody has to look; false while the work is being done. */
  readonly waiting: boolean;
  /** Its message was sent: whoever set the mark sends it, and says so afterwards. */
  readonly sent: boolean;
  /** Who does the work; empty while nobody does. */
  readonly worker: string;
  /** When its message becomes visible: ISO 8601. */
  readonly dueAt: string;
  /** When the first of its causes was noted: ISO 8601. */
  readonly since: string;
  /** When the latest of its causes was noted: ISO 8601. What a cause names must be read after that. */
  readonly markedAt: string;
  /** Tries that could not read Azure. */
  readonly attempts: number;
  readonly causes: readonly Cause[];
  /** Above 0: more may have changed than the causes say; events beyond them are not noted one by one. */
  readonly more: number;
  readonly etag: string;
}

/** So many causes are kept of a burst; the others are counted. */
const mostCauses = 25;
/** A message that is so late is taken for lost. */
const lostAfterMs = 5 * 60_000;
const mostRaces = 50;

async function find(storage: Storage, deployment: string): Promise<Pending | undefined> {
  try {
    return toPending(await storage.table.getEntity(deploymentPartition(deployment), pendingRow));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function toPending(entity: Readonly<Record<string, unknown>>): Pending {
  return {
    deployment: String(entity.deployment),
    waiting: entity.waiting === true,
    sent: entity.sent === true,
    worker: String(entity.worker),
    dueAt: String(entity.dueAt),
    since: String(entity.since),
    markedAt: String(entity.markedAt),
    attempts: Number(entity.attempts),
    causes: unpack(entity) as readonly Cause[],
    more: Number(entity.more),
    etag: String(entity.etag),
  };
}

type Content = Omit<Pending, 'etag'>;

function toEntity({ deployment, causes, ...rest }: Content): TableEntity {
  return {
    partitionKey: deploymentPartition(deployment),
    rowKey: pendingRow,
    deployment,
    ...rest,
    ...pack(causes),
  };
}

/** @returns the new ETag; `undefined` where somebody else was faster */
async function write(storage: Storage, content: Content, etag: string | undefined): Promise<string | undefined> {
  const entity = toEntity(content);
  try {
    const answer =
      etag === undefined
        ? await storage.table.createEntity(entity)
        : await storage.table.updateEntity(entity, 'Replace', { etag });
    return answer.etag ?? '';
  } catch (error) {
    if (isConflict(error) || isAbsent(error)) return undefined;
    throw error;
  }
}

function withCauses(before: Pending | undefined, added: readonly Cause[]): Pick<Pending, 'causes' | 'more'> {
  const known = before?.causes ?? [];
  const ids = new Set(known.map(({ eventId }) => eventId));
  const fresh = added.filter(({ eventId }) => !ids.has(eventId));
  const all = [...known, ...fresh];
  // Whoever gives no cause does not know what changed.
  const unnamed = added.length === 0 ? 1 : Math.max(all.length - mostCauses, 0);
  return { causes: all.slice(-mostCauses), more: (before?.more ?? 0) + unnamed };
}

function areKnown(before: Pending, causes: readonly Cause[]): boolean {
  const ids = new Set(before.causes.map(({ eventId }) => eventId));
  return causes.length > 0 && causes.every(({ eventId }) => ids.has(eventId));
}

/** Its message is lost, or its work was never finished: one message more, and it is whole again. */
export function isLate(pending: Pending, now: Date): boolean {
  return Date.parse(pending.dueAt) + lostAfterMs < now.getTime();
}

/** Whoever set the mark may take so long to send its message; after that somebody else does. */
const sendingMs = 10_000;

/** Says that the message of a mark is on its way; a mark that was taken meanwhile does not need to know. */
async function noteSent(storage: Storage, deployment: string): Promise<void> {
  for (let race = 0; race < mostRaces; race++) {
    const now = await find(storage, deployment);
    if (!now?.waiting || now.sent || (await write(storage, { ...now, sent: true }, now.etag)) !== undefined) return;
  }
}

/** Whether a mark that waits needs a message from somebody who finds it. */
function needsMessage(before: Pending, causes: readonly Cause[], now: Date): boolean {
  // The same event again: whoever took it first did not get to its end.
  return !before.sent && (areKnown(before, causes) || Date.parse(before.markedAt) + sendingMs < now.getTime());
}

/**
 * Marks a deployment. Who sets the mark sends the one message, so that a burst of events makes one; a crash between the two leaves
 * an event that is delivered again, and a mark that says that its message was not sent.
 */
export async function markPending(
  storage: Storage,
  queues: Queues,
  clock: Clock,
  deployment: string,
  causes: readonly Cause[],
  delaySeconds: number,
): Promise<void> {
  const send = async (): Promise<void> => {
    await queues.evaluate({ deployment }, delaySeconds);
    await noteSent(storage, deployment);
  };
  for (let race = 0; race < mostRaces; race++) {
    const now = clock.now();
    const before = await find(storage, deployment);
    const underWay = before?.waiting === true && !isLate(before, now);
    // Azure is read after the mark is taken: what is noted already, or no longer noted one by one, needs no write.
    if (underWay && (before.more > 0 || areKnown(before, causes))) {
      return needsMessage(before, causes, now) ? send() : undefined;
    }
    const content: Content = {
      deployment,
      waiting: true,
      sent: underWay && before.sent,
      worker: '',
      dueAt: underWay ? before.dueAt : new Date(now.getTime() + delaySeconds * 1000).toISOString(),
      since: before?.since ?? now.toISOString(),
      markedAt: now.toISOString(),
      attempts: before?.attempts ?? 0,
      ...withCauses(before, causes),
    };
    if ((await write(storage, content, before?.etag)) === undefined) continue;
    return !underWay || needsMessage(before, causes, now) ? send() : undefined;
  }
  throw new Error(`the pending mark of one deployment changed ${mostRaces} times while it was being written`);
}

export type Taken =
  | { readonly kind: 'none' }
  /** A message more than the mark needed, and sooner than its time: what is still coming in would be looked at twice. */
  | { readonly kind: 'early'; readonly seconds: number }
  | { readonly kind: 'taken'; readonly pending: Pending };

/** Clocks of queue and function differ a little. */
const toleranceMs = 2_000;

/** Takes the mark, if its time has come: from here on a new event sends a new message. */
export async function takePending(storage: Storage, clock: Clock, deployment: string): Promise<Taken> {
  for (let race = 0; race < mostRaces; race++) {
    const before = await find(storage, deployment);
    if (!before) return { kind: 'none' };
    const early = Date.parse(before.dueAt) - clock.now().getTime();
    if (before.waiting && early > toleranceMs) return { kind: 'early', seconds: early / 1000 };
    const mine = { ...before, waiting: false, sent: false, worker: randomUUID() };
    const etag = await write(storage, mine, before.etag);
    if (etag !== undefined) return { kind: 'taken', pending: { ...mine, etag } };
  }
  throw new Error(`the pending mark of one deployment changed ${mostRaces} times while it was being taken`);
}

/**
 * The work is done: the mark goes, unless an event has set it again; then only what was dealt with goes. A mark that another
 * worker has taken since is that worker's to remove: should it crash, the mark must still be there.
 */
export async function finishPending(storage: Storage, taken: Pending): Promise<void> {
  for (let race = 0; race < mostRaces; race++) {
    const now = race === 0 ? taken : await find(storage, taken.deployment);
    if (!now || (!now.waiting && now.worker !== taken.worker)) return;
    if (!now.waiting) {
      try {
        await storage.table.deleteEntity(deploymentPartition(taken.deployment), pendingRow, { etag: now.etag });
        return;
      } catch (error) {
        if (isAbsent(error)) return;
        if (!isConflict(error)) throw error;
        continue;
      }
    }
    const done = new Set(taken.causes.map(({ eventId }) => eventId));
    const causes = now.causes.filter(({ eventId }) => !done.has(eventId));
    if ((await write(storage, { ...now, causes, more: 0, attempts: 0 }, now.etag)) !== undefined) return;
  }
}

/** Not now: looks again after a delay, with the same causes. */
export async function postponePending(
  storage: Storage,
  queues: Queues,
  clock: Clock,
  taken: Pending,
  delaySeconds: number,
  attempts: number,
): Promise<void> {
  const { deployment } = taken;
  await queues.evaluate({ deployment }, delaySeconds);
  const dueAt = new Date(clock.now().getTime() + delaySeconds * 1000).toISOString();
  // Where an event has set the mark again its own message is on its way: that one comes sooner.
  await write(storage, { ...taken, waiting: true, sent: true, dueAt, attempts }, taken.etag);
}

/** Every mark that there is. */
export async function* allPending(storage: Storage): AsyncGenerator<Pending> {
  const filter = `RowKey eq '${pendingRow}'`;
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) yield toPending(entity);
}
