/**
 * What an Azure Firewall lets through, for whole sets of destinations or for named hosts, in three values. The order of
 * its rules is in `firewall-order.ts`. Names are not resolved, and the firewall's built-in rules for its own platform
 * (learn: "Infrastructure FQDNs") are not counted, because no one else may rely on them. What no rule matches is denied.
 */

import {
  covers,
  difference,
  emptySet,
  hasAddress,
  type IntervalSet,
  intersection,
  isEmpty,
  overlaps,
  wholeSpace,
} from '../address/interval-set.ts';
import { parseIpv4 } from '../address/prefix.ts';
import type { ServiceTags } from '../address/service-tags.ts';
import type { RuleEvidence } from '../audit/report.ts';
import { representatives } from './dimension-atoms.ts';
import { coverHosts, describePatterns, type HostCoverage, normaliseHost } from './firewall-hosts.ts';
import { type FirewallOrder, type OrderedFirewallRule, orderFirewall } from './firewall-order.ts';
import { boundFirstMatch, orderRules, type Step, type WalkOrders } from './first-match.ts';
import { nameUnseen } from './first-match-unseen.ts';
import type { AzureFirewall, Estate } from './model.ts';
import { publicSpace } from './public-space.ts';

export interface CompiledFirewall extends FirewallOrder {
  readonly orders: WalkOrders;
  /** What was taken for granted, in words. */
  readonly assumptions: readonly string[];
}

