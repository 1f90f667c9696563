/** Routes from Route Servers and virtual WAN hubs, from the answers of the simulated Azure to the alert that people read. */
import { describe, expect, it } from 'vitest';
import { ids } from '../support/broken-estate.ts';
import {
  bgpConnection,
  hubConnection,
  hubIn,
  hubProvider,
  hubRoute,
  peerRoutes,
  provider,
  routeServer,
  routeServerPeer,
  routingIntent,
  withHub,
  withRouteServer,
} from '../support/learning-estate.ts';
import { cards, webhookAlerts } from './alerts.ts';
import { untilQuiet } from './quiet.ts';
import { kinds, type Started, start } from './started.ts';

async function sweep({ watcher }: Started): Promise<void> {
  watcher.receiver.received.length = 0;
  await watcher.host.invokeTimer('sweep');
  await untilQuiet(watcher.host);
}

function told({ watcher }: Started) {
  const alert = webhookAlerts(watcher.receiver.received)
    .filter(({ subject }) => subject.endsWith('/control-plane-route'))
    .at(-1);
  const card = cards(watcher.receiver.received).join();
  return { status: alert?.status, message: String(alert?.data.message), card };
}

describe('a Route Server', () => {
  it('brings the default of an appliance, as soon as that is its peer, and names both', async () => {
    const started = await start({ resources: withRouteServer() });
    started.watcher.azure.learnedRoutes.set(`${routeServerPeer}/learnedRoutes`, peerRoutes('0.0.0.0/0'));
    await started.colleague.put(bgpConnection(routeServerPeer));
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started).message).toContain(
      'VirtualNetworkGateway 10.1.3.4, learned by Route Server rs-one (EBgp from 10.1.3.4, AS path 65001)',
    );
    await started.colleague.remove(routeServerPeer);
    await started.watcher.idle();
    expect(kinds(started.watcher).at(-1)).toBe('resolved control-plane-route');
  });

  it.each([
    [`${routeServer}/bgpConnections`, 'Microsoft.Network/virtualHubs/bgpConnections/read'],
    [`${routeServerPeer}/learnedRoutes`, 'Microsoft.Network/virtualHubs/bgpConnections/learnedRoutes/action'],
  ])('without the right to %s is unknown, and the action is named', async (denied, action) => {
    const started = await start({ resources: withRouteServer(bgpConnection(routeServerPeer)) });
    started.watcher.azure.faults.deny(denied);
    await sweep(started);
    expect(told(started)).toMatchObject({
      status: 'unknown',
      card: expect.stringContaining(`the action ${action} is not`),
    });
  });
});

describe.each([
  ['in the same subscription', provider],
  ['in another subscription', hubProvider],
])('a virtual hub %s', (_, place) => {
  const { hub, table } = hubIn(place);

  it('brings its default where the connection takes it (enableInternetSecurity), and not where not', async () => {
    const started = await start({ resources: withHub(place, false) });
    const { learnedRoutes } = started.watcher.azure;
    learnedRoutes.set(`${hub}/effectiveRoutes`, { value: [hubRoute('10.0.0.0/16', '0.0.0.0/0')] }, table);
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
    await started.colleague.put(hubConnection(place, true));
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started).message).toContain('learned by virtual hub hub-one (ExpressRouteGateway to ErGw1, AS path');
    await started.colleague.put(hubConnection(place, false));
    await started.watcher.idle();
    expect(kinds(started.watcher).at(-1)).toBe('resolved control-plane-route');
  });

  it('brings one by routing intent, through the Azure Firewall that it names', async () => {
    const started = await start({ resources: withHub(place) });
    await started.colleague.put(routingIntent(place, ids.firewall));
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    expect(told(started).message).toContain(
      'VirtualNetworkGateway 10.0.1.4, routing intent "intent" of virtual hub hub-one to fw-one',
    );
  });
});

describe('a virtual hub that may not be read', () => {
  const { hub } = hubIn(provider);
  const subscription = provider.slice(0, provider.indexOf('/resourceGroups'));
  it.each([
    [`${subscription}/providers/Microsoft.Network/virtualHubs`, 'Microsoft.Network/virtualHubs/read'],
    [`${hub}/hubVirtualNetworkConnections`, 'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/read'],
    [`${hub}/routingIntent`, 'Microsoft.Network/virtualHubs/routingIntent/read'],
    [`${hub}/effectiveRoutes`, 'Microsoft.Network/virtualHubs/effectiveRoutes/action'],
  ])('is unknown without the right to %s, and the action is named', async (denied, action) => {
    const started = await start({ resources: withHub(provider) });
    started.watcher.azure.faults.deny(denied);
    await sweep(started);
    expect(told(started)).toMatchObject({
      status: 'unknown',
      card: expect.stringContaining(`the action ${action} is not`),
    });
  });
});
