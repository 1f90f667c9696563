/**
 * The order in which an Azure Firewall asks its rules (learn: "Azure Firewall rule processing logic"): DNAT, then
 * network, then application rules; within each the rules of a base policy before those of the policies that inherit
 * it; then by the priority of the rule collection group and of the rule collection. A policy, group or collection that
 * is named but not there leaves its place to an unseen rule that may do anything.
 */
import type { RuleEvidence } from '../audit/report.ts';
import type { AddressNames } from './address-list.ts';
import { compileFirewallRule, type FirewallMatch, type FirewallRuleKind, matchUnseen } from './firewall-rule.ts';
import type { Access, OrderedRule } from './first-match.ts';
import {
  type AzureFirewall,
  type ClassicRuleCollection,
  type Estate,
  type FirewallPolicy,
  idKey,
  isExpression,
  type RuleCollection,
  type RuleCollectionGroup,
  type Unresolved,
} from './model.ts';

export interface OrderedFirewallRule extends OrderedRule, FirewallMatch {
  readonly evidence: RuleEvidence;
}

/** Kind of rule, depth of the policy (base policies lower), group, collection: compared from the left. */
type Place = readonly [kind: number, depth: number, group: number, collection: number];

interface PlacedRule extends Omit<OrderedFirewallRule, 'earliest' | 'latest'> {
  readonly from: Place;
  readonly to: Place;
}

const kindPlace: Readonly<Record<FirewallRuleKind, number>> = { nat: 0, network: 1, application: 2 };
const first = Number.NEGATIVE_INFINITY;
const last = Number.POSITIVE_INFINITY;

export interface FirewallOrder {
  readonly rules: readonly OrderedFirewallRule[];
  /** Whether names in network rules are resolved: that needs the policy's DNS proxy. */
  readonly resolvesNames: boolean;
  readonly deniesByThreatIntelligence: boolean;
}

