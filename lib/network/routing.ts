/**
 * Where a subnet's packets go: every candidate route of the subnet and the partition of the whole IPv4 space that they
 * make. Computed from configuration; what was not in the estate is named and makes its part undecided.
 *
 * Source: Microsoft Learn, "Virtual network traffic routing" (system routes, user-defined routes, route selection).
 */
import {
  covers,
  difference,
  fromPrefixes,
  fromRange,
  fromSortedPacked,
  type IntervalSet,
  intersection,
  isEmpty,
  overlaps,
} from '../address/interval-set.ts';
import { buildPartition, type Partition, routeClass } from '../address/partition.ts';
import { packIpv4Prefix, prefixSize } from '../address/prefix.ts';
import type { ServiceTags } from '../address/service-tags.ts';
import { type SetShare, sharedPartition, splitSet } from '../address/shared-partition.ts';
import {
  addUserRoute,
  addVirtualNetwork,
  type CandidateRoute,
  defaultRoutes,
  endpointCandidate,
  type Gathered,
  isSystemDefault,
  nameTwins,
} from './candidate-route.ts';
import { type LearnedFrom, learnedRoutes } from './learned.ts';
import { type Estate, idKey, type RouteTable, type Subnet, type VirtualNetwork } from './model.ts';
import { type EndpointRoutes, endpointRoutes } from './service-endpoint.ts';

/** What becomes of a packet at its next hop. */
const hopKinds = ['direct', 'tunnel', 'dropped', 'endpoint', 'virtualNetwork', 'undecided'] as const;
export type HopKind = (typeof hopKinds)[number];

export interface Routing {
  readonly routes: readonly CandidateRoute[];
  /** Those that can match a public address. */
  readonly outside: readonly CandidateRoute[];
  /** The partition of all routes, built when a set of the virtual network's own space is first asked for. */
  whole: Partition | undefined;
  readonly endpoints: readonly EndpointRoutes[];
  /** The VNet's own and peered address spaces, as far as they were seen; with the subnet's own prefixes. */
  readonly virtualNetworkSpace: IntervalSet;
  /** Why routes could not be read (a missing table, an unknown tag); every address without an endpoint is undecided. */
  readonly notSeen: readonly string[];
  /** Why a default route could be there without having been seen; addresses on the system default are undecided. */
  readonly unseenDefault: string | undefined;
  /** Gateways, Route Servers and hubs whose routes reach the subnet. */
  readonly learnedFrom: readonly LearnedFrom[];
  readonly assumptions: readonly string[];
  /** What `routeSet` was asked before, by set. */
  readonly answers: Map<IntervalSet, readonly RoutedPart[]>;
}

/** The VNet that holds a subnet, by the subnet's id. */
export function virtualNetworkOf(estate: Estate, subnet: Subnet): VirtualNetwork | undefined {
  return estate.virtualNetworks.get(idKey(subnet.id).replace(/\/subnets\/[^/]*$/, ''));
}

/** The route table of a subnet: the table, none, or why it cannot be read. */
export function routeTableOf(estate: Estate, subnet: Subnet): { table?: RouteTable; notSeen?: string } {
  const unresolved = subnet.unresolved?.routeTable;
  if (unresolved !== undefined) return { notSeen: `the subnet's route table: ${unresolved}` };
  if (subnet.routeTableId === undefined) return {};
  const table = estate.routeTables.get(idKey(subnet.routeTableId));
  return table ? { table } : { notSeen: `route table ${subnet.routeTableId} is not in the estate` };
}

function spaceOf(routes: readonly CandidateRoute[], subnet: Subnet): IntervalSet {
  const packed = routes
    .filter((route) => route.routeClass === routeClass.virtualNetwork)
    .map((route) => route.packed[0]);
  packed.push(...subnet.addressPrefixes.map((prefix) => packIpv4Prefix(prefix)));
  return fromSortedPacked(Float64Array.from(packed.filter((key) => key !== undefined && key >= 0) as number[]).sort());
}

/**
 * All routes of a subnet and who wins where.
 * @param region of the deployment, normalised or not
 */
