/** Generated network security groups against a naive evaluator, at every boundary of every rule. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRanges, fromPrefixes, type IntervalSet, wholeSpace } from '../../lib/address/interval-set.ts';
import type { SecurityRule } from '../../lib/network/model.ts';
import { compileSecurityGroup, type FlowSet, filterSecurityGroup } from '../../lib/network/security-group.ts';
import { compare, readWorld, samplesOf } from './naive-security-group.ts';

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
