/**
 * Where routes may come from into a virtual network without any route table showing them: its own gateways and Route
 * Servers, those of a peer whose gateway it uses, and the virtual hub that it is connected to. Microsoft Learn, "Virtual
 * network traffic routing" (section "Border gateway protocol"), "About Azure Route Server", "Virtual WAN routing
 * policies", "Site-to-site forced tunneling".
 */
import type { CandidateRoute } from './candidate-route.ts';
import { hubOrigin } from './hub-origin.ts';
import { defaultPrefix, type Learner, learnedCandidate, learnedCandidates, nameOf } from './learned-candidates.ts';
import { type Estate, type HubVirtualNetworkConnection, idKey, type Subnet, type VirtualNetwork } from './model.ts';

/** One way in. */
export interface RouteOrigin {
  /** `gateway gw serves it` */
  readonly text: string;
  /** The gateway, Route Server or hub, where it is known which. */
  readonly learner?: Learner;
  readonly routes: readonly CandidateRoute[];
  /** Why a default route may come this way unseen; absent: all that could bring one is known. */
  readonly notKnown?: string;
  /** What was taken for granted, in sentences. */
  readonly assumptions?: readonly string[];
}

interface Attached {
  readonly gateways: string[];
  readonly connections: HubVirtualNetworkConnection[];
}

/** By the map of gateways: an estate that is tried with a change elsewhere has the same one. */
const known = new WeakMap<Estate['virtualNetworkGateways'], ReadonlyMap<string, Attached>>();

/** VNet key -> what says of itself that it is attached to it, for the whole estate at once. */
function attachments(estate: Estate): ReadonlyMap<string, Attached> {
  const found = known.get(estate.virtualNetworkGateways);
  if (found) return found;
  const map = new Map<string, Attached>();
  const of = (networkId: string): Attached => {
    const key = idKey(networkId);
    const attached = map.get(key) ?? { gateways: [], connections: [] };
    map.set(key, attached);
    return attached;
  };
  for (const connection of estate.hubVirtualNetworkConnections.values()) {
    if (connection.remoteVirtualNetworkId !== undefined)
      of(connection.remoteVirtualNetworkId).connections.push(connection);
  }
  for (const { id, subnetIds } of estate.virtualNetworkGateways.values()) {
    for (const subnetId of subnetIds) of(subnetId.replace(/\/subnets\/[^/]*$/i, '')).gateways.push(id);
  }
  known.set(estate.virtualNetworkGateways, map);
  return map;
}

/** Why the routes of a learner are not, or not wholly, known. */
function unread(estate: Estate, id: string): string | undefined {
  const learned = estate.learnedRoutes.get(idKey(id));
  return learned ? learned.notRead : 'what it has learned is not in the estate';
}

function gatewayOrigin(estate: Estate, id: string): RouteOrigin {
  const name = nameOf(id);
  const gateway = estate.virtualNetworkGateways.get(idKey(id));
  const learner: Learner = { text: `gateway ${name}`, id, kind: 'gateway' };
  const learned = estate.learnedRoutes.get(idKey(id));
  const site = gateway?.gatewayDefaultSiteId;
  const siteRoute =
    site === undefined ? [] : [learnedCandidate(`default site ${nameOf(site)} of gateway ${name}`, id, defaultPrefix)];
  const unclearSite = gateway?.unresolved?.gatewayDefaultSite;
  const notKnown =
    unread(estate, id) ??
    (gateway ? unclearSite && `its default site ${unclearSite}` : 'whether it has a default site is not in the estate');
  const custom = gateway?.customRoutes ?? [];
  const assumptions = [
    ...(gateway?.gatewayType?.toLowerCase() === 'vpn'
      ? [
          `Gateway ${name} does not list the prefixes of its static connections: none outside the private ranges is presumed.`,
        ]
      : []),
    ...(custom.length > 0
      ? [`Custom routes of gateway ${name} (${custom.join(', ')}) are for point-to-site clients, not for subnets.`]
      : []),
  ];
  return {
    text: `gateway ${name} serves it`,
    learner,
    routes: [...siteRoute, ...(learned ? learnedCandidates(estate, learner, learned) : [])],
    ...(notKnown !== undefined && { notKnown }),
    assumptions,
  };
}

