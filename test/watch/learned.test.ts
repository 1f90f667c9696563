/** Routes that no route table shows, from the answers of the simulated gateways to the alert that people read. */
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../local/azure/store.ts';
import { ids, route } from '../support/broken-estate.ts';
import {
  gateway,
  gatewayIn,
  hubGateway,
  learned,
  provider,
  withGateway,
  withRemoteGateway,
} from '../support/learning-estate.ts';
import { cards, webhookAlerts } from './alerts.ts';
import { untilQuiet } from './quiet.ts';
import { kinds, type Started, start } from './started.ts';

async function sweep({ watcher }: Started): Promise<void> {
  watcher.receiver.received.length = 0;
  await watcher.host.invokeTimer('sweep');
  await untilQuiet(watcher.host);
}

function told({ watcher }: Started, requirement = 'control-plane-route') {
  const alert = webhookAlerts(watcher.receiver.received)
    .filter(({ subject }) => subject.endsWith(`/${requirement}`))
    .at(-1);
  const evidence = (alert?.data.evidence ?? {}) as { notSeen?: string[] };
  return { status: alert?.status, severity: alert?.severity, message: String(alert?.data.message), evidence };
}

function asked({ watcher }: Started): string[] {
  return watcher.azure.requests.filter(({ method }) => method === 'POST').map(({ path }) => path);
}

async function putTable({ colleague, watcher }: Started, properties: Resource): Promise<void> {
  const table = watcher.azure.store.all().find(({ id }) => id === ids.table);
  await colleague.put({ ...table, properties: { ...(table?.properties as Resource), ...properties } });
  await watcher.idle();
}

describe('a default route that a gateway has learned', () => {
  it.each([
    ['whole', ['0.0.0.0/0']],
    ['split', ['0.0.0.0/1', '128.0.0.0/1']],
  ])('%s, is an alert that names who announced it, and resolves when it is withdrawn', async (_, prefixes) => {
    const started = await start({ resources: withGateway() });
    const { learnedRoutes } = started.watcher.azure;
    learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: prefixes.map((prefix) => learned(prefix)) });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started)).toMatchObject({ status: 'fail', severity: 'high' });
    expect(told(started).message).toContain(
      'VirtualNetworkGateway, learned by gateway gw-one (EBgp from 10.9.0.4, AS path 65010)',
    );
    expect(cards(started.watcher.receiver.received).join()).toContain('learned by gateway gw-one');

    learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: [] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['resolved control-plane-route']);
  });

  it('loses against a user route of the same length, and not against a shorter one', async () => {
    const started = await start({ resources: withGateway() });
    await started.colleague.put(route('out', '0.0.0.0/0', 'Internet'));
    await started.watcher.idle();
    const { learnedRoutes } = started.watcher.azure;
    learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: [learned('0.0.0.0/0')] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
    learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: [learned('0.0.0.0/1'), learned('128.0.0.0/1')] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
  });

  it('does not reach a subnet whose table keeps learned routes out, whose gateway is then not asked', async () => {
    const resources = withGateway().map((resource) =>
      resource.id === ids.table
        ? { ...resource, properties: { ...(resource.properties as Resource), disableBgpRoutePropagation: true } }
        : resource,
    );
    const started = await start({ resources });
    started.watcher.azure.learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: [learned('0.0.0.0/0')] });
    started.watcher.azure.reset();
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
    expect(asked(started)).not.toContain(`${gateway}/getLearnedRoutes`);

    await putTable(started, { disableBgpRoutePropagation: false });
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
  });

  it('comes from the gateway of a peer, in another subscription, where the peering uses it', async () => {
    const started = await start({ resources: withRemoteGateway() });
    started.watcher.azure.learnedRoutes.set(`${hubGateway}/getLearnedRoutes`, { value: [learned('0.0.0.0/0')] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started).message).toContain('learned by gateway gw-hub');
  });

  it('of the network itself is none that it has learned', async () => {
    const started = await start({ resources: withGateway() });
    const routes = [learned('0.0.0.0/0', 'Network'), learned('10.1.0.0/16', 'Network')];
    started.watcher.azure.learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: routes });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
  });
});

describe('a gateway that fails for a moment', () => {
  it('is asked again before anything is said', async () => {
    const started = await start({ resources: withGateway() });
    const { learnedRoutes } = started.watcher.azure;
    started.watcher.azure.reset();
    learnedRoutes.way = 'failed';
    await started.watcher.host.invokeTimer('sweep');
    const end = Date.now() + 30_000;
    while (asked(started).filter((path) => path.endsWith('/getLearnedRoutes')).length < 3 && Date.now() < end)
      await new Promise((resolve) => setTimeout(resolve, 20));
    learnedRoutes.way = 'location';
    await untilQuiet(started.watcher.host);
    expect(kinds(started.watcher)).toEqual([]);
  });
});

