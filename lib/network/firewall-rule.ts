/**
 * One Azure Firewall rule, compiled: addresses, IP groups, ports and names become sets and patterns once. What is not
 * seen leaves the rule in place as a possible match and is named.
 */
import { emptySet, fromRange, type IntervalSet, union } from '../address/interval-set.ts';
import {
  type AddressList,
  type AddressNames,
  anyAddress,
  everyAddress,
  expandAddresses,
  join,
  noAddress,
  undecided,
} from './address-list.ts';
import { type HostPatterns, hostOfUrl, normaliseHost } from './firewall-hosts.ts';
import { type Estate, type FirewallRule, idKey, isExpression } from './model.ts';
import { compilePorts, everyPort, type PortList, undecidedPorts } from './port-list.ts';

export type FirewallRuleKind = 'nat' | 'network' | 'application';

/** What a rule matches, wherever it stands. */
export interface FirewallMatch {
  readonly kind: FirewallRuleKind;
  readonly tcp: PortList;
  readonly udp: PortList;
  readonly source: AddressList;
  /** By address; an application rule's is everything. */
  readonly destination: AddressList;
  /** By name: in an application rule beside the address, in a network rule instead of it. */
  readonly hosts: HostPatterns;
  readonly isSure: boolean;
  readonly notSeen: readonly string[];
}

const noPorts: PortList = { certain: emptySet, possible: emptySet, notSeen: [] };
const noHosts: HostPatterns = { fqdns: [], urlHosts: [], opaque: [] };
/** Where the port of an application rule's protocol is not given. */
const usualPorts: Readonly<Record<string, number>> = { http: 80, https: 443, mssql: 1433 };

function usualPort(protocol: string): number | undefined {
  return Object.hasOwn(usualPorts, protocol) ? usualPorts[protocol] : undefined;
}

const fields = {
  source: /^source/i,
  destination: /^destination(address|ipgroup|fqdn)/i,
  ports: /^destinationport/i,
  protocol: /^(ip)?protocols?$/i,
  hosts: /^(target|fqdntag|webcategor)/i,
} as const;

/** Texts of the unresolved fields whose name matches. */
function unresolvedIn(rule: FirewallRule, name: RegExp): string[] {
  return Object.entries(rule.unresolved ?? {})
    .filter(([key]) => name.test(key))
    .map(([key, text]) => `${key} ${text}`);
}

function nameOf(id: string): string {
  return isExpression(id) ? id : id.slice(id.lastIndexOf('/') + 1);
}

/** An IP group that holds nothing matches nothing: Azure skips it (learn: "IP Groups in Azure Firewall"). */
function expandIpGroup(id: string, estate: Estate, names: AddressNames): AddressList {
  const group = estate.ipGroups.get(idKey(id));
  if (!group) return undecided(`IP group "${nameOf(id)}"`);
  const list = group.ipAddresses.length === 0 ? noAddress : expandAddresses(group.ipAddresses, names);
  const hidden = group.unresolved?.ipAddresses;
  return hidden === undefined ? list : join(list, undecided(`IP group "${group.name}": ipAddresses ${hidden}`));
}

function expandSide(
  addresses: readonly string[],
  ipGroupIds: readonly string[],
  hidden: readonly string[],
  estate: Estate,
  names: AddressNames,
): AddressList {
  let list = addresses.length === 0 ? noAddress : expandAddresses(addresses, names);
  for (const id of ipGroupIds) list = join(list, expandIpGroup(id, estate, names));
  for (const text of hidden) list = join(list, undecided(text));
  return list;
}

function compileSource(rule: FirewallRule, estate: Estate, names: AddressNames): AddressList {
  const hidden = unresolvedIn(rule, fields.source);
  if (rule.sourceAddresses.length + rule.sourceIpGroups.length + hidden.length === 0) {
    return undecided('no source is given');
  }
  return expandSide(rule.sourceAddresses, rule.sourceIpGroups, hidden, estate, names);
}

function portsOf(rule: FirewallRule): PortList {
  const hidden = unresolvedIn(rule, fields.ports);
  return hidden.length > 0 ? undecidedPorts(hidden) : compilePorts(rule.destinationPorts, 'destination port');
}

/** The ports of a network or NAT rule for one protocol. */
function portsFor(rule: FirewallRule, ports: PortList, protocol: 'tcp' | 'udp'): PortList {
  const protocols = rule.ipProtocols.map((text) => text.toLowerCase());
  if (protocols.some((text) => text === protocol || text === 'any' || text === '*')) return ports;
  const unread = rule.ipProtocols.filter((text) => !/^(tcp|udp|icmp)$/i.test(text)).map((text) => `protocol "${text}"`);
  const hidden = [...unread, ...unresolvedIn(rule, fields.protocol)];
  if (protocols.length === 0 && hidden.length === 0) hidden.push('no protocol is given');
  return hidden.length === 0 ? noPorts : { certain: emptySet, possible: ports.possible, notSeen: hidden };
}

