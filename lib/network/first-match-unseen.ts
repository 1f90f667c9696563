/**
 * Says which rules keep a first-match question from being decided: those whose uncertainty can turn the answer for some
 * address at which the bounds differ, and no others. Runs only where they do differ; it decides nothing itself.
 */
import {
  difference,
  emptySet,
  type IntervalSet,
  intersection,
  isEmpty,
  overlaps,
  union,
} from '../address/interval-set.ts';
import type { OrderedRule, Step } from './first-match.ts';

interface Standing extends Step {
  readonly rule: OrderedRule;
  readonly place: number;
  readonly notSeen: readonly string[];
}

/** All that stands in one place, and what it does to the walk. */
interface Group {
  readonly members: readonly Standing[];
  readonly mayAllow: IntervalSet;
  readonly mayDeny: IntervalSet;
  readonly stops: IntervalSet;
}

/** A rule without a certain place may match at its earliest, and is there for good at its latest. */
function standings(rules: readonly OrderedRule[], steps: readonly (Step | undefined)[], gap: IntervalSet): Standing[] {
  const all: Standing[] = [];
  for (const [index, rule] of rules.entries()) {
    const step = steps[index];
    if (!step) continue;
    const certain = intersection(step.certain, gap);
    const possible = intersection(step.possible, gap);
    if (isEmpty(possible)) continue;
    const notSeen = step.notSeen ? [...rule.notSeen, ...step.notSeen] : rule.notSeen;
    if (rule.earliest < rule.latest) all.push({ rule, place: rule.earliest, certain: emptySet, possible, notSeen });
    all.push({ rule, place: rule.latest, certain, possible, notSeen });
  }
  return all.sort((a, b) => a.place - b.place);
}

function groupByPlace(all: readonly Standing[]): Group[] {
  const groups: Group[] = [];
  for (let from = 0; from < all.length; ) {
    let to = from;
    let mayAllow = emptySet;
    let mayDeny = emptySet;
    let stops = emptySet;
    for (; to < all.length && all[to]?.place === all[from]?.place; to++) {
      const { rule, certain, possible } = all[to] as Standing;
      if (rule.access !== 'Deny') mayAllow = union(mayAllow, possible);
      if (rule.access !== 'Allow') mayDeny = union(mayDeny, possible);
      stops = union(stops, certain);
    }
    groups.push({ members: all.slice(from, to), mayAllow, mayDeny, stops });
    from = to;
  }
  return groups;
}

/** Whether the rule's own uncertainty turns the answer, given what may come of it and of all behind it. */
function matters(standing: Standing, reach: IntervalSet, mayAllow: IntervalSet, mayDeny: IntervalSet): boolean {
  const { rule, certain, possible } = standing;
  if (rule.access === 'unknown') return overlaps(possible, reach);
  const unsure = intersection(difference(possible, certain), reach);
  return overlaps(unsure, rule.access === 'Allow' ? mayDeny : mayAllow);
}

function contradicts(standing: Standing, group: Group, reach: IntervalSet): string | undefined {
  const { rule, possible } = standing;
  const other = group.members.find(
    (member) =>
      member.rule.access !== rule.access &&
      member.rule.access !== 'unknown' &&
      rule.access !== 'unknown' &&
      overlaps(intersection(member.possible, possible), reach),
  );
  return other ? `${other.rule.label} has the same priority and decides otherwise` : undefined;
}

/**
 * @param gap the addresses at which floor and ceiling differ
 * @returns `<label>: <reason>`, in the order of the rules, none twice
 */
export function nameUnseen(
  rules: readonly OrderedRule[],
  steps: readonly (Step | undefined)[],
  gap: IntervalSet,
): string[] {
  const groups = groupByPlace(standings(rules, steps, gap));
  const reaches: IntervalSet[] = [];
  let reach = gap;
  for (const group of groups) {
    reaches.push(reach);
    reach = difference(reach, group.stops);
  }
  const named = new Map<OrderedRule, Set<string>>();
  const name = (rule: OrderedRule, reasons: readonly string[]): void => {
    const known = named.get(rule) ?? new Set<string>();
    for (const reason of reasons) known.add(reason);
    named.set(rule, known);
  };
  let mayAllow = emptySet;
  let mayDeny = gap;
  for (let i = groups.length - 1; i >= 0; i--) {
    const group = groups[i] as Group;
    const here = reaches[i] as IntervalSet;
    mayAllow = union(difference(mayAllow, group.stops), group.mayAllow);
    mayDeny = union(difference(mayDeny, group.stops), group.mayDeny);
    for (const standing of group.members) {
      if (matters(standing, here, mayAllow, mayDeny)) name(standing.rule, standing.notSeen);
      const contradiction = contradicts(standing, group, here);
      if (contradiction) name(standing.rule, [contradiction]);
    }
  }
  return rules.flatMap((rule) => [...(named.get(rule) ?? [])].map((reason) => `${rule.label}: ${reason}`));
}
