/**
 * The outbox: what has to be said, written together with the state that it follows from, one row for each part that a channel
 * delivers. A row is deleted when its part is delivered, and not before.
 */
import type { TableEntity } from '@azure/data-tables';
import type { Channel } from '../alerts/channel.ts';
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
  readonly etag: string;
}

/** Entities for all that the channels have to deliver of one alert. */
export function outboxRows(partition: string, alert: Alert, channels: readonly Channel[], now: Date): TableEntity[] {
  const at = now.toISOString();
  return channels.flatMap((channel) =>
    channel.split(alert).map((part) => ({
      partitionKey: partition,
      rowKey: `${outboxPrefix}${channel.name}-${idOf(part)}`,
      channel: channel.name,
      attempts: 0,
      dueAt: at,
      createdAt: at,
      ...pack(part),
    })),
  );
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

/** What is not delivered yet: of one partition, or of all. */
export async function* undelivered(storage: Storage, partition?: string): AsyncGenerator<OutboxEntry> {
  const rows = `RowKey ge '${outboxPrefix}' and RowKey lt '${endOfPrefix(outboxPrefix)}'`;
  const filter = partition === undefined ? rows : `PartitionKey eq '${partition}' and ${rows}`;
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) yield toEntry(entity);
}

/** Notes that a try failed; somebody else's newer word counts more. */
export async function postpone(storage: Storage, entry: OutboxEntry, dueAt: Date): Promise<void> {
  const { partition: partitionKey, row: rowKey, etag, attempts } = entry;
  try {
    await storage.table.updateEntity(
      { partitionKey, rowKey, attempts: attempts + 1, dueAt: dueAt.toISOString() },
      'Merge',
      { etag },
    );
  } catch (error) {
    if (!isConflict(error) && !isAbsent(error)) throw error;
  }
}

export async function markDelivered(storage: Storage, entry: OutboxEntry): Promise<void> {
  try {
    await storage.table.deleteEntity(entry.partition, entry.row);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}