describe('a default route of the table itself', () => {
  it.each([
    ['whole', ['0.0.0.0/0']],
    ['split', ['0.0.0.0/1', '128.0.0.0/1']],
  ])('%s, is the same alert, and names the appliance', async (_, prefixes) => {
    const started = await start({ resources: withGateway() });
    for (const prefix of prefixes)
      await started.colleague.put(route(`to-${prefix.replaceAll(/\W/g, '-')}`, prefix, 'VirtualAppliance', '10.0.1.4'));
    await started.watcher.idle();
    expect(kinds(started.watcher)[0]).toBe('opened control-plane-route');
    expect(told(started).message).toMatch(/ go to VirtualAppliance 10\.0\.1\.4, not to the Internet/);
  });
});

describe('a trace', () => {
  it('counts what the gateway has learned', async () => {
    const started = await start({ resources: withGateway() });
    started.watcher.azure.learnedRoutes.set(`${gateway}/getLearnedRoutes`, { value: [learned('8.0.0.0/8')] });
    const { url, key } = started.watcher.host;
    const response = await fetch(`${url}/api/trace?subnet=${ids.subnet}&to=8.8.8.8`, {
      headers: { 'x-functions-key': key },
    });
    expect(JSON.stringify(await response.json())).toContain('learned by gateway gw-one (EBgp from 10.9.0.4');
  });
});

describe('a default site of a gateway', () => {
  it('is an alert as soon as somebody sets it, with no route of any table changed', async () => {
    const started = await start({ resources: withGateway() });
    const site = { id: `${provider}/localNetworkGateways/headquarters` };
    await started.colleague.put(gatewayIn(ids.network, gateway, { gatewayDefaultSite: site }));
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started).message).toContain('default site headquarters of gateway gw-one');
    await started.colleague.put(gatewayIn(ids.network, gateway));
    await started.watcher.idle();
    expect(kinds(started.watcher).at(-1)).toBe('resolved control-plane-route');
  });

  it('is not made by custom routes, which are for clients of a point-to-site connection', async () => {
    const customRoutes = { addressPrefixes: ['0.0.0.0/1', '128.0.0.0/1'] };
    const started = await start({ resources: withGateway({ customRoutes }) });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
  });
});

describe('what a gateway has learned and nobody may read', () => {
  it.each([
    ['the routes', `${gateway}/getLearnedRoutes`, 'Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action'],
    ['the gateway', gateway, 'Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action'],
  ])('is unknown, and the alert names the action for %s', async (_, denied, action) => {
    const started = await start({ resources: withGateway() });
    started.watcher.azure.faults.deny(denied);
    await sweep(started);
    expect(kinds(started.watcher)).toContain('opened control-plane-route');
    expect(told(started)).toMatchObject({ status: 'unknown', severity: 'high' });
    expect(told(started).evidence.notSeen?.join()).toContain(`the action ${action} is not permitted`);
    expect(cards(started.watcher.receiver.received).join()).toContain(`the action ${action} is not permitted`);

    started.watcher.azure.faults.clear();
    await sweep(started);
    expect(kinds(started.watcher)).toContain('resolved control-plane-route');
  });
});

describe('asking gateways', () => {
  it('beyond the scope of the sweep shows it what an evaluation sees: nothing differs, and nothing is read anew', async () => {
    const environment = { TUNNELWATCH_SCOPES: provider.split('/')[2] ?? '' };
    const started = await start({ resources: withRemoteGateway(), environment });
    started.watcher.azure.learnedRoutes.set(`${hubGateway}/getLearnedRoutes`, { value: [learned('0.0.0.0/0')] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    started.watcher.azure.reset();
    await sweep(started);
    const paths = started.watcher.azure.requests.map(({ path }) => path.toLowerCase());
    expect(paths).not.toContain(ids.service.toLowerCase());
    expect(paths.filter((path) => path.endsWith('/getlearnedroutes'))).toHaveLength(1);
  });

  it('is done once for a sweep, and its own event wakes nobody', async () => {
    const started = await start({ resources: withGateway() });
    started.watcher.azure.reset();
    await sweep(started);
    await started.watcher.idle();
    expect(asked(started).filter((path) => path.endsWith('/getLearnedRoutes'))).toEqual([
      `${gateway}/getLearnedRoutes`,
    ]);
  });

  it('is not done where the network has none', async () => {
    const started = await start();
    await putTable(started, { disableBgpRoutePropagation: false });
    started.watcher.azure.reset();
    await sweep(started);
    expect(asked(started).filter((path) => path !== '/providers/Microsoft.ResourceGraph/resources')).toEqual([]);
  });
});
