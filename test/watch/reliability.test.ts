/** Nothing lost, nothing doubled: what Event Grid, Azure and the receivers may do to the watcher, one thing at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { type LocalOptions, type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { customEvents, replay, webhookAlerts } from './alerts.ts';
import { auditOf, Colleague, openIn, propertiesOf } from './colleague.ts';
import { openInStatus, statusOf, untilQuiet } from './quiet.ts';

const sound = brokenEstate([]);
const policy = JSON.stringify({ clients: ['20.10.0.0/24'] });
const controlPlane = `${ids.table}/routes/control-plane`;

let watcher: LocalWatcher | undefined;
let log: string[] = [];

async function start(
  options: Partial<LocalOptions> = {},
): Promise<{ readonly watcher: LocalWatcher; readonly colleague: Colleague }> {
  log = [];
  const started = await startLocalWatcher({
    resources: sound.resources,
    policy,
    settleSeconds: 0,
    retryMs: 1_000,
    onLog: ({ level, function: name, message }) => log.push(`${level} ${name} ${message}`),
    ...options,
  });
  watcher = started;
  await started.host.invokeTimer('sweep');
  await started.idle();
  started.receiver.received.length = 0;
  return { watcher: started, colleague: new Colleague(started.azure) };
}

afterEach(async () => {
  await watcher?.stop();
  watcher = undefined;
});

const evaluations = (): number =>
  log.filter((line) => line.includes('evaluateDeployment') && line.includes(': evaluated')).length;
const kinds = (started: LocalWatcher): string[] =>
  webhookAlerts(started.receiver.received).map(
    ({ kind, subject }) => `${kind} ${subject.slice(subject.lastIndexOf('/') + 1)}`,
  );

describe('events', () => {
  it('that come twice, in any order and in batches make one alert each', async () => {
    const { watcher: started, colleague } = await start({
      settleSeconds: 1,
      trouble: { duplicates: 1, reorderMs: 400, seed: 7 },
    });
    await colleague.remove(controlPlane);
    await colleague.remove(`${ids.table}/routes/kms1`);
    await colleague.put({
      id: `${ids.table}/routes/other`,
      name: 'other',
      properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' },
    });
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started).sort()).toEqual(['opened control-plane-route', 'opened firewall-kms', 'opened kms-route']);
  });

  it('a thousand on one table in ten seconds are three evaluations at most, and one alert a finding', async () => {
    const { watcher: started, colleague } = await start({ settleSeconds: 6 });
    const before = evaluations();
    const from = Date.now();
    await colleague.remove(controlPlane);
    // The same table's events over and over, as a pipeline that rewrites it route by route sends them.
    const [template] = started.azure.events.raised.slice(-2);
    for (let count = 1; count < 1_000; count++) {
      if (template) started.azure.events.raise({ ...template, id: `repeated-${count}` });
      if (count % 100 === 0) await sleep(300);
    }
    await started.azure.events.idle();
    expect(Date.now() - from).toBeLessThan(60_000);
    await untilQuiet(started.host);
    const { events } = await statusOf(started.host);
    expect(events.queued).toBeGreaterThanOrEqual(1_000);
    expect(evaluations() - before).toBeGreaterThanOrEqual(1);
    expect(evaluations() - before).toBeLessThanOrEqual(3);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('that are dropped altogether are made up for by the sweep', async () => {
    const { watcher: started, colleague } = await start({ trouble: { drops: 1 } });
    await colleague.remove(controlPlane);
    await started.idle();
    expect(kinds(started)).toEqual([]);
    await started.host.invokeTimer('sweep');
    await started.idle();
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('of a firewall policy that are dropped are found too, although a copy of it is at hand', async () => {
    const { watcher: started, colleague } = await start({ trouble: { drops: 1 } });
    await colleague.makeItSo(brokenEstate(['firewall without Azure Monitor']).resources);
    await started.host.invokeTimer('sweep');
    await started.idle();
    expect(kinds(started).sort()).toEqual(['opened firewall-azure-monitor', 'opened firewall-entra-id']);
  });

  it('delivered into the queue do the same as those delivered to the webhook', async () => {
    const { watcher: started, colleague } = await start({ delivery: 'queue' });
    await colleague.remove(controlPlane);
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('that cannot be read are refused, told and kept, and can be put back', async () => {
    const { watcher: started } = await start({ delivery: 'queue', retryMs: 0 });
    const { QueueClient } = await import('@azure/storage-queue');
    const queue = new QueueClient(started.storage.connectionString, 'changes');
    await queue.sendMessage(Buffer.from('{"no":"event"}').toString('base64'));
    await untilQuiet(started.host);
    expect((await statusOf(started.host)).poison).toBe(1);
    expect(customEvents(started.receiver.received).filter(({ name }) => name === 'TunnelPoisonMessage')).toHaveLength(
      1,
    );
    const response = await fetch(`${started.host.url}/api/replay`, {
      method: 'POST',
      headers: { 'x-functions-key': started.host.key },
    });
    expect(await response.json()).toEqual({ replayed: 1 });
    await untilQuiet(started.host);
    expect((await statusOf(started.host)).poison).toBe(1);
  });
});

describe('Azure', () => {
  it.each([
    ['429 with Retry-After', { kind: 'throttle', retryAfter: 1, times: 2 }],
    ['429 without', { kind: 'throttle', times: 2 }],
    ['500', { kind: 'status', status: 500, times: 3 }],
    ['bodies that break off', { kind: 'truncate', times: 1 }],
    ['connections that are cut', { kind: 'reset', times: 2 }],
  ] as const)('answering with %s delays the verdict and does not change it', async (_name, fault) => {
    const { watcher: started, colleague } = await start();
    await colleague.call('GET', '/nothing');
    started.azure.faults.add({ match: /^GET .*routeTables/i, ...fault });
    await colleague.remove(controlPlane);
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
    expect(openInStatus(await statusOf(started.host))).toEqual(openIn(auditOf(started.azure, sound.policy)));
  });

  it('answering with half a list of firewalls is no reading at all', async () => {
    const { watcher: started, colleague } = await start();
    started.azure.faults.add({ match: /^GET .*azureFirewalls\?/i, kind: 'halfPage', times: 1 });
    started.azure.faults.add({ match: /^GET \/broken/, kind: 'status', status: 500 });
    // A change of the firewall makes its list be read again.
    const firewall = started.azure.store.all().find(({ id }) => id === ids.firewall);
    await colleague.put({ ...firewall, tags: { changed: 'yes' } });
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual([]);
    expect(log.some((line) => line.includes('postponed'))).toBe(true);
  });

  it('refusing to show the security group makes its findings unknown, naming the missing action, and never passes', async () => {
    const { watcher: started, colleague } = await start();
    started.azure.faults.add({
      match: /^GET .*networkSecurityGroups/i,
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
    });
    await colleague.put({
      id: `${ids.table}/routes/x`,
      name: 'x',
      properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' },
    });
    await started.azure.events.idle();
    const { deployments } = await untilQuiet(started.host);
    expect(deployments[0]?.verdict).toBe('unknown');
    expect(deployments[0]?.errors.map(({ message }) => message).join()).toContain(
      'Microsoft.Network/networkSecurityGroups/read',
    );
    expect(kinds(started).every((kind) => kind.startsWith('opened nsg-'))).toBe(true);
    expect(kinds(started).length).toBeGreaterThan(3);
  });

  it('still changing a resource is looked at again before anybody is alarmed', async () => {
    const { watcher: started, colleague } = await start({ updatingMs: 3_000 });
    const table = started.azure.store.all().find(({ id }) => id === ids.table);
    const routes = (propertiesOf(table) as { routes: Record<string, unknown>[] }).routes;
    await colleague.put({
      ...table,
      properties: { ...(table?.properties as object), routes: routes.filter(({ name }) => name !== 'control-plane') },
    });
    await started.idle();
    await sleep(500);
    expect(kinds(started)).toEqual([]);
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('without the service any more ends its drifts', async () => {
    const { watcher: started, colleague } = await start();
    await colleague.remove(controlPlane);
    await started.idle();
    await colleague.remove(ids.service);
    await started.idle();
    const { deployments } = await untilQuiet(started.host);
    expect(deployments).toEqual([]);
    expect(kinds(started)).toEqual(['opened control-plane-route', 'resolved control-plane-route']);
  });

  it('with a new service is watched from its first event on', async () => {
    const { watcher: started, colleague } = await start();
    const { service } = { service: sound.resources.find(({ id }) => id === ids.service) ?? {} };
    const id = `${ids.service}-two`;
    await colleague.remove(controlPlane);
    await colleague.put({ ...service, id, name: 'apim-one-two' });
    await started.idle();
    const status = await untilQuiet(started.host);
    expect(status.deployments.map(({ name }) => name).sort()).toEqual(['apim-one', 'apim-one-two']);
    expect(openInStatus(status)).toEqual(openIn(auditOf(started.azure, sound.policy)));
  });
});

describe('storage', () => {
  it('that answers nothing for thirty seconds loses nothing', async () => {
    const { watcher: started, colleague } = await start({
      trouble: { retryMs: Array.from({ length: 60 }, () => 1_000) },
    });
    const { pid = 0 } = started.storage;
    process.kill(pid, 'SIGSTOP');
    await colleague.remove(controlPlane);
    await sleep(15_000);
    await colleague.remove(`${ids.table}/routes/kms1`);
    await sleep(15_000);
    process.kill(pid, 'SIGCONT');
    await started.azure.events.idle();
    const status = await untilQuiet(started.host, 100_000);
    expect(openInStatus(status)).toEqual(openIn(auditOf(started.azure, sound.policy)));
    const told = new Map(webhookAlerts(started.receiver.received).map((alert) => [alert.id, alert]));
    expect([...replay([...told.values()])].sort()).toEqual([...openInStatus(status)].sort());
  });
});

describe('receivers', () => {
  it('that are down keep no other waiting, and get the same alert under the same id later', async () => {
    const { watcher: started, colleague } = await start();
    started.receiver.answer('webhook', 503, 2);
    await colleague.remove(controlPlane);
    await started.idle();
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toHaveLength(1);
    expect(kinds(started)).toEqual([]);
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
    const attempts = started.receiver.raw.filter((text) => text.includes('drift.opened'));
    const idsOfAttempts = attempts.map((text) => /"webhook-id":"([^"]+)"/.exec(text)?.[1]);
    expect(attempts).toHaveLength(3);
    expect(new Set(idsOfAttempts).size).toBe(1);
  });

  it('that refuse an alert for good are told of, and the alert can be replayed', async () => {
    const { watcher: started, colleague } = await start();
    started.receiver.answer('teams', 410, 1);
    await colleague.remove(controlPlane);
    await started.idle();
    await untilQuiet(started.host);
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toEqual([]);
    expect((await statusOf(started.host)).poison).toBe(1);
    await fetch(`${started.host.url}/api/replay`, { method: 'POST', headers: { 'x-functions-key': started.host.key } });
    await untilQuiet(started.host);
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toHaveLength(1);
    expect((await statusOf(started.host)).poison).toBe(0);
  });
});
