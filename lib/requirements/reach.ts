/** Where a set of addresses goes from the subnet: the one question that most routing requirements ask. */
import { type IntervalSet, isEmpty } from '../address/interval-set.ts';
import { type CandidateRoute, forEachRoutedPiece, type HopKind } from '../network/routing.ts';
import type { Situation } from './situation.ts';

/** Addresses of the asked set that one route wins. */
export interface ReachPart {
  readonly kind: HopKind;
  readonly route: CandidateRoute | undefined;
  readonly addresses: IntervalSet;
}

/** Collects ascending intervals; neighbours become one. */
export class IntervalCollector {
  private readonly bounds: number[] = [];

  add(start: number, end: number): void {
    const { bounds } = this;
    if (bounds.length > 0 && bounds[bounds.length - 1] === start - 1) bounds[bounds.length - 1] = end;
    else bounds.push(start, end);
  }

  toSet(): IntervalSet {
    return { bounds: Uint32Array.from(this.bounds) };
  }
}

/** The set by winning route, in order of first appearance; `undefined` where the subnet could not be seen. */
export function reach(situation: Situation, set: IntervalSet): ReachPart[] | undefined {
  if (!situation.routing) return undefined;
  const parts = new Map<CandidateRoute | undefined, Map<HopKind, IntervalCollector>>();
  forEachRoutedPiece(situation.routing, set, ({ start, end, kind, route }) => {
    let kinds = parts.get(route);
    if (!kinds) {
      kinds = new Map();
      parts.set(route, kinds);
    }
    let collector = kinds.get(kind);
    if (!collector) {
      collector = new IntervalCollector();
      kinds.set(kind, collector);
    }
    collector.add(start, end);
  });
  return [...parts].flatMap(([route, kinds]) =>
    [...kinds].map(([kind, collector]) => ({ kind, route, addresses: collector.toSet() })),
  );
}

/** The addresses of one kind among the pieces of a set. */
export function addressesThat(
  situation: Situation,
  set: IntervalSet,
  selects: (kind: HopKind) => boolean,
): { readonly addresses: IntervalSet; readonly first: CandidateRoute | undefined } {
  const collector = new IntervalCollector();
  let first: CandidateRoute | undefined;
  let seen = false;
  if (situation.routing) {
    forEachRoutedPiece(situation.routing, set, ({ start, end, kind, route }) => {
      if (!selects(kind)) return;
      if (!seen) first = route;
      seen = true;
      collector.add(start, end);
    });
  }
  return { addresses: collector.toSet(), first };
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
