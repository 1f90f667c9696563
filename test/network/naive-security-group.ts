/** A network security group evaluated packet by packet from its texts, and compared with the code under test. */
import { expect } from 'vitest';
import { fromPrefixes, hasAddress } from '../../lib/address/interval-set.ts';
import { formatIpv4 } from '../../lib/address/prefix.ts';
import { parseServiceTags, type ServiceTags } from '../../lib/address/service-tags.ts';
import type { NetworkSecurityGroup, SecurityRule } from '../../lib/network/model.ts';
import { compileSecurityGroup, type FlowSet, filterSecurityGroup } from '../../lib/network/security-group.ts';
import {
  all,
  any,
  around,
  ends,
  holds,
  holdsPort,
  type Met,
  type NaiveTags,
  outcomes,
  portEnds,
} from './naive-rules.ts';

export interface World {
  readonly tags: NaiveTags;
  readonly compiled: ServiceTags;
  readonly networkPrefixes: readonly string[];
}

/** Reads a service tag list twice: as text for the naive evaluator, compiled for the code under test. */
export function readWorld(text: string, networkPrefixes: readonly string[]): World {
  const list = JSON.parse(text) as { values: { name: string; properties: { addressPrefixes: string[] } }[] };
  const tags = new Map<string, readonly (readonly [number, number])[]>();
  for (const { name, properties } of list.values) {
    tags.set(name.toLowerCase(), properties.addressPrefixes.filter((prefix) => !prefix.includes(':')).map(ends));
  }
  const network = networkPrefixes.map(ends).sort((a, b) => a[0] - b[0]);
  const outside: [number, number][] = [];
  let next = 0;
  for (const [first, last] of network) {
    if (first > next) outside.push([next, first - 1]);
    next = Math.max(next, last + 1);
  }
  if (next <= 0xffffffff) outside.push([next, 0xffffffff]);
  tags.set('virtualnetwork', network);
  tags.set('internet', outside);
  tags.set('azureloadbalancer', [ends('168.63.129.16')]);
  return { tags, compiled: parseServiceTags(text, 'tags.json'), networkPrefixes };
}

interface Packet {
  readonly flow: FlowSet;
  readonly remote: number;
  readonly local: number;
  readonly sourcePort: number;
}

function covers(protocol: string, asked: 'Tcp' | 'Udp') {
  const text = protocol.toLowerCase();
  if (text === '*' || text === asked.toLowerCase()) return true;
  return ['tcp', 'udp', 'icmp'].includes(text) ? false : undefined;
}

/** Every place among the user's rules. */
const anywhere = [...Array(12).keys()].map((step) => 50 + step * 50);

function meet(rule: SecurityRule, packet: Packet, world: World): Met {
  const { flow, remote, local, sourcePort } = packet;
  const isInbound = flow.direction === 'Inbound';
  const [source, destination] = isInbound ? [remote, local] : [local, remote];
  const known = rule.direction === 'Inbound' || rule.direction === 'Outbound';
  const member = (address: number, isLocal: boolean) =>
    isLocal || holds(['VirtualNetwork'], address, world.tags) ? undefined : false;
  const side = (entries: readonly string[], groups: readonly string[], address: number, isLocal: boolean) =>
    groups.length === 0
      ? holds(entries, address, world.tags)
      : any(entries.length > 0 && holds(entries, address, world.tags), member(address, isLocal));
  return {
    matches: all(
      known ? rule.direction === flow.direction : undefined,
      covers(rule.protocol, flow.protocol),
      side(rule.sourceAddressPrefixes, rule.sourceApplicationSecurityGroupIds, source, !isInbound),
      side(rule.destinationAddressPrefixes, rule.destinationApplicationSecurityGroupIds, destination, isInbound),
      holdsPort(rule.sourcePortRanges, sourcePort),
      holdsPort(rule.destinationPortRanges, flow.port),
    ),
    access: rule.access === 'Allow' || rule.access === 'Deny' ? rule.access : undefined,
    places: rule.priority === undefined ? anywhere : [rule.priority],
  };
}

