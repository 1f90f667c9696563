/** Azure Firewalls against a naive evaluator, packet by packet, at every boundary of every rule. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromPrefixes, hasAddress, wholeSpace } from '../../lib/address/interval-set.ts';
import { formatIpv4 } from '../../lib/address/prefix.ts';
import { compileFirewall, filterFirewall } from '../../lib/network/firewall.ts';
import type { Estate, FirewallPolicy, FirewallRule, RuleCollection } from '../../lib/network/model.ts';
import {
  applicationRule,
  collection,
  estateOf,
  firewall,
  group,
  networkRule,
  policy,
  tags,
} from './firewall-samples.ts';
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
  type Seen,
} from './naive-rules.ts';

const naiveTags: NaiveTags = new Map([['storage', [ends('20.60.0.0/16')]]]);
const ipGroups: Readonly<Record<string, readonly string[]>> = {
  '/ipgroups/some': ['10.0.1.8-10.0.1.19', '20.60.4.0/24'],
  '/ipgroups/none': [],
};

interface Packet {
  readonly source: number;
  readonly destination: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
}

function inSide(addresses: readonly string[], groups: readonly string[], address: number): Seen {
  return any(
    addresses.length > 0 && holds(addresses, address, naiveTags),
    ...groups.map((id): Seen => {
      const entries = ipGroups[id];
      return entries ? entries.length > 0 && holds(entries, address, naiveTags) : undefined;
    }),
  );
}

function matches(rule: FirewallRule, packet: Packet): Seen {
  const source = inSide(rule.sourceAddresses, rule.sourceIpGroups, packet.source);
  if (rule.ruleType === 'ApplicationRule') {
    const isAsked = packet.protocol === 'TCP' && rule.protocols.some((each) => each.port === packet.port);
    return all(isAsked, source, rule.targetFqdns.includes('*') ? true : undefined);
  }
  const protocols = rule.ipProtocols.map((text) =>
    text === 'Any' || text === packet.protocol ? true : text === 'Quic' ? undefined : false,
  );
  const destination = inSide(rule.destinationAddresses, rule.destinationIpGroups, packet.destination);
  const named = rule.destinationFqdns.length > 0 ? undefined : false;
  return all(any(...protocols), holdsPort(rule.destinationPorts, packet.port), source, any(destination, named));
}

/** Priorities are whole hundreds up to 900: a collection's place is a digit, its group's the digit before. */
function placesOf(rule: FirewallRule, depth: number, groupPriority: number, priority: number | undefined): number[] {
  const start = (rule.ruleType === 'ApplicationRule' ? 1000 : 0) + depth * 100 + groupPriority / 10;
  return priority === undefined ? [...Array(19).keys()].map((half) => start + half / 2) : [start + priority / 100];
}

function meet(chain: readonly FirewallPolicy[], packet: Packet, isBaseMissing: boolean): Met[] {
  const met: Met[] = isBaseMissing ? [{ matches: undefined, access: undefined, places: [-1] }] : [];
  for (const [depth, each] of chain.entries()) {
    for (const { priority: groupPriority = 0, ruleCollections } of each.ruleCollectionGroups) {
      for (const { action, priority, rules } of ruleCollections) {
        for (const rule of rules) {
          met.push({
            matches: matches(rule, packet),
            access: action === 'Allow' || action === 'Deny' ? action : undefined,
            places: placesOf(rule, depth, groupPriority, priority),
          });
        }
      }
    }
  }
  return met;
}

function mostly<T>(usual: fc.Arbitrary<T>, seldom: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 8 }, { arbitrary: seldom, weight: 1 });
}

function listOf(usual: readonly string[], seldom: readonly string[]): fc.Arbitrary<string[]> {
  return fc.array(mostly(fc.constantFrom(...usual), fc.constantFrom(...seldom)), { minLength: 1, maxLength: 2 });
}

const sources = {
  sourceAddresses: mostly<string[]>(
    fc.constant(['*']),
    fc.constantFrom(['10.0.1.0/28'], ['10.0.1.4-10.0.1.9'], ['[x]']),
  ),
  sourceIpGroups: mostly<string[]>(fc.constant([]), fc.constantFrom(['/ipgroups/some'], ['/ipgroups/gone'])),
};
const anyNetworkRule = fc
  .record({
    ...sources,
    destinationAddresses: listOf(
      ['*', 'Storage', '20.60.8.0/21', '20.60.0.0-20.60.8.7', '10.0.0.0/8'],
      ['Foo', '1.2.3'],
    ),
    destinationIpGroups: mostly<string[]>(
      fc.constant([]),
      fc.constantFrom(['/ipgroups/some'], ['/ipgroups/none'], ['/ipgroups/gone']),
    ),
    destinationFqdns: mostly<string[]>(fc.constant([]), fc.constant(['kms.core.windows.net'])),
    destinationPorts: listOf(['*', '443', '80-442', '444'], ['80,443']),
    ipProtocols: listOf(['TCP', 'Any', 'UDP'], ['Quic']),
  })
  .map((fields) => networkRule('n', fields));
