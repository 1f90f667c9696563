/** Messages that failed for good: kept as they came, so that they can be looked at and put back once the cause is mended. */
import { createHash } from 'node:crypto';
import { pack, unpack } from './packed.ts';
import type { Queues } from './queues.ts';
import { isAbsent, type Storage } from './storage.ts';

export interface PoisonMessage {
  readonly id: string;
  readonly queue: string;
  readonly at: string;
}

const partitionKey = 'poison';
/** What the table can hold of a message; Azure's queues take 64 KB. */
interface Kept {
  readonly text: string;
}

/** @returns its id: the same message kept twice is kept once */
export async function keepPoison(storage: Storage, queue: string, text: string, at: Date): Promise<string> {
  const id = createHash('sha256').update(`${queue}\n${text}`).digest('hex').slice(0, 32);
  await storage.table.upsertEntity(
    { partitionKey, rowKey: id, queue, at, ...pack({ text } satisfies Kept) },
    'Replace',
  );
  return id;
}

export async function listPoison(storage: Storage): Promise<PoisonMessage[]> {
  const found: PoisonMessage[] = [];
  const filter = `PartitionKey eq '${partitionKey}'`;
  for await (const { rowKey, queue, at } of storage.table.listEntities({ queryOptions: { filter } })) {
    found.push({ id: String(rowKey), queue: String(queue), at: at instanceof Date ? at.toISOString() : String(at) });
  }
  return found;
}

/** Puts a message back into its queue, then forgets it. @returns false where there is no such message */
export async function replayPoison(storage: Storage, queues: Queues, id: string): Promise<boolean> {
  try {
    const entity = await storage.table.getEntity(partitionKey, id);
    await queues.resend(String(entity.queue), (unpack(entity) as Kept).text);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
  await storage.table.deleteEntity(partitionKey, id);
  return true;
}
