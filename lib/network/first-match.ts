/**
 * First match over whole sets of addresses, in three values. Every rule surely matches some addresses and may match
 * others, and may not have one certain place in the order. Two plain walks bound the answer: in the floor everything
 * unseen turns out against the traffic, in the ceiling in its favour. Nothing here knows what an NSG or a firewall is.
 */
import {
  covers,
  difference,
  emptySet,
  type IntervalSet,
  intersection,
  overlaps,
  union,
} from '../address/interval-set.ts';

/** `unknown` is an access that could not be read: it stops the walk, one way or the other. */
export type Access = 'Allow' | 'Deny' | 'unknown';

/** A rule's place and effect, as far as they do not depend on the question. */
export interface OrderedRule {
  /** How messages name it: `rule "AllowSql"`. */
  readonly label: string;
  readonly access: Access;
  /** The rule stands somewhere between these two places, both included; equal where its place is certain. */
  readonly earliest: number;
  readonly latest: number;
  /** Why its place or its access is not certain, or why it may not match what it seems to. */
  readonly notSeen: readonly string[];
}

/** What a rule matches in one question. */
export interface Step {
  readonly certain: IntervalSet;
  readonly possible: IntervalSet;
  /** What keeps the two apart in this question, beside what the rule itself does not show. */
  readonly notSeen?: readonly string[];
}

/** Indexes of the rules in the order in which each walk meets them; one and the same array where they agree. */
export interface WalkOrders {
  readonly floor: readonly number[];
  readonly ceiling: readonly number[];
}

/**
 * Sorts rules for both walks. In the floor what denies stands as early, what allows as late as it may, and of rules in
 * one place those that deny come first; in the ceiling the other way round. Rules that agree keep their order.
 */
export function orderRules(rules: readonly OrderedRule[]): WalkOrders {
  const floor = sortFor(rules, false);
  const ceiling = sortFor(rules, true);
  return { floor, ceiling: ceiling.every((index, position) => index === floor[position]) ? floor : ceiling };
}

/** Whether a rule counts as far as it can in this walk: what denies in the floor, what allows in the ceiling. */
function isFavoured(access: Access, ceiling: boolean): boolean {
  return access !== (ceiling ? 'Deny' : 'Allow');
}

function sortFor(rules: readonly OrderedRule[], ceiling: boolean): readonly number[] {
  const places = rules.map((rule, index) => {
    const favoured = isFavoured(rule.access, ceiling);
    return { index, place: favoured ? rule.earliest : rule.latest, second: favoured ? 0 : 1 };
  });
  places.sort((a, b) => a.place - b.place || a.second - b.second || a.index - b.index);
  return places.map((place) => place.index);
}

/** The addresses of `universe` that one walk lets through; a step is undefined where the rule cannot match at all. */
function walk(
  rules: readonly OrderedRule[],
  order: readonly number[],
  steps: readonly (Step | undefined)[],
  universe: IntervalSet,
  ceiling: boolean,
): IntervalSet {
  let allowed = emptySet;
  let remaining = universe;
  for (const index of order) {
    const step = steps[index];
    if (!step) continue;
    const favoured = isFavoured((rules[index] as OrderedRule).access, ceiling);
    const set = favoured ? step.possible : step.certain;
    const allows = favoured === ceiling;
    if (covers(set, remaining)) return allows ? union(allowed, remaining) : allowed;
    if (!overlaps(set, remaining)) continue;
    if (allows) allowed = union(allowed, intersection(remaining, set));
    remaining = difference(remaining, set);
  }
  return allowed;
}

export interface Bounds {
  /** Let through whatever the unseen turns out to be. */
  readonly floor: IntervalSet;
  /** Let through if the unseen turns out that way; the same object as `floor` where nothing is unseen. */
  readonly ceiling: IntervalSet;
}

/** What of `universe` is let through; what no rule matches is denied. */
export function boundFirstMatch(
  rules: readonly OrderedRule[],
  orders: WalkOrders,
  steps: readonly (Step | undefined)[],
  universe: IntervalSet,
): Bounds {
  const floor = walk(rules, orders.floor, steps, universe, false);
  const isPlain =
    orders.floor === orders.ceiling &&
    steps.every((step, index) => !step || (step.certain === step.possible && rules[index]?.access !== 'unknown'));
  if (isPlain) return { floor, ceiling: floor };
  return { floor, ceiling: walk(rules, orders.ceiling, steps, universe, true) };
}
