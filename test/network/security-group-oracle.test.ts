/** Network security groups against a naive evaluator, packet by packet, at every boundary of every rule. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRanges,
  fromPrefixes,
  hasAddress,
  type IntervalSet,
  wholeSpace,
} from '../../lib/address/interval-set.ts';
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

interface World {
  readonly tags: NaiveTags;
  readonly compiled: ServiceTags;
  readonly networkPrefixes: readonly string[];
}

/** Reads a service tag list twice: as text for the naive evaluator, compiled for the code under test. */
function readWorld(text: string, networkPrefixes: readonly string[]): World {
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

interface Samples {
  readonly remotes: readonly number[];
  readonly locals: readonly number[];
  readonly sourcePorts: readonly number[];
}

/** Throws, naming the packet, at the first far address on which the two disagree. */
function compare(
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

const listText = JSON.stringify({
  changeNumber: 1,
  values: [
    { name: 'Storage', properties: { addressPrefixes: ['20.60.0.0/16', '20.62.0.0/24', '2603::/48'] } },
    { name: 'Storage.WestEurope', properties: { addressPrefixes: ['20.60.8.0/22'] } },
    { name: 'ApiManagement', properties: { addressPrefixes: ['20.60.9.0/24', '40.1.2.3/32'] } },
  ],
});
const small = readWorld(listText, ['10.0.0.0/16', '192.168.4.0/24']);
const subnetText = '10.0.1.0/27';
const subnet = fromPrefixes([subnetText]);

const seenAddresses = [
  '*',
  '0.0.0.0/0',
  '10.0.1.0/28',
  '10.0.1.16/28',
  '10.0.0.0/8',
  '10.0.1.4',
  '20.60.8.0/23',
  '20.0.0.0/6',
  'Storage',
  'storage.WESTEUROPE',
  'ApiManagement',
  'VirtualNetwork',
  'Internet',
  'AzureLoadBalancer',
  '128.0.0.0/1',
  '::/0',
];
const unseenAddresses = ['Foo', '[x]', '10.0.0.0/33'];

function mostly<T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 12 }, { arbitrary: seldom, weight: 1 });
}

function listOf(usual: readonly string[], seldom: readonly string[]): fc.Arbitrary<string[]> {
  const entry = mostly(fc.constantFrom(...usual), fc.constantFrom(...seldom));
  return fc.array(entry, { minLength: 1, maxLength: 2 });
}

const groups = mostly(fc.constant<string[]>([]), fc.constant(['/asg/web']));
const anyRule: fc.Arbitrary<SecurityRule> = fc.record({
  name: fc.constantFrom('a', 'b', 'c', 'd'),
  priority: mostly(fc.constantFrom<(number | undefined)[]>(100, 200, 300, 400, 500), fc.constant(undefined)),
  direction: mostly(fc.constantFrom('Inbound', 'Outbound'), fc.constant('Sideways')),
  access: mostly(fc.constantFrom('Allow', 'Deny'), fc.constant('[x]')),
  protocol: mostly(fc.constantFrom('Tcp', '*', 'Udp'), fc.constant('Quic')),
  sourceAddressPrefixes: listOf(seenAddresses, unseenAddresses),
  sourcePortRanges: mostly<string[]>(fc.constant(['*']), fc.constantFrom(['1024-65535'], ['0-1023', '5000'], ['1,2'])),
  sourceApplicationSecurityGroupIds: groups,
  destinationAddressPrefixes: listOf(seenAddresses, unseenAddresses),
  destinationPortRanges: listOf(['*', '443', '80', '400-500', '0-442', '444-65535'], ['80,443', '70000', '[y]']),
  destinationApplicationSecurityGroupIds: groups,
});

/** Rules that meet one another: all for one flow, in few places, some of them in none. */
const crowdedRule: fc.Arbitrary<SecurityRule> = fc
  .tuple(
    anyRule,
    fc.record({
      priority: fc.constantFrom(100, 200, undefined),
      direction: fc.constant('Inbound'),
      protocol: fc.constant('*'),
      sourceAddressPrefixes: listOf(['*', '20.0.0.0/6', 'Storage'], ['Foo']),
      sourceApplicationSecurityGroupIds: fc.constant([]),
      destinationAddressPrefixes: mostly<string[]>(fc.constant(['*']), fc.constantFrom(['10.0.1.0/28'], ['Foo'])),
      destinationApplicationSecurityGroupIds: fc.constant([]),
      sourcePortRanges: fc.constant(['*']),
      destinationPortRanges: fc.constant(['*']),
    }),
  )
  .map(([rule, fields]) => ({ ...rule, ...fields }));

const anyFlow: fc.Arbitrary<FlowSet> = fc.record({
  direction: fc.constantFrom('Inbound' as const, 'Outbound' as const),
  protocol: fc.constantFrom('Tcp' as const, 'Udp' as const),
  port: fc.constantFrom(0, 79, 80, 81, 399, 400, 442, 443, 444, 500, 501, 65535),
  remote: fc.constant<IntervalSet>(wholeSpace),
  local: fc.constant<IntervalSet>(subnet),
});