function defaults(packet: Packet, world: World): Met[] {
  const { flow, remote, local } = packet;
  const within = (name: string, address: number) => holds([name], address, world.tags);
  const network = all(within('VirtualNetwork', remote), within('VirtualNetwork', local));
  const second = within(flow.direction === 'Inbound' ? 'AzureLoadBalancer' : 'Internet', remote);
  return [
    { matches: network, access: 'Allow', places: [65000] },
    { matches: second, access: 'Allow', places: [65001] },
    { matches: true, access: 'Deny', places: [65500] },
  ];
}

interface Expected {
  readonly allowed: boolean;
  readonly possiblyAllowed: boolean;
  readonly reachable: boolean;
  readonly possiblyReachable: boolean;
}

/** What becomes of one far address, over all local addresses and source ports given. */
function evaluate(
  rules: readonly SecurityRule[],
  packets: readonly Packet[],
  world: World,
  known: Map<string, ReadonlySet<string>>,
): Expected {
  const answers = packets.map((packet) => {
    const met = [...rules.map((rule) => meet(rule, packet, world)), ...defaults(packet, world)];
    const key = met.map((each) => String(each.matches)).join();
    const answer = known.get(key) ?? outcomes(met);
    known.set(key, answer);
    return answer;
  });
  return {
    allowed: answers.every((answer) => !answer.has('Deny')),
    possiblyAllowed: answers.every((answer) => answer.has('Allow')),
    reachable: answers.some((answer) => !answer.has('Deny')),
    possiblyReachable: answers.some((answer) => answer.has('Allow')),
  };
}

export interface Samples {
  readonly remotes: readonly number[];
  readonly locals: readonly number[];
  readonly sourcePorts: readonly number[];
}

/** Throws, naming the packet, at the first far address on which the two disagree. */
export function compare(
  group: NetworkSecurityGroup,
  flow: FlowSet,
  samples: Samples,
  world: World,
): { notSeen: readonly string[] } {
  const virtualNetwork = fromPrefixes(world.networkPrefixes);
  const compiled = compileSecurityGroup(group, { tags: world.compiled, virtualNetwork });
  const verdict = filterSecurityGroup(compiled, flow);
  const known = new Map<string, ReadonlySet<string>>();
  let isOpen = false;
  for (const remote of samples.remotes) {
    const packets = samples.locals.flatMap((local) =>
      samples.sourcePorts.map((sourcePort) => ({ flow, remote, local, sourcePort })),
    );
    const expected = evaluate(group.securityRules, packets, world, known);
    const actual = {
      allowed: hasAddress(verdict.allowed, remote),
      possiblyAllowed: hasAddress(verdict.possiblyAllowed, remote),
      reachable: hasAddress(verdict.reachable, remote),
      possiblyReachable: hasAddress(verdict.possiblyReachable, remote),
    };
    expect({ remote: formatIpv4(remote), ...actual }).toEqual({ remote: formatIpv4(remote), ...expected });
    if (expected.allowed !== expected.possiblyAllowed || expected.reachable !== expected.possiblyReachable)
      isOpen = true;
  }
  if (isOpen) expect(verdict.notSeen).not.toEqual([]);
  return verdict;
}

/** All ends of all rules, and their neighbours. */
export function samplesOf(rules: readonly SecurityRule[], world: World, localText: string, everyTag: number): Samples {
  const entries = rules.flatMap((rule) => [...rule.sourceAddressPrefixes, ...rule.destinationAddressPrefixes]);
  const names = [...new Set([...entries, 'VirtualNetwork', 'AzureLoadBalancer'].map((entry) => entry.toLowerCase()))];
  const ranges = names.flatMap((entry) => {
    const tag = world.tags.get(entry);
    if (tag) return tag.filter((_, index) => index % Math.ceil(tag.length / everyTag) === 0);
    return /^\d+\.\d+\.\d+\.\d+(\/([12]?\d|3[012]))?$/.test(entry) ? [ends(entry)] : [];
  });
  const remotes = around([...ranges, [0, 0xffffffff]], 0xffffffff);
  const [first, last] = ends(localText);
  const locals = around([...ranges, [first, last]], 0xffffffff).filter(
    (address) => address >= first && address <= last,
  );
  const ports = rules.flatMap((rule) => portEnds(rule.sourcePortRanges));
  return { remotes, locals, sourcePorts: around([...ports, [0, 65535]], 65535) };
}
