/**
 * From an edit in Azure to an alert at the receivers, with everything real between: Event Grid's envelopes, the bundled functions in
 * their host, Azurite, Azure's clients over TLS, signed webhooks. What is expected comes from an audit of what stands in the store.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeUpPrincipal } from '../../local/azure/events.ts';
import { type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { breakages, brokenEstate, ids } from '../support/broken-estate.ts';
import { cards, customEvents, webhookAlerts } from './alerts.ts';
import { auditOf, Colleague, type Json, openIn } from './colleague.ts';

const sound = brokenEstate([]);
const policy = JSON.stringify({ clients: ['20.10.0.0/24'] });
const deploymentKey = `${ids.service.toLowerCase()}|westeurope`;

let watcher: LocalWatcher;
let colleague: Colleague;
const log: string[] = [];

beforeAll(async () => {
  watcher = await startLocalWatcher({
    resources: sound.resources,
    policy,
    settleSeconds: 0,
    onLog: ({ level, function: name, message }) => log.push(`${level} ${name} ${message}`),
  });
  colleague = new Colleague(watcher.azure);
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
});
afterAll(async () => {
  await watcher?.stop();
});

/** What came to the receivers while something was done. */
async function during(work: () => Promise<unknown>) {
  const from = watcher.receiver.received.length;
  const requestsFrom = watcher.azure.requests.length;
  await work();
  await watcher.idle();
  const received = watcher.receiver.received.slice(from);
  const requests = watcher.azure.requests.slice(requestsFrom);
  return { received, alerts: webhookAlerts(received), reads: requests.filter(({ method }) => method === 'GET') };
}

function openNow(): Map<string, string> {
  return openIn(auditOf(watcher.azure, sound.policy));
}

describe('the first sight of an estate', () => {
  it('is told once, as a whole, on every channel', () => {
    const { received } = watcher.receiver;
    expect(webhookAlerts(received).map(({ kind }) => kind)).toEqual(['summary']);
    expect(cards(received)).toHaveLength(1);
    expect(customEvents(received).filter(({ name }) => name === 'TunnelEstateSeen')).toHaveLength(1);
  });
});

describe('a control plane route that is deleted', () => {
  const routeId = `${ids.table}/routes/control-plane`;
  const route = {
    id: routeId,
    name: 'control-plane',
    properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' },
  };

  it('opens one alert on each channel, with the counterexample, the fix and who did it', async () => {
    const { received, alerts } = await during(() => colleague.remove(routeId));
    expect(alerts.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['opened', `${deploymentKey}/control-plane-route`],
    ]);
    const finding = auditOf(watcher.azure, sound.policy).deployments[0]?.findings.find(
      ({ requirement }) => requirement === 'control-plane-route',
    );
    const data = alerts[0]?.data ?? {};
    expect(data.severity).toBe('high');
    expect(data.status).toEqual({ from: 'pass', to: 'fail' });
    expect(data.evidence).toMatchObject({ counterexample: finding?.evidence.counterexample });
    expect(data.fix).toMatchObject({ azureCli: finding?.fix?.azureCli });
    expect(data.causes).toMatchObject([
      {
        operation: 'Microsoft.Network/routeTables/routes/delete',
        resourceId: routeId,
        principal: { id: madeUpPrincipal.principalId, type: 'User' },
      },
    ]);
    const events = customEvents(received).filter(({ name }) => name.startsWith('TunnelDrift'));
    expect(events.map(({ name, properties }) => [name, properties.requirement, properties.operation])).toEqual([
      ['TunnelDriftOpened', 'control-plane-route', 'Microsoft.Network/routeTables/routes/delete'],
    ]);
    expect(cards(received)).toHaveLength(1);
    expect(cards(received)[0]).toContain(String(finding?.evidence.counterexample?.addressPrefix));
    expect(cards(received)[0]).toContain(madeUpPrincipal.principalId);
  });

  it('says nothing when it is looked at again', async () => {
    const { alerts } = await during(() => watcher.host.invokeTimer('sweep'));
    expect(alerts).toEqual([]);
  });

  it('resolves once when the route is put back', async () => {
    const { received, alerts } = await during(() => colleague.put(route));
    expect(alerts.map(({ kind, subject }) => [kind, subject])).toEqual([
      ['resolved', `${deploymentKey}/control-plane-route`],
    ]);
    const events = customEvents(received).filter(({ name }) => name.startsWith('TunnelDrift'));
    expect(events.map(({ name }) => name)).toEqual(['TunnelDriftResolved']);
    expect(cards(received)[0]).toContain('Resolved');
  });
});

describe('an edit', () => {
  it.each(Object.keys(breakages))(
    '"%s" is told exactly as far as it breaks something, and when it is mended',
    async (name) => {
      const before = openNow();
      const broken = await during(() => colleague.makeItSo(brokenEstate([name]).resources));
      const after = openNow();
      const opened = [...after.keys()].filter((key) => !before.has(key)).sort();
      const of = (kind: string, alerts: typeof broken.alerts) =>
        alerts
          .filter((alert) => alert.kind === kind)
          .map(({ subject }) => subject)
          .sort();
      expect(of('opened', broken.alerts)).toEqual(opened);
      expect(broken.alerts.filter(({ kind }) => kind !== 'opened')).toEqual([]);
      expect(opened.map((key) => key.slice(deploymentKey.length + 1))).toEqual(
        expect.arrayContaining([...(breakages[name]?.expected ?? [])]),
      );
      const told = customEvents(broken.received).filter(({ name: event }) => event === 'TunnelDriftOpened');
      expect(told.map(({ properties }) => properties.fingerprint).sort()).toEqual(opened);
      const mended = await during(() => colleague.makeItSo(sound.resources as Json[]));
      expect(openNow()).toEqual(before);
      expect(of('resolved', mended.alerts)).toEqual(opened);
      expect(mended.alerts.filter(({ kind }) => kind !== 'resolved')).toEqual([]);
    },
  );
});

describe('what is read', () => {
  it('is nothing for a resource that nobody depends on', async () => {
    const id =
      '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-other/providers/Microsoft.Compute/virtualMachines/vm';
    const { reads, alerts } = await during(() =>
      colleague.put({ id, name: 'vm', location: 'westeurope', properties: {} }),
    );
    expect(reads).toEqual([]);
    expect(alerts).toEqual([]);
  });

  it('is at most six resources for an edit of a route', async () => {
    const id = `${ids.table}/routes/extra`;
    const { reads } = await during(() =>
      colleague.put({
        id,
        name: 'extra',
        properties: { addressPrefix: '10.99.0.0/16', nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.0.1.4' },
      }),
    );
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.length).toBeLessThanOrEqual(6);
    await during(() => colleague.remove(id));
  });

  it('ends where nothing is left to be read: no error was logged in all of this', () => {
    expect(log.filter((line) => line.startsWith('error'))).toEqual([]);
  });
});
