/**
 * One NSG rule, compiled: its texts become sets and three-valued answers once, so that a question does no work on text.
 * What Azure would not accept, or what is not seen, leaves the rule in place as a possible match and is named.
 */

import { emptySet, type IntervalSet, wholeSpace } from '../address/interval-set.ts';
import type { RuleEvidence } from '../audit/report.ts';
import {
  type AddressContext,
  type AddressList,
  anyAddress,
  everyAddress,
  exactly,
  expandAddressesAndGroups,
  join,
  undecided,
} from './address-list.ts';
import type { Access, OrderedRule } from './first-match.ts';
import type { SecurityRule, Unresolved } from './model.ts';
import { compilePorts, everyPort, type PortList, undecidedPorts } from './port-list.ts';

export type Direction = 'Inbound' | 'Outbound';

export interface CompiledSecurityRule extends OrderedRule {
  readonly evidence: RuleEvidence;
  /** `undefined`: the protocol's text could not be read. */
  readonly tcp: boolean | undefined;
  readonly udp: boolean | undefined;
  readonly sourcePorts: PortList;
  readonly destinationPorts: PortList;
  /** The subnet's own side: destinations when inbound. */
  readonly local: AddressList;
  readonly remote: AddressList;
  /** False for a rule that Azure may not have: it never surely matches. */
  readonly isSure: boolean;
}

/** Where Azure keeps the user's rules (learn: "Network security groups", security rules). */
const firstPriority = 100;
const lastPriority = 4096;
const allPorts: PortList = { certain: everyPort, possible: everyPort, notSeen: [] };

type FieldName = 'sourceaddress' | 'destinationaddress' | 'sourceport' | 'destinationport' | 'priority' | 'other';

function fieldOf(key: string): FieldName {
  const name = key.toLowerCase();
  for (const side of ['source', 'destination'] as const) {
    if (name.startsWith(`${side}port`)) return `${side}port`;
    if (name.startsWith(`${side}address`) || name.startsWith(`${side}application`)) return `${side}address`;
  }
  return name === 'priority' ? 'priority' : 'other';
}

/** Texts of the unresolved fields that make up `field`. */
function unresolvedIn(unresolved: Unresolved | undefined, field: FieldName): string[] {
  const texts: string[] = [];
  for (const [key, text] of Object.entries(unresolved ?? {})) {
    if (fieldOf(key) === field) texts.push(`${key} ${text}`);
  }
  return texts;
}

function readAccess(text: string): Access {
  const access = text.toLowerCase();
  return access === 'allow' ? 'Allow' : access === 'deny' ? 'Deny' : 'unknown';
}

/** The directions in which a rule may apply: both where its text is neither. */
export function directionsOf(rule: SecurityRule): readonly Direction[] {
  const direction = rule.direction.toLowerCase();
  return direction === 'inbound' ? ['Inbound'] : direction === 'outbound' ? ['Outbound'] : ['Inbound', 'Outbound'];
}

/** Whether a protocol's text covers this protocol (Azure's names, or IANA's numbers); `undefined` for no known text. */
function coversProtocol(text: string, name: string, number: string): boolean | undefined {
  const protocol = text.toLowerCase();
  if (protocol === name || protocol === number || ['*', 'all', 'any'].includes(protocol)) return true;
  return ['tcp', '6', 'udp', '17', 'icmp', '1', 'icmpv6', '58', 'esp', '50', 'ah', '51'].includes(protocol)
    ? false
    : undefined;
}

interface Place {
  readonly earliest: number;
  readonly latest: number;
  readonly isSure: boolean;
  readonly notSeen: readonly string[];
}

/** A rule whose place is not known stands anywhere among the user's rules. */
function placeOf(rule: SecurityRule): Place {
  const { priority } = rule;
  const anywhere = { earliest: firstPriority - 1, latest: lastPriority + 1 };
  const hidden = unresolvedIn(rule.unresolved, 'priority');
  if (hidden.length > 0) return { ...anywhere, isSure: true, notSeen: hidden };
  if (priority === undefined) return { ...anywhere, isSure: true, notSeen: ['no priority is given'] };
  if (!Number.isInteger(priority) || priority < firstPriority || priority > lastPriority) {
    return { ...anywhere, isSure: false, notSeen: [`priority ${priority}, which Azure does not accept`] };
  }
  return { earliest: priority, latest: priority, isSure: true, notSeen: [] };
}