/** All ends of all rules, and their neighbours. */
function samplesOf(rules: readonly SecurityRule[], world: World, localText: string, everyTag: number): Samples {
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

describe('a network security group', () => {
  it('answers as a naive evaluator does for every packet at a boundary, in every way the unseen may turn out', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 5 }), anyFlow, (securityRules, flow) => {
        const samples = samplesOf(securityRules, small, subnetText, 100);
        compare({ id: '/nsg', name: 'nsg', securityRules }, flow, samples, small);
      }),
      { seed: 20261123, numRuns: 600 },
    );
  });

  it('answers as a naive evaluator does for every packet where rules share a place or have none', () => {
    const flow: FlowSet = { direction: 'Inbound', protocol: 'Tcp', port: 443, remote: wholeSpace, local: subnet };
    fc.assert(
      fc.property(fc.array(crowdedRule, { minLength: 2, maxLength: 5 }), (securityRules) => {
        const samples = samplesOf(securityRules, small, subnetText, 100);
        compare({ id: '/nsg', name: 'nsg', securityRules }, flow, samples, small);
      }),
      { seed: 20261123, numRuns: 400 },
    );
  });

  it('gives each answer within the next wider one, and names nothing where nothing is open', () => {
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 8 }), anyFlow, (securityRules, flow) => {
        const virtualNetwork = fromPrefixes(small.networkPrefixes);
        const group = { id: '/nsg', name: 'nsg', securityRules };
        const verdict = filterSecurityGroup(
          compileSecurityGroup(group, { tags: small.compiled, virtualNetwork }),
          flow,
        );
        const text = formatRanges(verdict.allowed) + formatRanges(verdict.reachable);
        const possibly = formatRanges(verdict.possiblyAllowed) + formatRanges(verdict.possiblyReachable);
        expect(verdict.notSeen.length > 0).toBe(text !== possibly);
      }),
      { seed: 20261123, numRuns: 600 },
    );
  });
});

const corpus = new URL('../../../shared/corpus/', import.meta.url);
const labelled = new URL('labelled/', corpus);

interface ExportedRule {
  readonly name: string;
  readonly properties: Record<string, unknown>;
}

/** A rule of an export, read as plainly as can be: singular and plural members joined. */
function readRule({ name, properties }: ExportedRule): SecurityRule {
  const texts = (singular: string, plural: string): string[] => {
    const many = Array.isArray(properties[plural]) ? (properties[plural] as unknown[]) : [];
    const one = properties[singular];
    return [...(one === undefined || one === null || one === '' ? [] : [one]), ...many].map(String);
  };
  return {
    name,
    priority: Number(properties.priority),
    direction: String(properties.direction),
    access: String(properties.access),
    protocol: String(properties.protocol),
    sourceAddressPrefixes: texts('sourceAddressPrefix', 'sourceAddressPrefixes'),
    sourcePortRanges: texts('sourcePortRange', 'sourcePortRanges'),
    sourceApplicationSecurityGroupIds: [],
    destinationAddressPrefixes: texts('destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPortRanges: texts('destinationPortRange', 'destinationPortRanges'),
    destinationApplicationSecurityGroupIds: [],
  };
}

describe.skipIf(!existsSync(labelled))('the network security groups of the corpus', () => {
  const list = existsSync(labelled)
    ? readdirSync(new URL('service-tags/', corpus)).find((name) => /public.*20251013/i.test(name))
    : undefined;
  const exports = existsSync(labelled) ? readdirSync(labelled).filter((name) => /^\d/.test(name)) : [];
  const world = list
    ? readWorld(readFileSync(new URL(`service-tags/${list}`, corpus), 'utf8'), ['10.0.0.0/16'])
    : small;

  it('are compared with the real tag list', () => {
    expect(world.compiled.find('Storage.WestEurope')).toBeDefined();
    expect(exports).toHaveLength(11);
  });

  it.each(exports)('answer for %s as a naive evaluator does', (file) => {
    const text = readFileSync(new URL(file, labelled), 'utf8');
    const { data } = JSON.parse(text) as {
      data: { id: string; type: string; properties: { securityRules?: ExportedRule[] } }[];
    };
    const found = data.filter((resource) => resource.type.toLowerCase() === 'microsoft.network/networksecuritygroups');
    expect(found).toHaveLength(1);
    for (const { id, properties } of found) {
      const securityRules = (properties.securityRules ?? []).map(readRule);
      const samples = samplesOf(securityRules, world, subnetText, 4);
      for (const direction of ['Inbound', 'Outbound'] as const) {
        for (const port of [80, 443, 1433, 3443, 6390]) {
          const flow: FlowSet = { direction, protocol: 'Tcp', port, remote: wholeSpace, local: subnet };
          compare({ id, name: 'nsg', securityRules }, flow, samples, world);
        }
      }
    }
  });
});