export function routeSubnet(estate: Estate, subnet: Subnet, region: string, tags: ServiceTags): Routing {
  const gathered: Gathered = { routes: [...defaultRoutes], notSeen: [], assumptions: [] };
  const virtualNetwork = virtualNetworkOf(estate, subnet);
  addVirtualNetwork(virtualNetwork, subnet, estate, gathered);
  const endpoints = endpointRoutes(subnet, region, tags);
  for (const { endpoint, tags: routed } of endpoints) {
    if (routed.length === 0) {
      gathered.assumptions.push(
        `The addresses behind the ${endpoint.service} endpoint are not known; none are assumed.`,
      );
    }
    for (const tag of routed) gathered.routes.push(endpointCandidate(endpoint.service, tag));
  }
  const { table, notSeen } = routeTableOf(estate, subnet);
  if (notSeen) gathered.notSeen.push(notSeen);
  for (const [field, reason] of Object.entries(table?.unresolved ?? {})) {
    if (field === 'routes') gathered.notSeen.push(`the routes of ${table?.name}: ${reason}`);
  }
  for (const route of table?.routes ?? []) if (table) addUserRoute(route, table, tags, gathered);
  if (table) nameTwins(table, gathered);
  const learned = learnedRoutes(estate, subnet, virtualNetwork, table);
  for (const route of learned.routes) gathered.routes.push(route);
  gathered.assumptions.push(...learned.assumptions);
  return {
    routes: gathered.routes,
    outside: gathered.routes.filter(isForPublicSpace),
    whole: undefined,
    endpoints,
    virtualNetworkSpace: spaceOf(gathered.routes, subnet),
    notSeen: gathered.notSeen,
    unseenDefault: learned.unseenDefault,
    learnedFrom: learned.from,
    assumptions: gathered.assumptions,
    answers: new Map(),
  };
}

/** What becomes of packets that `route` (`undefined`: no route at all) wins; VnetLocal: outside of the network. */
function hopKind(routing: Routing, route: CandidateRoute | undefined): HopKind {
  if (route?.routeClass === routeClass.serviceEndpoint) return 'endpoint';
  if (routing.notSeen.length > 0) return 'undecided';
  if (route === undefined) return 'dropped';
  if (routing.unseenDefault !== undefined && isSystemDefault(route)) return 'undecided';
  switch (route.hop) {
    case 'internet':
      return 'direct';
    case 'virtualappliance':
    case 'virtualnetworkgateway':
      return 'tunnel';
    case 'none':
    case 'vnetlocal':
      return 'dropped';
    case 'vnetpeering':
      return 'virtualNetwork';
    default:
      return 'undecided';
  }
}

/** Addresses of an asked set that one route wins, and what becomes of them. */
export interface RoutedPart {
  readonly kind: HopKind;
  /** Absent where no route matches at all. */
  readonly route: CandidateRoute | undefined;
  readonly addresses: IntervalSet;
}

/** The shares of a set, each with what becomes of it: one route has one kind but where VnetLocal is inside and outside. */
function partsOf(routing: Routing, shares: readonly SetShare[], routes: readonly CandidateRoute[]): RoutedPart[] {
  return shares.flatMap(({ route: index, addresses }): RoutedPart[] => {
    const route = index < 0 ? undefined : routes[index];
    if (route?.hop !== 'vnetlocal') return [{ kind: hopKind(routing, route), route, addresses }];
    const inside = intersection(addresses, routing.virtualNetworkSpace);
    const outside = difference(addresses, routing.virtualNetworkSpace);
    const local = routing.notSeen.length > 0 ? 'undecided' : 'virtualNetwork';
    const parts: RoutedPart[] = [];
    if (!isEmpty(inside)) parts.push({ kind: local, route, addresses: inside });
    if (!isEmpty(outside)) parts.push({ kind: hopKind(routing, route), route, addresses: outside });
    return parts;
  });
}

/** Ranges that Azure itself routes nowhere unless a network uses them: where spokes and on-premises networks are. */
const privateSpace = fromPrefixes(['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10']);

/** Whether a route can match an address outside of the private ranges and of the virtual network. */
function isForPublicSpace(route: CandidateRoute): boolean {
  if (route.routeClass === routeClass.virtualNetwork) return false;
  if (route.packed.length !== 1) return true;
  const packed = route.packed[0] as number;
  const start = Math.floor(packed / 64);
  return !covers(privateSpace, fromRange(start, start + prefixSize(packed % 64) - 1));
}

function split(routing: Routing, set: IntervalSet): RoutedPart[] {
  if (overlaps(set, routing.virtualNetworkSpace) || overlaps(set, privateSpace)) {
    routing.whole ??= buildPartition(routing.routes);
    return partsOf(routing, splitSet(routing.whole, set), routing.routes);
  }
  // Routes of private ranges cannot match here, and without them the partition is one that many subnets share.
  return partsOf(routing, sharedPartition(routing.outside).split(set), routing.outside);
}

/** A set of addresses by winning route, in order of first appearance. The same set is computed once for a routing. */
export function routeSet(routing: Routing, set: IntervalSet): readonly RoutedPart[] {
  let parts = routing.answers.get(set);
  if (!parts) {
    parts = split(routing, set);
    routing.answers.set(set, parts);
  }
  return parts;
}
