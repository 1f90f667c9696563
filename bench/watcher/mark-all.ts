/** Marks every known deployment, as a change that all of them depend on would. */
import { systemClock } from '../../lib/clock.ts';
import { allStates } from '../../lib/drift/deployment-store.ts';
import { markPending } from '../../lib/drift/pending.ts';
import { openQueues, type Queues } from '../../lib/drift/queues.ts';
import { inParallel } from '../../lib/drift/read-index.ts';
import { openStorage, type Storage } from '../../lib/drift/storage.ts';
import type { LocalWatcher } from '../../local/watcher.ts';

export interface Marking {
  readonly storage: Storage;
  readonly queues: Queues;
}

export async function queuesOf({ storage }: LocalWatcher): Promise<Marking> {
  const opened = await openStorage({ kind: 'connectionString', connectionString: storage.connectionString });
  return { storage: opened, queues: openQueues(opened) };
}

export async function markAll(_watcher: LocalWatcher, { storage, queues }: Marking): Promise<void> {
  const keys: string[] = [];
  for await (const { state } of allStates(storage)) keys.push(state.facts.key);
  await inParallel(keys, (key) => markPending(storage, queues, systemClock, key, [], 0));
}