/** The TCP ports of an application rule: those of its HTTP, HTTPS and MSSQL protocols. */
function applicationPorts(rule: FirewallRule): PortList {
  const hidden = unresolvedIn(rule, fields.protocol);
  let certain: IntervalSet = emptySet;
  for (const { protocolType, port } of rule.protocols) {
    const usual = usualPort(protocolType.toLowerCase());
    if (usual === undefined) hidden.push(`protocol "${protocolType}"`);
    else certain = union(certain, fromRange(port ?? usual, port ?? usual));
  }
  // FQDN tags bring their own protocols with them.
  if (rule.protocols.length === 0 && rule.fqdnTags.length > 0) certain = union(fromRange(80, 80), fromRange(443, 443));
  else if (rule.protocols.length === 0 && hidden.length === 0) hidden.push('no protocol is given');
  return { certain, possible: hidden.length === 0 ? certain : everyPort, notSeen: hidden };
}

function applicationHosts(rule: FirewallRule): HostPatterns {
  const opaque = [
    ...rule.fqdnTags.map((tag) => `FQDN tag "${tag}"`),
    ...rule.webCategories.map((category) => `web category "${category}"`),
    ...rule.targetFqdns.filter(isExpression).map((text) => `expression "${text}"`),
    ...rule.targetUrls.filter(isExpression).map((text) => `expression "${text}"`),
    ...unresolvedIn(rule, fields.hosts),
  ];
  const fqdns = rule.targetFqdns.filter((text) => !isExpression(text)).map(normaliseHost);
  const urlHosts = rule.targetUrls.filter((text) => !isExpression(text)).map(hostOfUrl);
  const isEmpty = opaque.length + fqdns.length + urlHosts.length === 0;
  return { fqdns, urlHosts, opaque: isEmpty ? ['no target is given'] : opaque };
}

function unresolvedElsewhere(rule: FirewallRule): string[] {
  const known = Object.values(fields);
  return Object.entries(rule.unresolved ?? {})
    .filter(([key]) => !known.some((field) => field.test(key)))
    .map(([key, text]) => `${key} ${text}`);
}

function compileApplicationRule(rule: FirewallRule, estate: Estate, names: AddressNames): FirewallMatch {
  const tcp = applicationPorts(rule);
  const source = compileSource(rule, estate, names);
  const other = unresolvedElsewhere(rule);
  const byAddress = rule.destinationAddresses.length + rule.destinationIpGroups.length > 0;
  const hidden = unresolvedIn(rule, fields.destination);
  const destination =
    byAddress || hidden.length > 0
      ? expandSide(rule.destinationAddresses, rule.destinationIpGroups, hidden, estate, names)
      : everyAddress;
  return {
    kind: 'application',
    tcp,
    udp: noPorts,
    source,
    destination,
    hosts: applicationHosts(rule),
    isSure: other.length === 0,
    notSeen: [...other, ...source.notSeen, ...tcp.notSeen, ...destination.notSeen],
  };
}

/** A network rule's FQDNs are resolved by the firewall, so they hold no wildcards. */
function isPlainName(text: string): boolean {
  return !isExpression(text) && !text.includes('*');
}

function compileNetworkRule(
  rule: FirewallRule,
  kind: 'nat' | 'network',
  estate: Estate,
  names: AddressNames,
): FirewallMatch {
  const ports = portsOf(rule);
  const tcp = portsFor(rule, ports, 'tcp');
  const udp = portsFor(rule, ports, 'udp');
  const source = compileSource(rule, estate, names);
  const hidden = unresolvedIn(rule, fields.destination);
  const fqdns = rule.destinationFqdns;
  const isGiven = rule.destinationAddresses.length + rule.destinationIpGroups.length + fqdns.length + hidden.length > 0;
  const destination = isGiven
    ? expandSide(rule.destinationAddresses, rule.destinationIpGroups, hidden, estate, names)
    : undecided('no destination is given');
  const other = unresolvedElsewhere(rule);
  return {
    kind,
    tcp,
    udp,
    source,
    destination,
    hosts: {
      ...noHosts,
      fqdns: fqdns.filter(isPlainName).map(normaliseHost),
      opaque: fqdns.filter((text) => !isPlainName(text)).map((text) => `destination FQDN "${text}"`),
    },
    isSure: other.length === 0,
    notSeen: [...new Set([...other, ...source.notSeen, ...tcp.notSeen, ...udp.notSeen, ...destination.notSeen])],
  };
}

/** A rule that may match anything, for the reasons given. */
export function matchUnseen(notSeen: readonly string[]): FirewallMatch {
  const anyPort = undecidedPorts([]);
  return {
    kind: 'network',
    tcp: anyPort,
    udp: anyPort,
    source: anyAddress,
    destination: anyAddress,
    hosts: noHosts,
    isSure: false,
    notSeen,
  };
}

/** Compiles a rule by its type; one of a type that is not known may match anything. */
export function compileFirewallRule(rule: FirewallRule, estate: Estate, names: AddressNames): FirewallMatch {
  switch (rule.ruleType.toLowerCase()) {
    case 'networkrule':
      return compileNetworkRule(rule, 'network', estate, names);
    case 'natrule':
      return compileNetworkRule(rule, 'nat', estate, names);
    case 'applicationrule':
      return compileApplicationRule(rule, estate, names);
    default:
      return matchUnseen([`rule type "${rule.ruleType}"`]);
  }
}