function comparePlaces(a: Place, b: Place): number {
  for (let i = 0; i < a.length; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}

/** Turns places into numbers that compare alike. */
function rank(placed: readonly PlacedRule[]): OrderedFirewallRule[] {
  const places = placed.flatMap((rule) => [rule.from, rule.to]).sort(comparePlaces);
  const ranks = new Map<string, number>();
  for (const place of places) {
    const key = place.join();
    if (!ranks.has(key)) ranks.set(key, ranks.size);
  }
  const rankOf = (place: Place): number => ranks.get(place.join()) ?? 0;
  return placed
    .map(({ from, to, ...rule }) => ({ ...rule, earliest: rankOf(from), latest: rankOf(to) }))
    .sort((a, b) => a.latest - b.latest);
}

/** Something that should hold rules and was not read: before all else of its depth and group, doing anything. */
function unseen(label: string, depth: number, group: number, notSeen: readonly string[]): PlacedRule {
  const place: Place = [kindPlace.network, depth, group, first];
  const evidence = { name: label, access: 'unknown' };
  return { ...matchUnseen(notSeen), label, access: 'unknown', evidence, from: place, to: place };
}

/** Fields of a resource that say nothing about what it lets through. */
const indifferent = /^(name|location|provisioningState|threatIntelMode|dns.*)$/i;

function unresolvedFields(unresolved: Unresolved | undefined, but = indifferent): string[] {
  return Object.entries(unresolved ?? {})
    .filter(([key]) => !but.test(key))
    .map(([key, text]) => `${key} ${text}`);
}

function lastSegment(id: string): string {
  return isExpression(id) ? id : id.slice(id.lastIndexOf('/') + 1);
}

function readAction(text: string): Access {
  const action = text.toLowerCase();
  return action === 'allow' ? 'Allow' : action === 'deny' ? 'Deny' : 'unknown';
}

interface GroupPlace {
  readonly id?: string;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
  /** The group's place is shared or not known: its collections may stand anywhere in it. */
  readonly isShared: boolean;
  readonly notSeen: readonly string[];
}

function isPriority(priority: number | undefined): priority is number {
  return priority !== undefined && Number.isInteger(priority) && priority >= 100 && priority <= 65000;
}

function missingPriority(priority: number | undefined): string {
  return priority === undefined ? 'no priority is given' : `priority ${priority}, which Azure does not accept`;
}

function placeCollection(
  collection: ClassicRuleCollection | RuleCollection,
  group: GroupPlace,
  estate: Estate,
  names: AddressNames,
): PlacedRule[] {
  const { name, priority, action } = collection;
  const label = `rule collection "${name}"`;
  const unresolved = 'unresolved' in collection ? collection.unresolved : undefined;
  const hidden = unresolvedFields(unresolved, /^(name|priority)$/i);
  const isPlaced = isPriority(priority);
  const access = readAction(action);
  const notSeen = [
    ...group.notSeen,
    ...(isPlaced
      ? []
      : [`${label}: ${unresolved?.priority ? `priority ${unresolved.priority}` : missingPriority(priority)}`]),
  ];
  const isAnywhere = !isPlaced || group.isShared;
  const placed = collection.rules.map((rule): PlacedRule => {
    const match = compileFirewallRule(rule, estate, names);
    const isNat = match.kind === 'nat';
    const kind = kindPlace[match.kind];
    return {
      ...match,
      label: `rule "${rule.name}" of ${label}`,
      // What is translated leaves for another address: whether that is let through is not this question.
      access: isNat ? 'unknown' : access,
      evidence: { name: `${name}/${rule.name}`, id: group.id, priority, access: action },
      from: [kind, group.depth, group.from, isAnywhere ? first : priority],
      to: [kind, group.depth, group.to, isAnywhere ? last : priority],
      notSeen: [
        ...notSeen,
        ...(isNat ? ['it translates the destination'] : access === 'unknown' ? [`action "${action}"`] : []),
        ...match.notSeen,
      ],
    };
  });
  return hidden.length === 0 ? placed : [...placed, unseen(label, group.depth, group.from, hidden)];
}

function placeGroup(
  group: RuleCollectionGroup,
  depth: number,
  siblings: readonly RuleCollectionGroup[],
  estate: Estate,
  names: AddressNames,
): PlacedRule[] {
  const { id, priority } = group;
  const label = `rule collection group "${group.name}"`;
  const isPlaced = isPriority(priority);
  const isShared = !isPlaced || siblings.some((other) => other !== group && other.priority === priority);
  const hidden = unresolvedFields(group.unresolved, /^(name|priority)$/i);
  const unplaced = group.unresolved?.priority ? `priority ${group.unresolved.priority}` : missingPriority(priority);
  const place: GroupPlace = {
    id,
    depth,
    from: isPlaced ? priority : first,
    to: isPlaced ? priority : last,
    isShared,
    notSeen: !isPlaced
      ? [`${label}: ${unplaced}`]
      : isShared
        ? [`${label}: another group has the same priority ${priority}`]
        : [],
  };
  const placed = group.ruleCollections.flatMap((collection) => placeCollection(collection, place, estate, names));
  return hidden.length === 0 ? placed : [...placed, unseen(label, depth, place.from, hidden)];
}

function placePolicy(policy: FirewallPolicy, depth: number, estate: Estate, names: AddressNames): PlacedRule[] {
  const label = `firewall policy "${policy.name}"`;
  const known = new Set(policy.ruleCollectionGroups.map((group) => idKey(group.id)));
  const missing = policy.ruleCollectionGroupIds.filter((id) => !known.has(idKey(id)));
  const hidden = [
    ...unresolvedFields(policy.unresolved),
    ...missing.map((id) => `rule collection group "${lastSegment(id)}"`),
  ];
  // A live policy always says its state; one that does not may have groups that are declared elsewhere.
  const isBare = policy.ruleCollectionGroups.length + missing.length === 0 && policy.provisioningState === undefined;
  if (isBare) hidden.push('no rule collection group is given');
  return [
    ...(hidden.length > 0 ? [unseen(label, depth, first, hidden)] : []),
    ...policy.ruleCollectionGroups.flatMap((group) =>
      placeGroup(group, depth, policy.ruleCollectionGroups, estate, names),
    ),
  ];
}

function placeClassic(firewall: AzureFirewall, estate: Estate, names: AddressNames): PlacedRule[] {
  const { networkRuleCollections, applicationRuleCollections, natRuleCollections } = firewall;
  const collections = [...natRuleCollections, ...networkRuleCollections, ...applicationRuleCollections];
  const label = `firewall "${firewall.name}"`;
  const group: GroupPlace = { id: firewall.id, depth: 0, from: 0, to: 0, isShared: false, notSeen: [] };
  const hidden = unresolvedFields(firewall.unresolved, /^(?!.*(rule|policy))/i);
  if (collections.length === 0 && hidden.length === 0 && firewall.provisioningState === undefined) {
    hidden.push('neither a policy nor rules are given');
  }
  // A classic collection always holds rules; one that shows none left them to an expression.
  const hollow = [...networkRuleCollections, ...applicationRuleCollections].filter((each) => each.rules.length === 0);
  return [
    ...(hidden.length > 0 ? [unseen(label, 0, first, hidden)] : []),
    ...hollow.map((each) => unseen(`rule collection "${each.name}"`, 0, 0, ['no rule is given'])),
    ...collections.flatMap((collection) => placeCollection(collection, group, estate, names)),
  ];
}

/** A firewall's policy and those that it inherits from, the firewall's own first; `missing` names where it breaks off. */
function policyChain(
  estate: Estate,
  firstId: string,
): { readonly policies: readonly FirewallPolicy[]; readonly missing?: string } {
  const policies: FirewallPolicy[] = [];
  const visited = new Set<string>();
  for (let id: string | undefined = firstId; id !== undefined; ) {
    const name = lastSegment(id);
    if (visited.has(idKey(id))) return { policies, missing: `firewall policy "${name}" inherits from itself` };
    visited.add(idKey(id));
    const policy: FirewallPolicy | undefined = estate.firewallPolicies.get(idKey(id));
    if (!policy) return { policies, missing: `firewall policy "${name}"` };
    policies.push(policy);
    id = policy.basePolicyId;
  }
  return { policies };
}

/** All rules of a firewall in their order, compiled. */
export function orderFirewall(estate: Estate, firewall: AzureFirewall, names: AddressNames): FirewallOrder {
  const isStrict = (mode: string | undefined): boolean => mode?.toLowerCase() === 'deny';
  if (firewall.firewallPolicyId === undefined) {
    return {
      rules: rank(placeClassic(firewall, estate, names)),
      resolvesNames: false,
      deniesByThreatIntelligence: isStrict(firewall.threatIntelMode),
    };
  }
  const { policies, missing } = policyChain(estate, firewall.firewallPolicyId);
  const placed = policies.flatMap((policy, index) => placePolicy(policy, -index, estate, names));
  if (missing !== undefined) placed.push(unseen(`firewall "${firewall.name}"`, -policies.length, first, [missing]));
  return {
    rules: rank(placed),
    resolvesNames: policies.some((policy) => policy.dnsProxyEnabled === true),
    deniesByThreatIntelligence: [firewall, ...policies].some((holder) => isStrict(holder.threatIntelMode)),
  };
}
