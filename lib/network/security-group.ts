/**
 * What a network security group lets through, for whole sets of addresses and in three values: Azure's priority order
 * and first match, its default rules included, and before them the security admin rules of the network (admin-rule.ts).
 * Stateful, as Azure's groups are: replies are not asked about.
 */

import {
  difference,
  emptySet,
  hasAddress,
  type IntervalSet,
  intersection,
  isEmpty,
  union,
} from '../address/interval-set.ts';
import type { RuleEvidence } from '../audit/report.ts';
import type { AddressContext } from './address-list.ts';
import {
  type AdminVerdict,
  type CompiledAdminRules,
  compileAdminRules,
  judgeAdminRules,
  type SecurityAdminRules,
} from './admin-rule.ts';
import { representatives } from './dimension-atoms.ts';
import { type Bounds, boundFirstMatch, orderRules, type Step, type WalkOrders } from './first-match.ts';
import { nameUnseen } from './first-match-unseen.ts';
import type { NetworkSecurityGroup } from './model.ts';
import { everyPort } from './port-list.ts';
import {
  type CompiledSecurityRule,
  compileSecurityRule,
  type Direction,
  defaultRules,
  directionsOf,
  unseenRules,
} from './security-rule.ts';

export type { AddressContext } from './address-list.ts';

interface CompiledDirection {
  /** In ascending priority as far as it is known, default rules last. */
  readonly rules: readonly CompiledSecurityRule[];
  readonly orders: WalkOrders;
  /** Absent: none is known to apply. */
  readonly admin: CompiledAdminRules | undefined;
}

export interface CompiledSecurityGroup {
  readonly Inbound: CompiledDirection;
  readonly Outbound: CompiledDirection;
}

export interface FlowSet {
  readonly direction: Direction;
  readonly protocol: 'Tcp' | 'Udp';
  /** Destination port. */
  readonly port: number;
  /** The far side: sources when inbound. */
  readonly remote: IntervalSet;
  /** The subnet's own addresses. */
  readonly local: IntervalSet;
}

/** Four sets of far addresses, each within `FlowSet.remote`. */
export interface FlowVerdict {
  /** Allowed for every local address and source port, whatever the unseen turns out to be. */
  readonly allowed: IntervalSet;
  /** May be allowed for every local address and source port. */
  readonly possiblyAllowed: IntervalSet;
  /** Allowed for at least one local address and source port, whatever the unseen turns out to be. */
  readonly reachable: IntervalSet;
  /** May be allowed for at least one local address and source port. */
  readonly possiblyReachable: IntervalSet;
  /** What kept it from being decided: only what matters for this flow; empty where the sets agree. */
  readonly notSeen: readonly string[];
}

function compileDirection(
  group: NetworkSecurityGroup,
  direction: Direction,
  context: AddressContext,
  adminRules: SecurityAdminRules | undefined,
): CompiledDirection {
  const rules = group.securityRules
    .filter((rule) => directionsOf(rule).includes(direction))
    .map((rule) => compileSecurityRule(rule, direction, context))
    .sort((a, b) => a.latest - b.latest);
  const { location: _location, provisioningState: _state, ...hidden } = group.unresolved ?? {};
  const unseen = Object.entries(hidden).map(([field, text]) => `${field} ${text}`);
  const all = [
    ...(unseen.length > 0 ? [unseenRules(group.name, unseen)] : []),
    ...rules,
    ...defaultRules(direction, context),
  ];
  const admin = adminRules && compileAdminRules(adminRules, direction, context);
  return { rules: all, orders: orderRules(all), admin };
}

/**
 * Compiles a group for one network; the result may be asked any number of times.
 * @param adminRules of the network; absent: none are taken into account
 */
export function compileSecurityGroup(
  group: NetworkSecurityGroup,
  context: AddressContext,
  adminRules?: SecurityAdminRules,
): CompiledSecurityGroup {
  return {
    Inbound: compileDirection(group, 'Inbound', context, adminRules),
    Outbound: compileDirection(group, 'Outbound', context, adminRules),
  };
}

function covers(rule: CompiledSecurityRule, flow: FlowSet): boolean | undefined {
  return flow.protocol === 'Tcp' ? rule.tcp : rule.udp;
}

function concerns(rule: CompiledSecurityRule, flow: FlowSet): boolean {
  return covers(rule, flow) !== false && hasAddress(rule.destinationPorts.possible, flow.port);
}

/** What the rule matches of a flow from or to one local address, with one source port. */
function stepOf(rule: CompiledSecurityRule, flow: FlowSet, local: number, sourcePort: number): Step | undefined {
  if (!concerns(rule, flow)) return undefined;
  if (!hasAddress(rule.local.possible, local) || !hasAddress(rule.sourcePorts.possible, sourcePort)) return undefined;
  const isSure =
    rule.isSure &&
    covers(rule, flow) === true &&
    hasAddress(rule.destinationPorts.certain, flow.port) &&
    hasAddress(rule.local.certain, local) &&
    hasAddress(rule.sourcePorts.certain, sourcePort);
  return { certain: isSure ? rule.remote.certain : emptySet, possible: rule.remote.possible };
}