function compileSide(
  rule: SecurityRule,
  side: 'source' | 'destination',
  members: IntervalSet,
  context: AddressContext,
): AddressList {
  const isSource = side === 'source';
  const prefixes = isSource ? rule.sourceAddressPrefixes : rule.destinationAddressPrefixes;
  const groups = isSource ? rule.sourceApplicationSecurityGroupIds : rule.destinationApplicationSecurityGroupIds;
  const hidden = unresolvedIn(rule.unresolved, `${side}address`);
  if (hidden.length === 0) return expandAddressesAndGroups(prefixes, groups, members, context);
  const seen =
    prefixes.length + groups.length === 0 ? [] : [expandAddressesAndGroups(prefixes, groups, members, context)];
  return [...seen, ...hidden.map((text) => undecided(text))].reduce(join);
}

function compilePortSide(rule: SecurityRule, side: 'source' | 'destination'): PortList {
  const hidden = unresolvedIn(rule.unresolved, `${side}port`);
  if (hidden.length > 0) return undecidedPorts(hidden);
  return compilePorts(side === 'source' ? rule.sourcePortRanges : rule.destinationPortRanges, `${side} port`);
}

/** Compiles a rule for one of its directions. */
export function compileSecurityRule(
  rule: SecurityRule,
  direction: Direction,
  context: AddressContext,
): CompiledSecurityRule {
  const access = readAccess(rule.access);
  const place = placeOf(rule);
  const tcp = coversProtocol(rule.protocol, 'tcp', '6');
  const sourcePorts = compilePortSide(rule, 'source');
  const destinationPorts = compilePortSide(rule, 'destination');
  const isInbound = direction === 'Inbound';
  // Members of an application security group are network interfaces of this network.
  const local = compileSide(rule, isInbound ? 'destination' : 'source', wholeSpace, context);
  const remote = compileSide(rule, isInbound ? 'source' : 'destination', context.virtualNetwork, context);
  const other = unresolvedIn(rule.unresolved, 'other');
  const knowsDirection = directionsOf(rule).length === 1;
  const { name, id, priority } = rule;
  return {
    label: `rule "${name}"`,
    evidence: {
      name,
      ...(id === undefined ? {} : { id }),
      ...(priority === undefined ? {} : { priority }),
      access: rule.access,
    },
    access,
    earliest: place.earliest,
    latest: place.latest,
    tcp,
    udp: coversProtocol(rule.protocol, 'udp', '17'),
    sourcePorts,
    destinationPorts,
    local,
    remote,
    isSure: place.isSure && knowsDirection && other.length === 0,
    notSeen: [
      ...place.notSeen,
      ...(knowsDirection ? [] : [`direction "${rule.direction}"`]),
      ...(access === 'unknown' ? [`access "${rule.access}"`] : []),
      ...(tcp === undefined ? [`protocol "${rule.protocol}"`] : []),
      ...other,
      ...sourcePorts.notSeen,
      ...destinationPorts.notSeen,
      ...local.notSeen,
      ...remote.notSeen,
    ],
  };
}

function alwaysRule(
  name: string,
  priority: number,
  access: 'Allow' | 'Deny',
  remote: AddressList,
  local: AddressList,
): CompiledSecurityRule {
  return {
    label: `rule "${name}"`,
    evidence: { name, priority, access },
    access,
    earliest: priority,
    latest: priority,
    tcp: true,
    udp: true,
    sourcePorts: allPorts,
    destinationPorts: allPorts,
    local,
    remote,
    isSure: true,
    notSeen: [],
  };
}

/** The rules that every group ends with and nobody can change (learn: "Network security groups", default rules). */
export function defaultRules(direction: Direction, context: AddressContext): CompiledSecurityRule[] {
  const network = exactly(context.virtualNetwork);
  if (direction === 'Inbound') {
    const loadBalancer = expandAddressesAndGroups(['AzureLoadBalancer'], [], emptySet, context);
    return [
      alwaysRule('AllowVnetInBound', 65000, 'Allow', network, network),
      alwaysRule('AllowAzureLoadBalancerInBound', 65001, 'Allow', loadBalancer, everyAddress),
      alwaysRule('DenyAllInBound', 65500, 'Deny', everyAddress, everyAddress),
    ];
  }
  const internet = expandAddressesAndGroups(['Internet'], [], emptySet, context);
  return [
    alwaysRule('AllowVnetOutBound', 65000, 'Allow', network, network),
    alwaysRule('AllowInternetOutBound', 65001, 'Allow', internet, everyAddress),
    alwaysRule('DenyAllOutBound', 65500, 'Deny', everyAddress, everyAddress),
  ];
}

/** Stands for rules that were not read: it may allow or deny anything, before all others. */
export function unseenRules(groupName: string, notSeen: readonly string[]): CompiledSecurityRule {
  const rule = alwaysRule('', firstPriority - 1, 'Deny', anyAddress, everyAddress);
  return { ...rule, label: `network security group "${groupName}"`, access: 'unknown', isSure: false, notSeen };
}
