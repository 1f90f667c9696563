/** Why an address goes where it goes: the winning route of every piece of a range, and why each other route lost. */
import { addressCount, fromPrefixes, type IntervalSet, overlaps, toPrefixes } from '../address/interval-set.ts';
import { routeClass } from '../address/partition.ts';
import { packIpv4Prefix, parseIpv6Prefix, prefixSize } from '../address/prefix.ts';
import type { ServiceTags } from '../address/service-tags.ts';
import type { CandidateRoute } from '../network/candidate-route.ts';
import { type Estate, idKey } from '../network/model.ts';
import { type Routing, routeSet, routeSubnet, virtualNetworkOf } from '../network/routing.ts';
import { routeEvidence } from '../requirements/outcome.ts';
import type { TagSource } from './evaluate.ts';
import { pathOfKind } from './paths.ts';
import type { PathKind, RouteEvidence } from './report.ts';

export class TraceError extends Error {
  override readonly name = 'TraceError';
}

export interface TraceLoser {
  readonly route: RouteEvidence;
  readonly reason: string;
}

export interface TracePiece {
  /** Up to ten. */
  readonly addressPrefixes: readonly string[];
  readonly addresses: number;
  readonly path: PathKind;
  readonly winner: RouteEvidence | null;
  readonly losers: readonly TraceLoser[];
}

export interface Trace {
  readonly subnet: string;
  readonly to: string;
  readonly pieces: readonly TracePiece[];
  readonly assumptions: readonly string[];
  readonly notSeen: readonly string[];
}

function targetSet(to: string, tags: ServiceTags): IntervalSet {
  if (packIpv4Prefix(to) >= 0) return fromPrefixes([to]);
  if (parseIpv6Prefix(to)) throw new TraceError(`${to} is IPv6, which is not evaluated`);
  const tag = tags.find(to);
  if (!tag) throw new TraceError(`"${to}" is no address, no CIDR and no service tag of the ${tags.cloud} list`);
  return tag.set;
}

function longestMatch(route: CandidateRoute, address: number): number {
  let longest = -1;
  for (const packed of route.packed) {
    const start = Math.floor(packed / 64);
    if (start > address) break;
    const length = packed % 64;
    if (address < start + prefixSize(length) && length > longest) longest = length;
  }
  return longest;
}

function reasonLost(loser: CandidateRoute, winner: CandidateRoute, address: number): string {
  if (winner.routeClass === routeClass.serviceEndpoint && loser.source === 'User') {
    return 'service endpoint routes are not displaced by user-defined routes';
  }
  const lost = longestMatch(loser, address);
  const won = longestMatch(winner, address);
  if (lost < won) return `shorter prefix: /${lost} against /${won}`;
  if (loser.routeClass === routeClass.bgp && lost > won) return 'learned routes do not displace this kind of route';
  if (loser.source !== winner.source) return `same prefix: ${winner.source} routes come before ${loser.source} routes`;
  if (loser.rank !== winner.rank) return 'same prefix: a CIDR comes before a regional tag, that before a global one';
  return 'same prefix: the other route is listed first';
}

function losersOf(routing: Routing, winner: CandidateRoute | undefined, set: IntervalSet): TraceLoser[] {
  const losers: TraceLoser[] = [];
  for (const route of routing.routes) {
    if (route === winner || !winner) continue;
    const at = firstCommonAddress(route, set);
    const evidence = routeEvidence(route);
    if (at !== undefined && evidence) losers.push({ route: evidence, reason: reasonLost(route, winner, at) });
  }
  return losers;
}

/** The first address of the set that a route matches. */
function firstCommonAddress(route: CandidateRoute, set: IntervalSet): number | undefined {
  for (const packed of route.packed) {
    const start = Math.floor(packed / 64);
    const end = start + prefixSize(packed % 64) - 1;
    if (!overlaps({ bounds: Uint32Array.of(start, end) }, set)) continue;
    for (let i = 0; i < set.bounds.length; i += 2) {
      const from = Math.max(start, set.bounds[i] as number);
      if (from <= Math.min(end, set.bounds[i + 1] as number)) return from;
    }
  }
  return undefined;
}

function pieces(routing: Routing, target: IntervalSet): TracePiece[] {
  return routeSet(routing, target).map(({ kind, route, addresses }) => ({
    addressPrefixes: toPrefixes(addresses, 10),
    addresses: addressCount(addresses),
    path: pathOfKind[kind],
    winner: routeEvidence(route) ?? null,
    losers: losersOf(routing, route, addresses),
  }));
}

/**
 * Every piece of the asked range, in ascending order of its first address.
 * @param to an IPv4 address, a CIDR or a service tag
 * @throws TraceError for a subnet that is not in the estate or a target that cannot be read
 */
export function traceRange(
  estate: Estate,
  subnetId: string,
  to: string,
  options: { readonly tagsFor: TagSource },
): Trace {
  const subnet = estate.subnets.get(idKey(subnetId));
  if (!subnet) {
    const known = [...estate.subnets.values()].slice(0, 3).map((each) => each.id);
    throw new TraceError(
      `subnet ${subnetId} is not in the estate${known.length > 0 ? `; it has ${known.join(', ')}` : ''}`,
    );
  }
  const region = regionOf(estate, subnetId, virtualNetworkOf(estate, subnet)?.location);
  const tags = options.tagsFor(region);
  const routing = routeSubnet(estate, subnet, region, tags);
  const unseen = routing.unseenDefault === undefined ? [] : [routing.unseenDefault];
  return {
    subnet: subnet.id,
    to,
    pieces: pieces(routing, targetSet(to, tags)),
    assumptions: routing.assumptions,
    notSeen: [...routing.notSeen, ...unseen],
  };
}

/** The VNet's region, else that of the service whose subnet it is. */
function regionOf(estate: Estate, subnetId: string, location: string | undefined): string {
  if (location !== undefined) return location;
  const key = idKey(subnetId);
  for (const service of estate.services) {
    if (service.subnetId !== undefined && idKey(service.subnetId) === key) return service.location ?? '';
    const additional = service.additionalLocations.find(
      (each) => each.subnetId !== undefined && idKey(each.subnetId) === key,
    );
    if (additional) return additional.location;
  }
  return '';
}