function routeServerOrigin(estate: Estate, id: string): RouteOrigin {
  const name = nameOf(id);
  const learner: Learner = { text: `Route Server ${name}`, id, kind: 'routeServer' };
  const learned = estate.learnedRoutes.get(idKey(id));
  const notKnown = unread(estate, id);
  return {
    text: `Route Server ${name} is in it`,
    learner,
    routes: learned ? learnedCandidates(estate, learner, learned) : [],
    ...(notKnown !== undefined && { notKnown }),
  };
}

/** What a subnet that exists to hold a gateway or a Route Server holds. */
function holds(estate: Estate, subnetId: string): readonly string[] {
  return (estate.subnets.get(idKey(subnetId)) as Subnet | undefined)?.attachedIds ?? [];
}

/** The gateways and Route Servers of the network itself. */
function ownOrigins(estate: Estate, network: VirtualNetwork): RouteOrigin[] {
  const gateways = new Map<string, string>();
  const routeServers = new Map<string, string>();
  for (const id of attachments(estate).get(idKey(network.id))?.gateways ?? []) gateways.set(idKey(id), id);
  const empty: RouteOrigin[] = [];
  for (const subnetId of network.subnetIds) {
    const name = nameOf(subnetId);
    const isGateways = name.toLowerCase() === 'gatewaysubnet';
    if (!isGateways && name.toLowerCase() !== 'routeserversubnet') continue;
    const ids = holds(estate, subnetId);
    for (const id of ids) {
      (/\/virtualnetworkgateways\/[^/]+$/i.test(id) ? gateways : routeServers).set(idKey(id), id);
    }
    if (ids.length === 0 && !(isGateways && gateways.size > 0)) {
      empty.push({ text: `its ${name} may hold a gateway or route server`, routes: [], notKnown: '' });
    }
  }
  return [
    ...[...gateways.values()].map((id) => gatewayOrigin(estate, id)),
    ...[...routeServers.values()].map((id) => routeServerOrigin(estate, id)),
    ...empty,
  ];
}

function peerOrigins(estate: Estate, network: VirtualNetwork, isConnectedToHub: boolean): RouteOrigin[] {
  return network.virtualNetworkPeerings.flatMap((peering): RouteOrigin[] => {
    const { name, peeringState, remoteVirtualNetworkId, useRemoteGateways } = peering;
    const unclear = peering.unresolved?.useRemoteGateways;
    if (unclear !== undefined) {
      return [{ text: `peering "${name}" may use the remote gateway: ${unclear}`, routes: [], notKnown: '' }];
    }
    // Azure itself names the peerings that attach a VNet to a virtual WAN hub.
    if (/^RemoteVnetToHubPeering_/i.test(name)) {
      const text = `peering "${name}" attaches it to a virtual hub`;
      const notKnown =
        estate.learnedRoutes.get(idKey(network.id))?.notRead ?? 'whose connection to it is not in the estate';
      return isConnectedToHub ? [] : [{ text, routes: [], notKnown }];
    }
    if (useRemoteGateways !== true) return [];
    if (peeringState !== undefined && peeringState.toLowerCase() !== 'connected') return [];
    const text = `peering "${name}" uses the remote gateway`;
    const remote = estate.virtualNetworks.get(idKey(remoteVirtualNetworkId ?? ''));
    const origins = remote ? ownOrigins(estate, remote) : [];
    if (origins.length === 0) return [{ text, routes: [], notKnown: 'which is not in the estate' }];
    return origins.map((origin) => ({ ...origin, text: `${text}: ${origin.text}` }));
  });
}

/** Every way in that the estate shows or leaves open. */
export function routeOrigins(estate: Estate, network: VirtualNetwork): readonly RouteOrigin[] {
  const connections = attachments(estate).get(idKey(network.id))?.connections ?? [];
  const unclear = [
    ...(network.unresolved?.virtualNetworkPeerings === undefined
      ? []
      : [`its peerings: ${network.unresolved.virtualNetworkPeerings}`]),
    ...(network.unresolved?.subnets === undefined ? [] : [`its subnets: ${network.unresolved.subnets}`]),
  ];
  return [
    ...ownOrigins(estate, network),
    ...connections.map((connection) => hubOrigin(estate, connection)),
    ...peerOrigins(estate, network, connections.length > 0),
    ...unclear.map((text): RouteOrigin => ({ text, routes: [], notKnown: '' })),
  ];
}
