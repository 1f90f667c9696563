/**
 * Everything at once, seeded and bounded: random edits while events come twice, late, in batches or not at all, Resource Manager
 * throttles, fails and breaks off, receivers go down, and the storage stops answering. When it is over, and a sweep has passed, the
 * watcher must hold what an audit of Azure finds, and its alerts, replayed, must say the same. CHAOS_SEED names another seed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../local/azure/faults.ts';
import { type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { breakages, brokenEstate } from '../support/broken-estate.ts';
import { replay, webhookAlerts } from './alerts.ts';
import { auditOf, Colleague, openIn } from './colleague.ts';
import { openInStatus, untilQuiet } from './quiet.ts';

const seed = Number(process.env.CHAOS_SEED ?? 20261123);
const edits = 40;
const sound = brokenEstate([]);

let watcher: LocalWatcher;
const log: string[] = [];

beforeAll(async () => {
  watcher = await startLocalWatcher({
    resources: sound.resources,
    policy: JSON.stringify({ clients: ['20.10.0.0/24'] }),
    settleSeconds: 0,
    retryMs: 1_000,
    updatingMs: 50,
    trouble: { duplicates: 0.3, drops: 0.1, reorderMs: 300, seed },
    onLog: ({ level, function: name, message }) => log.push(`${level} ${name} ${message}`),
  });
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
});
afterAll(async () => {
  await watcher?.stop();
});

function break_(random: () => number): void {
  const { azure, receiver } = watcher;
  azure.faults.clear();
  receiver.recover();
  const hits = { probability: 0.15 };
  // Only the watcher's reads: a colleague whose own request fails has changed nothing.
  azure.faults.add({ match: /^GET/, kind: 'throttle', retryAfter: 0, ...hits });
  azure.faults.add({ match: /^GET/, kind: 'status', status: 503, ...hits });
  azure.faults.add({ match: /^GET/, kind: 'truncate', probability: 0.03 });
  azure.faults.add({ match: /^GET/, kind: 'reset', probability: 0.05 });
  if (random() < 0.4) receiver.answer('webhook', 503, 1 + Math.floor(random() * 2));
  if (random() < 0.3) receiver.answer('teams', 429, 1, { 'Retry-After': '1' });
  if (random() < 0.2) receiver.answer('applicationInsights', 500, 1);
}

async function freezeStorage(milliseconds: number): Promise<void> {
  const { pid } = watcher.storage;
  if (pid === undefined) throw new Error('the storage has no process');
  process.kill(pid, 'SIGSTOP');
  await sleep(milliseconds);
  process.kill(pid, 'SIGCONT');
}

it('ends where an audit ends, and its alerts tell exactly that', { timeout: 300_000 }, async () => {
  const random = seeded(seed);
  const { azure, receiver, host } = watcher;
  azure.faults.seed(seed);
  const colleague = new Colleague(azure);
  const names = Object.keys(breakages);
  const initial = openIn(auditOf(azure, sound.policy));
  for (let edit = 0; edit < edits; edit++) {
    break_(random);
    const faults = names.filter(() => random() < 0.08);
    await colleague.makeItSo(brokenEstate(faults).resources);
    await sleep(random() * 400);
    if (edit === edits / 2) await freezeStorage(4_000);
    if (random() < 0.1) await host.invokeTimer('sweep').catch(() => {});
  }
  azure.faults.clear();
  receiver.recover();
  await azure.events.idle();
  await untilQuiet(host, 180_000);
  // What was dropped is found by the sweep; what it finds is read fresh.
  await host.invokeTimer('sweep');
  const status = await untilQuiet(host, 120_000);
  const truth = openIn(auditOf(azure, sound.policy));
  const alerts = webhookAlerts(receiver.received);
  const context = `seed ${seed}`;
  expect(openInStatus(status), context).toEqual(truth);
  expect(Object.fromEntries(replay(alerts)), context).toEqual(
    Object.fromEntries([...truth].filter(([key]) => !initial.has(key))),
  );
  expect(receiver.forged(), context).toBe(0);
  expect(status.poison, context).toBe(0);
  // It was no walk in the park: without these the test would prove nothing.
  expect(alerts.filter(({ kind }) => kind === 'opened').length).toBeGreaterThan(5);
  expect(azure.requests.filter(({ status: answered }) => answered >= 429).length).toBeGreaterThan(10);
});