const anyApplicationRule = fc
  .record({
    ...sources,
    targetFqdns: fc.constantFrom(['*'], ['*.core.windows.net'], ['a.net', '*']),
    protocols: fc.constantFrom([{ protocolType: 'Https', port: 443 }], [{ protocolType: 'Http', port: 80 }]),
  })
  .map((fields) => applicationRule('a', fields));
const anyCollection: fc.Arbitrary<RuleCollection> = fc
  .record({
    priority: mostly<number | undefined>(fc.constantFrom(100, 200, 300, 400), fc.constant(undefined)),
    action: mostly(fc.constantFrom('Allow', 'Deny'), fc.constant('[x]')),
    rules: fc.oneof(fc.array(anyNetworkRule, { maxLength: 2 }), fc.array(anyApplicationRule, { maxLength: 2 })),
  })
  .map(({ priority, action, rules }) => collection('c', priority, action, rules));
const anyPolicy = fc.uniqueArray(
  fc.record({ priority: fc.constantFrom(100, 200, 300), collections: fc.array(anyCollection, { maxLength: 2 }) }),
  { maxLength: 2, selector: (each) => each.priority },
);

function toPolicy(
  name: string,
  groups: readonly { priority: number; collections: RuleCollection[] }[],
  baseId?: string,
) {
  const made = groups.map((each) => group(`${name}-${each.priority}`, each.priority, each.collections));
  return policy(name, made, baseId === undefined ? {} : { basePolicyId: baseId });
}

function rangesOf(
  chain: readonly FirewallPolicy[],
  side: (rule: FirewallRule) => readonly string[],
): (readonly [number, number])[] {
  const rules = chain.flatMap((each) =>
    each.ruleCollectionGroups.flatMap((g) => g.ruleCollections.flatMap((c) => c.rules)),
  );
  const entries = [...rules.flatMap(side), ...Object.values(ipGroups).flat(), '20.60.0.0/16'];
  return entries.filter((entry) => /^[\d./-]+$/.test(entry) && entry !== '1.2.3').map(ends);
}

const subnetText = '10.0.1.0/27';

function check(
  estate: Estate,
  chain: readonly FirewallPolicy[],
  asked: Pick<Packet, 'protocol' | 'port'>,
  isBaseMissing: boolean,
) {
  const compiled = compileFirewall(estate, firewall({ firewallPolicyId: '/policies/child' }), () => tags);
  const verdict = filterFirewall(compiled, { source: fromPrefixes([subnetText]), destination: wholeSpace, ...asked });
  const [first, last] = ends(subnetText);
  const sourceRanges = [...rangesOf(chain, (rule) => rule.sourceAddresses), ends(subnetText)];
  const from = around(sourceRanges, 0xffffffff).filter((address) => address >= first && address <= last);
  const to = around([...rangesOf(chain, (rule) => rule.destinationAddresses), [0, 0xffffffff]], 0xffffffff);
  const known = new Map<string, ReadonlySet<string>>();
  let isOpen = false;
  for (const destination of to) {
    const answers = from.map((source) => {
      const met = meet(chain, { source, destination, ...asked }, isBaseMissing);
      const key = met.map((each) => String(each.matches)).join();
      const answer = known.get(key) ?? outcomes(met);
      known.set(key, answer);
      return answer;
    });
    const expected = {
      allowed: answers.every((answer) => !answer.has('Deny')),
      possiblyAllowed: answers.every((answer) => answer.has('Allow')),
    };
    const actual = {
      allowed: hasAddress(verdict.allowed, destination),
      possiblyAllowed: hasAddress(verdict.possiblyAllowed, destination),
    };
    expect({ to: formatIpv4(destination), ...actual }).toEqual({ to: formatIpv4(destination), ...expected });
    if (expected.allowed !== expected.possiblyAllowed) isOpen = true;
  }
  expect(verdict.notSeen.length > 0).toBe(isOpen);
}

it('an Azure Firewall answers as a naive evaluator does for every packet at a boundary, in every way the unseen may turn out', () => {
  const asked = fc.record({
    protocol: fc.constantFrom('TCP' as const, 'TCP' as const, 'UDP' as const),
    port: fc.constantFrom(79, 80, 442, 443, 443, 443, 444, 445),
  });
  const base = fc.constantFrom('seen', 'seen', 'missing', 'none');
  fc.assert(
    fc.property(anyPolicy, anyPolicy, base, asked, (childGroups, baseGroups, kind, question) => {
      const child = toPolicy('child', childGroups, kind === 'none' ? undefined : '/policies/base');
      const chain = kind === 'seen' ? [toPolicy('base', baseGroups), child] : [child];
      const estate = estateOf({
        policies: chain,
        ipGroups: Object.entries(ipGroups).map(([id, ipAddresses]) => ({ id, name: id, ipAddresses })),
      });
      check(estate, chain, question, kind === 'missing');
    }),
    { seed: 20261123, numRuns: 600 },
  );
});
