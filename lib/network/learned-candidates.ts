/**
 * Learned routes as they compete for a subnet's addresses. A subnet sees all of them with next hop type
 * VirtualNetworkGateway, whoever learned them (Microsoft Learn, "Diagnose a virtual machine routing problem", table of
 * next hop types, and "About Azure Route Server").
 */
import { routeClass } from '../address/partition.ts';
import { packIpv4Prefix, parseIpv4 } from '../address/prefix.ts';
import type { CandidateRoute } from './candidate-route.ts';
import type { LearnedRoute, LearnedRoutes } from './learned-routes.ts';
import { type Estate, idKey } from './model.ts';

export const defaultPrefix = '0.0.0.0/0';
const nextHopType = 'VirtualNetworkGateway';

/** @param address that what the route leads to answers on; only where it is an address of the estate's own networks */
export function learnedCandidate(
  name: string,
  id: string | undefined,
  addressPrefix: string,
  address?: string,
): CandidateRoute {
  return {
    name,
    ...(id !== undefined && { id }),
    source: 'VirtualNetworkGateway',
    addressPrefix,
    nextHopType,
    ...(address !== undefined && { nextHopIpAddress: address }),
    hop: nextHopType.toLowerCase(),
    packed: Float64Array.of(packIpv4Prefix(addressPrefix)),
    routeClass: routeClass.bgp,
    rank: 0,
  };
}

/** Who has learned routes, and how they reach the network in question. */
export interface Learner {
  /** `gateway gw`, `Route Server rs`, `virtual hub hub`. */
  readonly text: string;
  readonly id: string;
  readonly kind: 'gateway' | 'routeServer' | 'virtualHub';
}

/** The private address of the Azure Firewall that a hub sends to, if it is one that is known and has a single address. */
export function hubFirewallAddress(estate: Estate, nextHop: string | undefined): string | undefined {
  const addresses = estate.azureFirewalls.get(idKey(nextHop ?? ''))?.privateIpAddresses ?? [];
  return addresses.length === 1 ? addresses[0] : undefined;
}

export function nameOf(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** `EBgp from 10.9.0.4, AS path 65010`: what tells one learned route from another. */
function detailOf({ origin, sourcePeer, nextHop, asPath }: LearnedRoute): string {
  const from = nextHop?.startsWith('/') ? `to ${nameOf(nextHop)}` : '';
  const peer = from !== '' ? from : sourcePeer === undefined ? '' : `from ${sourcePeer}`;
  const head = [origin, peer].filter((text) => text !== undefined && text !== '').join(' ');
  const path = asPath === undefined ? '' : `AS path ${asPath}`;
  return [head, path].filter((text) => text !== '').join(', ');
}

function candidateOf(learner: Learner, route: LearnedRoute, estate: Estate): CandidateRoute {
  const detail = detailOf(route);
  const name = `learned by ${learner.text}${detail === '' ? '' : ` (${detail})`}`;
  // A peer of a Route Server is an appliance in the network; what a gateway's peer answers on is on-premises.
  const isAppliance = learner.kind === 'routeServer' && parseIpv4(route.nextHop ?? '') !== undefined;
  const address = isAppliance ? route.nextHop : hubFirewallAddress(estate, route.nextHop);
  return learnedCandidate(name, learner.id, route.addressPrefix, address);
}

const known = new WeakMap<LearnedRoutes, { readonly estate: Estate; readonly routes: readonly CandidateRoute[] }>();

/** A gateway lists its own networks' prefixes too: those are system routes, and it has not learned them. */
function isLearned({ origin }: LearnedRoute): boolean {
  return origin?.toLowerCase() !== 'network';
}

/** One candidate for each IPv4 prefix: of several peers that offer it, the first. The same answer is turned once. */
export function learnedCandidates(estate: Estate, learner: Learner, learned: LearnedRoutes): readonly CandidateRoute[] {
  const found = known.get(learned);
  if (found && found.estate.azureFirewalls === estate.azureFirewalls) return found.routes;
  const byPrefix = new Map<number, CandidateRoute>();
  for (const route of learned.routes.filter(isLearned)) {
    const packed = packIpv4Prefix(route.addressPrefix);
    if (packed >= 0 && !byPrefix.has(packed)) byPrefix.set(packed, candidateOf(learner, route, estate));
  }
  const routes = [...byPrefix.values()];
  known.set(learned, { estate, routes });
  return routes;
}
