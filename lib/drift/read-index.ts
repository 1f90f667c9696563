/**
 * Which deployments read what: one row for each key of each read set, in the partition of the key. A change event finds those
 * that it concerns without a list of "which type matters for what". A row is written before the thing is read for the first
 * time, so that no event can fall between, and removed after the state that needed it is replaced; one row too many costs one
 * evaluation too many, no more.
 */
import { deploymentRow, readPartition } from './row-keys.ts';
import { isAbsent, type Storage } from './storage.ts';

/** So many requests to the table go out at once. */
const width = 16;

export async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const item = items[next++];
      if (item !== undefined) await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
}

export async function addReads(storage: Storage, deployment: string, keys: readonly string[]): Promise<void> {
  await inParallel(keys, async (key) => {
    const row = { partitionKey: readPartition(key), rowKey: deploymentRow(deployment), deployment, key };
    await storage.table.upsertEntity(row, 'Replace');
  });
}

export async function removeReads(storage: Storage, deployment: string, keys: readonly string[]): Promise<void> {
  await inParallel(keys, async (key) => {
    try {
      await storage.table.deleteEntity(readPartition(key), deploymentRow(deployment));
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  });
}

/** Key -> the deployments that read it; each key is looked up once. */
export async function readersOf(
  storage: Storage,
  keys: Iterable<string>,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const readers = new Map<string, string[]>();
  await inParallel([...new Set(keys)], async (key) => {
    const filter = `PartitionKey eq '${readPartition(key)}'`;
    const found: string[] = [];
    for await (const row of storage.table.listEntities({ queryOptions: { filter } }))
      found.push(String(row.deployment));
    readers.set(key, found);
  });
  return readers;
}
