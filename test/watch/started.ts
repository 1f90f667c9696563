/** A local watcher for tests of one thing that goes wrong: a sound estate, seen and quiet, and what came out of it since. */
import { afterEach } from 'vitest';
import { type LocalOptions, type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { webhookAlerts } from './alerts.ts';
import { Colleague } from './colleague.ts';

export const sound = brokenEstate([]);
export const controlPlane = `${ids.table}/routes/control-plane`;

let watcher: LocalWatcher | undefined;

export interface Started {
  readonly watcher: LocalWatcher;
  readonly colleague: Colleague;
  /** Every line that the functions logged. */
  readonly log: string[];
}

export async function start(options: Partial<LocalOptions> = {}): Promise<Started> {
  const log: string[] = [];
  watcher = await startLocalWatcher({
    resources: sound.resources,
    policy: JSON.stringify({ clients: ['20.10.0.0/24'] }),
    settleSeconds: 0,
    retryMs: 1_000,
    onLog: ({ level, function: name, message }) => log.push(`${level} ${name} ${message}`),
    ...options,
  });
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
  watcher.receiver.received.length = 0;
  return { watcher, colleague: new Colleague(watcher.azure), log };
}

/** `opened control-plane-route`, ... of every delivery to the webhook. */
export function kinds({ receiver }: LocalWatcher): string[] {
  return webhookAlerts(receiver.received).map(
    ({ kind, subject }) => `${kind} ${subject.slice(subject.lastIndexOf('/') + 1)}`,
  );
}

afterEach(async () => {
  await watcher?.stop();
  watcher = undefined;
});
