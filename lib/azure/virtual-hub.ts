/**
 * Reads what a network receives from the virtual WAN hub that it is connected to: the connection (`enableInternetSecurity`), the
 * hub's routing intent, and the effective routes of the route table that the connection is associated with. The network itself
 * only shows a peering with a network of Microsoft's, which is named for the hub; the hub is looked for in the network's own
 * subscription, then in the others that the sign-in sees.
 *
 * Actions: `Microsoft.Network/virtualHubs/read`, `Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/read`,
 * `Microsoft.Network/virtualHubs/routingIntent/read`, `Microsoft.Network/virtualHubs/effectiveRoutes/action`,
 * `Microsoft.Resources/subscriptions/read`.
 */
import { idKey } from '../network/model.ts';
import { type Fields, isRecord, own, propertiesOf, recordsOf, referenceOf } from './documents/fields.ts';
import type { LearnedRoutesReading } from './learned-routes.ts';

/** So many other subscriptions are searched. */
const mostSubscriptions = 100;

/** Azure itself names the peerings that attach a network to a virtual hub. */
export function isHubPeering({ name }: Fields): boolean {
  return typeof name === 'string' && /^RemoteVnetToHubPeering_/i.test(name);
}

/** `HV_<hub>_<uuid>` is the hub's side of the peering. */
function hubNameOf(peering: Fields): string | undefined {
  const id = referenceOf(propertiesOf(peering), 'remoteVirtualNetwork') ?? '';
  return /\/HV_(.+)_[0-9a-f]{8}-[0-9a-f-]{27}$/i.exec(id)?.[1]?.toLowerCase();
}

interface Search {
  readonly networkId: string;
  /** Lower case; absent: any. */
  readonly hubName: string | undefined;
  /** Why it was not found, so far. */
  readonly reasons: string[];
}

interface Found {
  readonly hub: string;
  readonly connection: Fields;
}

async function searchHub(reading: LearnedRoutesReading, hub: string, search: Search): Promise<Found | undefined> {
  const connections = await reading.list(hub, 'hubVirtualNetworkConnections');
  if (connections.kind === 'unreadable') {
    search.reasons.push(connections.reason);
    return undefined;
  }
  const connection = connections.resources.find(
    (each) => idKey(referenceOf(propertiesOf(each), 'remoteVirtualNetwork') ?? '') === idKey(search.networkId),
  );
  return connection && { hub, connection };
}

async function searchSubscription(
  reading: LearnedRoutesReading,
  subscription: string,
  search: Search,
): Promise<Found | undefined> {
  const hubs = await reading.list(subscription, 'Microsoft.Network/virtualHubs');
  if (hubs.kind === 'unreadable') {
    search.reasons.push(hubs.reason);
    return undefined;
  }
  const { hubName } = search;
  for (const { id, name } of hubs.resources) {
    if (typeof id !== 'string') continue;
    if (hubName !== undefined && String(name).toLowerCase() !== hubName) continue;
    const found = await searchHub(reading, id, search);
    if (found) return found;
  }
  return undefined;
}

async function otherSubscriptions(reading: LearnedRoutesReading, own: string): Promise<readonly string[]> {
  const answer = await reading.asked.view?.('/subscriptions');
  const listed = answer?.kind === 'found' && isRecord(answer.body) ? recordsOf(answer.body, 'value') : [];
  const ids = listed.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
  return ids.filter((id) => idKey(id) !== idKey(own)).slice(0, mostSubscriptions);
}

async function find(reading: LearnedRoutesReading, search: Search): Promise<Found | undefined> {
  const own = /^\/subscriptions\/[^/]+/i.exec(search.networkId)?.[0] ?? '';
  const near = await searchSubscription(reading, own, search);
  if (near) return near;
  for (const subscription of await otherSubscriptions(reading, own)) {
    const found = await searchSubscription(reading, subscription, search);
    if (found) return found;
  }
  return undefined;
}

/** The route table of the hub that decides for a connection, as the action wants it; without it, the hub's own answer. */
function tableOf(connection: Fields): Fields | undefined {
  const routing = own(propertiesOf(connection), 'routingConfiguration');
  const resourceId = isRecord(routing) ? referenceOf(routing, 'associatedRouteTable') : undefined;
  return resourceId === undefined ? undefined : { resourceId, virtualWanResourceType: 'RouteTable' };
}

async function readIntent(reading: LearnedRoutesReading, hub: string, connection: string): Promise<void> {
  const intents = await reading.list(hub, 'routingIntent');
  if (intents.kind === 'unreadable') {
    reading.entries.push({ hubConnection: connection, notRead: intents.reason });
    return;
  }
  for (const intent of intents.resources) {
    reading.entries.push(intent);
    for (const { nextHop } of recordsOf(propertiesOf(intent), 'routingPolicies')) {
      if (typeof nextHop === 'string') reading.nextHops.add(nextHop);
    }
  }
}

/**
 * @param networkId of the network that is attached
 * @param peering raw: that with the hub
 */
export async function readVirtualHub(reading: LearnedRoutesReading, networkId: string, peering: Fields): Promise<void> {
  const search: Search = { networkId, hubName: hubNameOf(peering), reasons: [] };
  const found = await find(reading, search);
  if (!found) {
    const name = search.hubName === undefined ? 'its virtual hub' : `virtual hub ${search.hubName}`;
    const reason = search.reasons[0] ?? `${name} is in no subscription that can be seen`;
    reading.entries.push({ virtualNetwork: networkId, notRead: reason });
    return;
  }
  const { hub, connection } = found;
  const id = String(connection.id);
  reading.entries.push(connection);
  await Promise.all([
    readIntent(reading, hub, id),
    reading.learn({ hubConnection: id }, `${hub}/effectiveRoutes`, tableOf(connection)),
  ]);
}