interface FirewallFlow {
  readonly source: IntervalSet;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

export interface FirewallAddressFlow extends FirewallFlow {
  readonly destination: IntervalSet;
  /** Names under which these destinations are called; may hold a leading `*.`. Absent or empty: not known. */
  readonly hosts?: readonly string[];
}

export interface FirewallHostFlow extends FirewallFlow {
  /** May hold a leading `*.`: every host of that domain. */
  readonly host: string;
}

export interface FirewallVerdict {
  /** Destinations allowed for every source address, whatever the unseen turns out to be. */
  readonly allowed: IntervalSet;
  /** Destinations that may be allowed for every source address. */
  readonly possiblyAllowed: IntervalSet;
  /** What kept it from being decided: only what matters for this flow. */
  readonly notSeen: readonly string[];
}

export interface FirewallHostVerdict {
  readonly decision: 'allowed' | 'denied' | 'unknown';
  readonly notSeen: readonly string[];
  /** The rule that surely matches first; absent where none does, and the firewall denies by default. */
  readonly rule?: RuleEvidence;
}

const byAddress = new WeakMap<Estate['azureFirewalls'], ReadonlyMap<number, readonly AzureFirewall[]>>();

/** Private address -> the firewalls that have it, by id; for the whole estate at once. */
function firewallsByAddress(estate: Estate): ReadonlyMap<number, readonly AzureFirewall[]> {
  const known = byAddress.get(estate.azureFirewalls);
  if (known) return known;
  const found = new Map<number, AzureFirewall[]>();
  for (const firewall of [...estate.azureFirewalls.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    for (const address of new Set(firewall.privateIpAddresses.map(parseIpv4))) {
      if (address === undefined) continue;
      const list = found.get(address);
      if (list) list.push(firewall);
      else found.set(address, [firewall]);
    }
  }
  byAddress.set(estate.azureFirewalls, found);
  return found;
}

/** All Azure Firewalls with this private address, in a VNet or a hub, by id: separate networks may use one address. */
export function firewallsAt(estate: Estate, nextHopIpAddress: string): readonly AzureFirewall[] {
  const address = parseIpv4(nextHopIpAddress);
  return (address === undefined ? undefined : firewallsByAddress(estate).get(address)) ?? [];
}

/** The Azure Firewall that owns a next-hop address; `undefined` for none, and where several have it. */
export function firewallAt(estate: Estate, nextHopIpAddress: string): AzureFirewall | undefined {
  const firewalls = firewallsAt(estate, nextHopIpAddress);
  return firewalls.length === 1 ? firewalls[0] : undefined;
}

/**
 * Compiles a firewall with its policies, their groups and the IP groups that they name.
 * @param tagsFor the service tags that hold in a region: those of its cloud
 */
export function compileFirewall(
  estate: Estate,
  firewall: AzureFirewall,
  tagsFor: (region: string) => ServiceTags,
): CompiledFirewall {
  const order = orderFirewall(estate, firewall, { tags: tagsFor(firewall.location ?? '') });
  return {
    ...order,
    orders: orderRules(order.rules),
    assumptions: order.deniesByThreatIntelligence
      ? [`threat intelligence of firewall "${firewall.name}" denies none of the destinations that its rules allow`]
      : [],
  };
}

/** A rule's match in one dimension after another: the destinations by address, and how far its names reach. */
type Destination = (rule: OrderedFirewallRule) => Step;

const nowhere: Step = { certain: emptySet, possible: emptySet };
const proxyNeeded = 'host names in a network rule need the DNS proxy, which is not seen to be on';

/** Joins what a rule says by address with what it says by name. */
function withNames(rule: OrderedFirewallRule, byAddress: Step, coverage: HostCoverage, resolvesNames: boolean): Step {
  if (rule.kind === 'application') {
    if (coverage === 'all') return byAddress;
    if (coverage === 'none') return nowhere;
    return { certain: emptySet, possible: byAddress.possible, notSeen: describePatterns(rule.hosts) };
  }
  if (coverage === 'none') return byAddress;
  if (coverage === 'all' && resolvesNames) return { certain: wholeSpace, possible: wholeSpace };
  const notSeen = coverage === 'all' ? [proxyNeeded] : describePatterns(rule.hosts);
  return { certain: byAddress.certain, possible: wholeSpace, notSeen: [...(byAddress.notSeen ?? []), ...notSeen] };
}

/** DNAT concerns the firewall's own public addresses; a rule for any destination means those, and no others. */
function concernsOutbound(rule: OrderedFirewallRule): boolean {
  return rule.kind !== 'nat' || !covers(rule.destination.possible, publicSpace);
}

function addressDestination(firewall: CompiledFirewall, flow: FirewallAddressFlow): Destination {
  const hosts = (flow.hosts ?? []).map(normaliseHost);
  return (rule) => {
    if (!concernsOutbound(rule)) return nowhere;
    if (rule.kind === 'nat') return { certain: emptySet, possible: rule.destination.possible };
    return withNames(rule, rule.destination, coverHosts(rule.hosts, hosts), firewall.resolvesNames);
  };
}

/** The whole space stands for the host: a rule matches all of it, may match it, or does not. */
function hostDestination(firewall: CompiledFirewall, flow: FirewallHostFlow): Destination {
  const hosts = [normaliseHost(flow.host)];
  return (rule) => {
    if (rule.kind === 'nat') return nowhere;
    const { certain, possible } = rule.destination;
    let byAddress = nowhere;
    if (covers(certain, publicSpace)) byAddress = { certain: wholeSpace, possible: wholeSpace };
    else if (overlaps(possible, publicSpace)) {
      byAddress = { certain: emptySet, possible: wholeSpace, notSeen: [`the addresses of ${flow.host}`] };
    }
    return withNames(rule, byAddress, coverHosts(rule.hosts, hosts), firewall.resolvesNames);
  };
}

function concerns(rule: OrderedFirewallRule, flow: FirewallFlow): boolean {
  const ports = flow.protocol === 'TCP' ? rule.tcp : rule.udp;
  return hasAddress(ports.possible, flow.port) && overlaps(rule.source.possible, flow.source);
}

function isSurely(rule: OrderedFirewallRule, flow: FirewallFlow, source: number): boolean {
  const ports = flow.protocol === 'TCP' ? rule.tcp : rule.udp;
  return rule.isSure && hasAddress(ports.certain, flow.port) && hasAddress(rule.source.certain, source);
}

/** What each rule matches in each piece of the sources that rules tell apart. */
function stepsPerSource(
  firewall: CompiledFirewall,
  flow: FirewallFlow,
  destination: Destination,
): (Step | undefined)[][] {
  const concerned = firewall.rules.map((rule) => (concerns(rule, flow) ? destination(rule) : undefined));
  const cuts = firewall.rules.flatMap((rule, index) =>
    concerned[index] ? [rule.source.certain, rule.source.possible] : [],
  );
  return representatives(flow.source, cuts).map((source) =>
    firewall.rules.map((rule, index) => {
      const step = concerned[index];
      if (!step || !hasAddress(rule.source.possible, source)) return undefined;
      return isSurely(rule, flow, source) ? step : { ...step, certain: emptySet };
    }),
  );
}

function filter(
  firewall: CompiledFirewall,
  steps: readonly (readonly (Step | undefined)[])[],
  universe: IntervalSet,
): FirewallVerdict {
  const { rules, orders } = firewall;
  // No source is no proof: nothing is allowed for sources that are not known.
  if (steps.length === 0) return { allowed: emptySet, possiblyAllowed: universe, notSeen: ['the source addresses'] };
  const bounds = steps.map((perSource) => boundFirstMatch(rules, orders, perSource, universe));
  const allowed = bounds.map(({ floor }) => floor).reduce(intersection);
  const possiblyAllowed = bounds.map(({ ceiling }) => ceiling).reduce(intersection);
  const undecided = difference(possiblyAllowed, allowed);
  if (isEmpty(undecided)) return { allowed, possiblyAllowed, notSeen: [] };
  const notSeen = bounds.flatMap(({ floor, ceiling }, index) =>
    nameUnseen(rules, steps[index] ?? [], intersection(difference(ceiling, floor), undecided)),
  );
  return { allowed, possiblyAllowed, notSeen: [...new Set(notSeen)] };
}

/** The first rule that surely matches the address and surely stands where it does, for each piece of the sources. */
function deciding(
  firewall: CompiledFirewall,
  steps: readonly (readonly (Step | undefined)[])[],
  address: number,
): (OrderedFirewallRule | undefined)[] {
  return steps.map((perSource) =>
    firewall.rules.find(
      (rule, index) =>
        rule.earliest === rule.latest &&
        rule.access !== 'unknown' &&
        hasAddress(perSource[index]?.certain ?? emptySet, address),
    ),
  );
}

/** What the firewall lets through of a flow to addresses. */
export function filterFirewall(firewall: CompiledFirewall, flow: FirewallAddressFlow): FirewallVerdict {
  return filter(firewall, stepsPerSource(firewall, flow, addressDestination(firewall, flow)), flow.destination);
}

/**
 * The rule that decides for one destination, for evidence: the first that surely matches; where sources fare
 * differently, one that denies. `undefined` where no rule does, and the firewall denies by default.
 */
export function decidingFirewallRule(
  firewall: CompiledFirewall,
  flow: FirewallAddressFlow,
  address: number,
): RuleEvidence | undefined {
  const rules = deciding(firewall, stepsPerSource(firewall, flow, addressDestination(firewall, flow)), address);
  if (rules.includes(undefined)) return undefined;
  return (rules.find((rule) => rule?.access === 'Deny') ?? rules[0])?.evidence;
}

/** Whether the firewall lets a flow to a named host through, for every source address. */
export function filterFirewallHost(firewall: CompiledFirewall, flow: FirewallHostFlow): FirewallHostVerdict {
  const steps = stepsPerSource(firewall, flow, hostDestination(firewall, flow));
  const { allowed, possiblyAllowed, notSeen } = filter(firewall, steps, wholeSpace);
  const decision = !isEmpty(allowed) ? 'allowed' : isEmpty(possiblyAllowed) ? 'denied' : 'unknown';
  const rules = deciding(firewall, steps, 0);
  const isByDefault = decision === 'denied' && rules.includes(undefined);
  const decided = isByDefault ? undefined : (rules.find((rule) => rule?.access === 'Deny') ?? rules[0]);
  return { decision, notSeen, ...(decided ? { rule: decided.evidence } : {}) };
}