/** Local addresses and source ports that between them stand for all, one pair for each that a rule tells apart. */
function* atoms(rules: readonly CompiledSecurityRule[], flow: FlowSet): Generator<readonly [number, number]> {
  const concerned = rules.filter((rule) => concerns(rule, flow));
  const locals = representatives(
    flow.local,
    concerned.flatMap((rule) => [rule.local.certain, rule.local.possible]),
  );
  const ports = representatives(
    everyPort,
    concerned.flatMap((rule) => [rule.sourcePorts.certain, rule.sourcePorts.possible]),
  );
  for (const local of locals) {
    for (const port of ports) yield [local, port];
  }
}

/** What is let through when admin rules have their say before a group's. */
function withAdmin({ floor, ceiling }: Bounds, admin: AdminVerdict): Bounds {
  return {
    floor: union(admin.allowed, difference(floor, admin.possiblyDenied)),
    ceiling: difference(union(ceiling, admin.possiblyAllowed), admin.denied),
  };
}

/** What the group lets through of a flow. A flow without local addresses is undecided, never vacuously allowed. */
export function filterSecurityGroup(group: CompiledSecurityGroup, flow: FlowSet): FlowVerdict {
  const { rules, orders, admin } = group[flow.direction];
  if (isEmpty(flow.local)) {
    const { remote } = flow;
    const notSeen = isEmpty(remote) ? [] : ["the subnet's own addresses"];
    return { allowed: emptySet, possiblyAllowed: remote, reachable: emptySet, possiblyReachable: remote, notSeen };
  }
  let allowed = flow.remote;
  let possiblyAllowed = flow.remote;
  let reachable = emptySet;
  let possiblyReachable = emptySet;
  const undecidedAtoms: Undecided[] = [];
  for (const [local, sourcePort] of atoms([...(admin?.rules ?? []), ...rules], flow)) {
    const step = (rule: CompiledSecurityRule) => stepOf(rule, flow, local, sourcePort);
    const steps = rules.map(step);
    const own = boundFirstMatch(rules, orders, steps, flow.remote);
    const { floor, ceiling } = admin ? withAdmin(own, judgeAdminRules(admin, step, flow.remote)) : own;
    const gap = ceiling === floor ? emptySet : difference(ceiling, floor);
    if (!isEmpty(gap)) undecidedAtoms.push({ steps, adminSteps: admin?.rules.map(step) ?? [], gap });
    allowed = intersection(allowed, floor);
    possiblyAllowed = intersection(possiblyAllowed, ceiling);
    reachable = union(reachable, floor);
    possiblyReachable = union(possiblyReachable, ceiling);
  }
  if (undecidedAtoms.length === 0) return { allowed, possiblyAllowed, reachable, possiblyReachable, notSeen: [] };
  const undecided = union(difference(possiblyAllowed, allowed), difference(possiblyReachable, reachable));
  const notSeen = undecidedAtoms.flatMap(({ steps, adminSteps, gap }) => {
    const open = intersection(gap, undecided);
    const before = admin ? [admin.denials, admin.allowances] : [];
    return [...before.flatMap((each) => nameUnseen(each.rules, adminSteps, open)), ...nameUnseen(rules, steps, open)];
  });
  return { allowed, possiblyAllowed, reachable, possiblyReachable, notSeen: [...new Set(notSeen)] };
}

/** What one pair of a local address and a source port leaves open. */
interface Undecided {
  readonly steps: readonly (Step | undefined)[];
  readonly adminSteps: readonly (Step | undefined)[];
  readonly gap: IntervalSet;
}

/** Whether an admin rule ends the matter, and how; `undefined` for one that leaves it to the group. */
function endOf({ evidence }: CompiledSecurityRule): 'Allow' | 'Deny' | undefined {
  const access = evidence.access.toLowerCase();
  return access === 'deny' ? 'Deny' : access === 'alwaysallow' ? 'Allow' : undefined;
}

/**
 * The rule that decides for one far address: the first that surely matches and surely stands where it does, a default
 * rule if no other. Where local addresses or source ports fare differently, a rule of the access `preferred` is chosen:
 * what denies is evidence against a flow that must pass, what allows against one that must not.
 */
export function decidingRule(
  group: CompiledSecurityGroup,
  flow: FlowSet,
  address: number,
  preferred: 'Allow' | 'Deny' = 'Deny',
): RuleEvidence | undefined {
  const { rules, admin } = group[flow.direction];
  const adminRules = admin?.rules ?? [];
  let decided: CompiledSecurityRule | undefined;
  for (const [local, sourcePort] of atoms([...adminRules, ...rules], flow)) {
    const matches = (candidate: CompiledSecurityRule): boolean =>
      candidate.earliest === candidate.latest &&
      hasAddress(stepOf(candidate, flow, local, sourcePort)?.certain ?? emptySet, address);
    const first = adminRules.find(matches);
    const end = first && endOf(first);
    const rule = end === undefined ? rules.find(matches) : first;
    if ((end ?? rule?.access) === preferred) return rule?.evidence;
    decided ??= rule;
  }
  return decided?.evidence;
}
