/**
 * The proof that changes reach the watcher: in each watched subscription a route table with nothing in it is made and deleted, until
 * the watcher says that it heard of that subscription since. It belongs to no subnet, so that nothing is evaluated.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ResourceManager } from './resource-manager.ts';

const statusSchema = z.looseObject({
  heard: z.array(z.looseObject({ subscriptionId: z.string(), eventId: z.string() })),
});

export interface Watched {
  /** Of the function app: scheme and host. */
  readonly url: string;
  readonly key: string;
  readonly topicIds: readonly string[];
  readonly location: string;
}

export interface Patience {
  /** Milliseconds in all. */
  readonly atMost: number;
  /** Between two changes. */
  readonly again: number;
  readonly every: number;
}

export const patience = { again: 60_000, every: 3000 };

/** Subscription -> id of the last event that was heard of it. @throws Error when the watcher does not answer */
async function heardBy({ url, key }: Watched): Promise<ReadonlyMap<string, string>> {
  const response = await fetch(`${url}/api/status`, {
    headers: { 'x-functions-key': key, Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`the watcher's status was answered with ${response.status}`);
  const { heard } = statusSchema.parse(await response.json());
  return new Map(heard.map(({ subscriptionId, eventId }) => [subscriptionId.toLowerCase(), eventId]));
}

/** A new app needs a while to answer at all. */
async function firstAnswer(watched: Watched, until: number, every: number): Promise<ReadonlyMap<string, string>> {
  for (;;) {
    try {
      return await heardBy(watched);
    } catch (error) {
      if (Date.now() + every > until) throw error;
      await sleep(every);
    }
  }
}

/** Makes a change that concerns nobody. */
async function change(ask: ResourceManager, group: string, location: string): Promise<void> {
  const path = `${group}/providers/Microsoft.Network/routeTables/tunnelwatch-proof-${randomUUID().slice(0, 8)}`;
  try {
    await ask('PUT', path, '2024-05-01', { location, properties: { routes: [] } });
  } finally {
    await ask('DELETE', path, '2024-05-01');
  }
}

/**
 * @param say told of each subscription that is heard
 * @returns subscriptions of which nothing was heard
 * @throws Error when the watcher does not answer, or the change is refused
 */
export async function unheard(
  ask: ResourceManager,
  watched: Watched,
  say: (line: string) => void,
  { atMost, again, every }: Patience,
): Promise<readonly string[]> {
  const start = Date.now();
  const before = await firstAnswer(watched, start + atMost, every);
  const groups = new Map(
    watched.topicIds.map((id) => [id.split('/')[2]?.toLowerCase() ?? '', id.split(/\/providers\//i)[0] ?? '']),
  );
  let changedAt = Number.NEGATIVE_INFINITY;
  while (groups.size > 0 && Date.now() - start < atMost) {
    if (Date.now() - changedAt >= again) {
      changedAt = Date.now();
      await Promise.all([...groups.values()].map((group) => change(ask, group, watched.location)));
    }
    await sleep(every);
    const now = await heardBy(watched);
    for (const subscription of groups.keys()) {
      const heard = now.get(subscription);
      if (heard === undefined || heard === before.get(subscription)) continue;
      groups.delete(subscription);
      say(`${subscription}: its changes reach the watcher (${Math.round((Date.now() - start) / 1000)} s)`);
    }
  }
  return [...groups.keys()];
}
