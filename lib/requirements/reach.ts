/** Where a set of addresses goes from the subnet: the one question that most routing requirements ask. */
import { emptySet, type IntervalSet, isEmpty, union } from '../address/interval-set.ts';
import type { CandidateRoute } from '../network/candidate-route.ts';
import { type HopKind, type RoutedPart, routeSet } from '../network/routing.ts';
import type { Situation } from './situation.ts';

/** The set by winning route, in order of first appearance; `undefined` where the subnet could not be seen. */
export function reach(situation: Situation, set: IntervalSet): readonly RoutedPart[] | undefined {
  return situation.routing && routeSet(situation.routing, set);
}

/** The addresses of some kinds in a set, and the route that wins the first of them. */
export function addressesThat(
  situation: Situation,
  set: IntervalSet,
  selects: (kind: HopKind) => boolean,
): { readonly addresses: IntervalSet; readonly first: CandidateRoute | undefined } {
  let addresses = emptySet;
  let first: CandidateRoute | undefined;
  for (const part of reach(situation, set) ?? []) {
    if (!selects(part.kind)) continue;
    if (isEmpty(addresses)) first = part.route;
    addresses = union(addresses, part.addresses);
  }
  return { addresses, first };
}

/** How a set fares against "every address has next hop Internet". */
export interface InternetReach {
  /** Addresses that surely go elsewhere. */
  readonly elsewhere: IntervalSet;
  /** The route that wins the first of them. */
  readonly firstElsewhere: CandidateRoute | undefined;
  /** Addresses of which it cannot be said. */
  readonly undecided: IntervalSet;
  readonly holds: boolean;
}

export function reachInternet(situation: Situation, set: IntervalSet): InternetReach {
  const elsewhere = addressesThat(situation, set, (kind) => kind !== 'direct' && kind !== 'undecided');
  const undecided = addressesThat(situation, set, (kind) => kind === 'undecided').addresses;
  return {
    elsewhere: elsewhere.addresses,
    firstElsewhere: elsewhere.first,
    undecided,
    holds: situation.routing !== undefined && isEmpty(elsewhere.addresses) && isEmpty(undecided),
  };
}

/** What an undecided routing question waits for, in words. */
export function routingNotSeen(situation: Situation): readonly string[] {
  if (!situation.routing) return situation.notSeen;
  const { notSeen, unseenDefault } = situation.routing;
  const all = [...situation.notSeen, ...notSeen, ...(unseenDefault === undefined ? [] : [unseenDefault])];
  return all.length > 0 ? all : ['a next hop of a type that is not known'];
}

/** The route table of the subnet, else the subnet, else the service: what a routing finding is about. */
export function routingResource(situation: Situation): string {
  return situation.subnet?.routeTableId ?? situation.subnet?.id ?? situation.deployment.service.id;
}
