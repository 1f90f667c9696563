/** Waiting until all is said: also messages that are hidden for a while are waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { WatcherStatus } from '../../lib/watch/status.ts';

export async function statusOf({ url, key }: { readonly url: string; readonly key: string }): Promise<WatcherStatus> {
  const response = await fetch(`${url}/api/status`, { headers: { 'x-functions-key': key } });
  if (!response.ok) throw new Error(`status was answered with ${response.status}`);
  return (await response.json()) as WatcherStatus;
}

/** @throws Error where messages are left after `patienceMs` */
export async function untilQuiet(
  host: { readonly url: string; readonly key: string },
  patienceMs = 120_000,
): Promise<WatcherStatus> {
  const end = Date.now() + patienceMs;
  let status = await statusOf(host);
  let quiet = 0;
  // The counts are of messages in the queues, those being worked on included; twice, because one may be between two queues.
  while (quiet < 2) {
    if (Date.now() > end) throw new Error(`not quiet after ${patienceMs} ms: ${JSON.stringify(status.queues)}`);
    await sleep(100);
    status = await statusOf(host);
    quiet = Object.values(status.queues).every((count) => count === 0) ? quiet + 1 : 0;
  }
  return status;
}

/** `<deployment>/<requirement>` -> `<status> <severity>` of what the watcher holds for open. */
export function openInStatus(status: WatcherStatus): Map<string, string> {
  return new Map(
    status.deployments.flatMap(({ key, open }) =>
      open.map(
        ({ requirement, status: state, severity }) => [`${key}/${requirement}`, `${state} ${severity}`] as const,
      ),
    ),
  );
}
