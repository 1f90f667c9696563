/**
 * The candidate routes of a subnet, from every source: system routes, the virtual network and its peers, service
 * endpoints, user-defined routes. Who wins is decided in `routing.ts`.
 */
import { type RouteClass, routeClass } from '../address/partition.ts';
import { packIpv4Prefix, parseIpv6Prefix } from '../address/prefix.ts';
import type { CompiledTag, ServiceTags } from '../address/service-tags.ts';
import {
  type Estate,
  idKey,
  isExpression,
  type Route,
  type RouteTable,
  type Subnet,
  type VirtualNetwork,
} from './model.ts';

/** One route that competes for addresses; names as in Azure's effective routes. */
export interface CandidateRoute {
  readonly name: string;
  readonly id?: string;
  readonly source: 'Default' | 'User' | 'VirtualNetworkGateway';
  /** As authored: a CIDR or a service tag's name. */
  readonly addressPrefix: string;
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string;
  /** `nextHopType` in lower case, for comparing. */
  readonly hop: string;
  readonly packed: Float64Array;
  readonly routeClass: RouteClass;
  readonly rank: number;
}

const systemDefault = 'System default route';

/** Ranks at an equal prefix: a literal CIDR beats a regional tag, that a global one; AzureCloud is the weakest. */
function rankOfTag(name: string): number {
  const isCloud = name.toLowerCase().startsWith('azurecloud');
  return (isCloud ? 3 : 1) + (name.includes('.') ? 0 : 1);
}

function single(prefix: string): Float64Array {
  const packed = packIpv4Prefix(prefix);
  return packed < 0 ? new Float64Array(0) : Float64Array.of(packed);
}

function systemRoute(
  name: string,
  addressPrefix: string,
  nextHopType: string,
  kind: RouteClass,
  rank = 0,
): CandidateRoute {
  const packed = single(addressPrefix);
  return {
    name,
    source: 'Default',
    addressPrefix,
    nextHopType,
    hop: nextHopType.toLowerCase(),
    packed,
    routeClass: kind,
    rank,
  };
}

/** Azure's own routes of every subnet. */
export const defaultRoutes: readonly CandidateRoute[] = [
  systemRoute(systemDefault, '0.0.0.0/0', 'Internet', routeClass.system, 1),
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'].map((prefix) =>
    systemRoute('System route', prefix, 'None', routeClass.system, 1),
  ),
];

export function isSystemDefault(route: CandidateRoute): boolean {
  return route === defaultRoutes[0];
}

/** The route that an endpoint brings for one tag. */
export function endpointCandidate(service: string, tag: CompiledTag): CandidateRoute {
  return {
    name: `${service} service endpoint`,
    source: 'Default',
    addressPrefix: tag.name,
    nextHopType: 'VirtualNetworkServiceEndpoint',
    hop: 'virtualnetworkserviceendpoint',
    packed: tag.packed,
    routeClass: routeClass.serviceEndpoint,
    rank: 0,
  };
}

/** What is gathered on the way: routes, what could not be read, what was taken for granted. */
export interface Gathered {
  readonly routes: CandidateRoute[];
  readonly notSeen: string[];
  readonly assumptions: string[];
}

/** One user-defined route: its prefixes, or what kept it from being placed. */
export function addUserRoute(route: Route, table: RouteTable, tags: ServiceTags, into: Gathered): void {
  const { name, id, addressPrefix, nextHopType, nextHopIpAddress } = route;
  const label = `route "${name}" of ${table.name}`;
  const unresolved = Object.entries(route.unresolved ?? {}).filter(([field]) => field !== 'nextHopIpAddress');
  if (unresolved.length > 0) {
    for (const [field, reason] of unresolved) into.notSeen.push(`${label}: ${field} ${reason}`);
    return;
  }
  if (parseIpv6Prefix(addressPrefix)) {
    into.assumptions.push(`${label} is for IPv6 (${addressPrefix} to ${nextHopType}); IPv6 is not evaluated.`);
    return;
  }
  const literal = packIpv4Prefix(addressPrefix);
  const tag = literal < 0 ? tags.find(addressPrefix) : undefined;
  if (literal < 0 && !tag) {
    into.notSeen.push(`${label}: ${describeUnreadable(addressPrefix)}`);
    return;
  }
  into.routes.push({
    name,
    ...(id === undefined ? {} : { id }),
    source: 'User',
    addressPrefix,
    nextHopType,
    ...(nextHopIpAddress === undefined ? {} : { nextHopIpAddress }),
    hop: nextHopType.toLowerCase(),
    packed: tag ? tag.packed : Float64Array.of(literal),
    routeClass: route.hasBgpOverride === true ? routeClass.userOverridingBgp : routeClass.user,
    rank: tag ? rankOfTag(tag.name) : 0,
  });
}

/** Azure refuses a table that has a prefix twice: which of the two an input means is not known. */
export function nameTwins(table: RouteTable, into: Gathered): void {
  const hops = new Map<string, { name: string; hop: string }>();
  for (const { name, addressPrefix, nextHopType, nextHopIpAddress } of table.routes) {
    const packed = packIpv4Prefix(addressPrefix);
    const key = packed < 0 ? addressPrefix.toLowerCase() : String(packed);
    const hop = `${nextHopType} ${nextHopIpAddress ?? ''}`.toLowerCase();
    const twin = hops.get(key);
    if (!twin) hops.set(key, { name, hop });
    else if (twin.hop !== hop) {
      into.notSeen.push(
        `routes "${twin.name}" and "${name}" of ${table.name} have the same prefix ${addressPrefix}, which Azure refuses`,
      );
    }
  }
}

function describeUnreadable(addressPrefix: string): string {
  if (isExpression(addressPrefix)) return `expression "${addressPrefix}" was not evaluated`;
  if (/^[A-Za-z][A-Za-z0-9.]*$/.test(addressPrefix)) return `the service tag "${addressPrefix}" is not in the tag data`;
  return `"${addressPrefix}" is not an address prefix`;
}

/** The routes of the virtual network's own space and of its peers. */
export function addVirtualNetwork(
  virtualNetwork: VirtualNetwork | undefined,
  subnet: Subnet,
  estate: Estate,
  into: Gathered,
): void {
  const own = virtualNetwork ? virtualNetwork.addressPrefixes : subnet.addressPrefixes;
  for (const prefix of own) {
    into.routes.push(systemRoute('Virtual network', prefix, 'VnetLocal', routeClass.virtualNetwork));
  }
  if (!virtualNetwork) {
    into.assumptions.push(
      'The virtual network is not in the estate: its address space beyond the subnet is not known.',
    );
    return;
  }
  for (const peering of virtualNetwork.virtualNetworkPeerings) {
    if (peering.peeringState !== undefined && peering.peeringState.toLowerCase() !== 'connected') continue;
    const remote = peering.remoteVirtualNetworkId
      ? estate.virtualNetworks.get(idKey(peering.remoteVirtualNetworkId))
      : undefined;
    const prefixes = peering.remoteAddressPrefixes ?? remote?.addressPrefixes;
    if (!prefixes) into.assumptions.push(`The address space behind peering "${peering.name}" is not known.`);
    for (const prefix of prefixes ?? []) {
      into.routes.push(systemRoute(`Peering ${peering.name}`, prefix, 'VNetPeering', routeClass.virtualNetwork));
    }
  }
}
