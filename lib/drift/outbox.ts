/**
 * The outbox: what has to be said, written together with the state that it follows from, one row for each part that a channel
 * delivers. A row is deleted when its part is delivered, and not before.
 */
import type { TableEntity } from '@azure/data-tables';
import type { Alert } from './model.ts';
import { pack, unpack } from './packed.ts';
import { endOfPrefix, outboxPrefix } from './row-keys.ts';
import { isAbsent, isConflict, type Storage } from './storage.ts';

export interface OutboxEntry {
  readonly partition: string;
  readonly row: string;
  readonly channel: string;
  readonly alert: Alert;
  /** Tries that failed. */
  readonly attempts: number;
  /** ISO 8601; a message that comes earlier has another one behind it. */
  readonly dueAt: string;
  readonly createdAt: string;
  /** Nothing more is tried; kept for a replay. */
  readonly gaveUp: boolean;
  readonly etag: string;
}

/** What one channel delivers at once. */
export interface Part {
  readonly channel: string;
  readonly alert: Alert;
}

/** Entities for what has to be delivered. */
export function outboxRows(partition: string, parts: readonly Part[], now: Date): TableEntity[] {
  const at = now.toISOString();
  return parts.map(({ channel, alert }) => ({
    partitionKey: partition,
    rowKey: `${outboxPrefix}${channel}-${idOf(alert)}`,
    channel,
    attempts: 0,
    dueAt: at,
    createdAt: at,
    queued: false,
    gaveUp: false,
    ...pack(alert),
  }));
}

/** A part of one transition goes by the transition's id. */
function idOf(alert: Alert): string {
  const [only, second] = alert.type === 'drift' ? alert.transitions : [];
  return only && !second ? only.id : alert.id;
}

/** The alert was written by this program: what is read back is what was written. */
function toEntry(entity: Readonly<Record<string, unknown>>): OutboxEntry {
  return {
    partition: String(entity.partitionKey),
    row: String(entity.rowKey),
    channel: String(entity.channel),
    alert: unpack(entity) as Alert,
    attempts: Number(entity.attempts),
    dueAt: String(entity.dueAt),
    createdAt: String(entity.createdAt),
    gaveUp: entity.gaveUp === true,
    etag: String(entity.etag),
  };
}

/** `undefined`: it is delivered already. */
export async function findEntry(storage: Storage, partition: string, row: string): Promise<OutboxEntry | undefined> {
  try {
    return toEntry(await storage.table.getEntity(partition, row));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const outboxRange = `RowKey ge '${outboxPrefix}' and RowKey lt '${endOfPrefix(outboxPrefix)}'`;

async function* entries(storage: Storage, filter: string): AsyncGenerator<OutboxEntry> {
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) yield toEntry(entity);
}

/** What is not delivered yet, of all partitions; what was given up is not among it. */
export function undelivered(storage: Storage): AsyncGenerator<OutboxEntry> {
  return entries(storage, `${outboxRange} and gaveUp eq false`);
}

/** What has no message yet, of one partition. */
export function unqueued(storage: Storage, partition: string): AsyncGenerator<OutboxEntry> {
  return entries(storage, `PartitionKey eq '${partition}' and ${outboxRange} and queued eq false`);
}

/** Changes a few properties of a row; somebody else's newer word, or a delivery, counts more. */
async function merge(storage: Storage, entry: OutboxEntry, properties: Record<string, unknown>): Promise<void> {
  const { partition: partitionKey, row: rowKey, etag } = entry;
  try {
    await storage.table.updateEntity({ partitionKey, rowKey, ...properties }, 'Merge', { etag });
  } catch (error) {
    if (!isConflict(error) && !isAbsent(error)) throw error;
  }
}

/** A message for it is on its way. */
export function markQueued(storage: Storage, entry: OutboxEntry): Promise<void> {
  return merge(storage, entry, { queued: true });
}

/** Notes that a try failed. */
export function postpone(storage: Storage, entry: OutboxEntry, dueAt: Date): Promise<void> {
  return merge(storage, entry, { attempts: entry.attempts + 1, dueAt: dueAt.toISOString(), queued: true });
}

/** Nothing more is tried of its own accord. */
export function giveUp(storage: Storage, entry: OutboxEntry): Promise<void> {
  return merge(storage, entry, { gaveUp: true, queued: true });
}

export async function markDelivered(storage: Storage, entry: OutboxEntry): Promise<void> {
  try {
    await storage.table.deleteEntity(entry.partition, entry.row);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
