/** Facts about network security groups; the sampled comparison with a naive evaluator is in its own file. */
import { describe, expect, it } from 'vitest';
import { emptySet, formatRanges, fromPrefixes, type IntervalSet, wholeSpace } from '../../lib/address/interval-set.ts';
import { parseIpv4 } from '../../lib/address/prefix.ts';
import { parseServiceTags } from '../../lib/address/service-tags.ts';
import type { NetworkSecurityGroup, SecurityRule } from '../../lib/network/model.ts';
import {
  compileSecurityGroup,
  decidingRule,
  type FlowSet,
  filterSecurityGroup,
} from '../../lib/network/security-group.ts';

const tags = parseServiceTags(
  JSON.stringify({
    changeNumber: 1,
    cloud: 'Public',
    values: [
      { name: 'ApiManagement', properties: { addressPrefixes: ['20.0.0.0/24', '20.0.2.0/24', '2603::/48'] } },
      { name: 'Sql', properties: { addressPrefixes: ['40.0.0.0/16'] } },
      { name: 'Sql.WestEurope', properties: { addressPrefixes: ['40.0.8.0/24'] } },
    ],
  }),
  'tags.json',
);
const virtualNetwork = fromPrefixes(['10.0.0.0/16']);
const subnet = fromPrefixes(['10.0.1.0/27']);
const apiManagement = tags.get('ApiManagement').set;
const sql = tags.get('Sql').set;

function rule(name: string, fields: Partial<SecurityRule> = {}): SecurityRule {
  return {
    name,
    priority: 100,
    direction: 'Inbound',
    access: 'Allow',
    protocol: 'Tcp',
    sourceAddressPrefixes: ['*'],
    sourcePortRanges: ['*'],
    sourceApplicationSecurityGroupIds: [],
    destinationAddressPrefixes: ['*'],
    destinationPortRanges: ['*'],
    destinationApplicationSecurityGroupIds: [],
    ...fields,
  };
}

function group(rules: readonly SecurityRule[], fields: Partial<NetworkSecurityGroup> = {}): NetworkSecurityGroup {
  return { id: '/nsg', name: 'nsg', securityRules: rules, ...fields };
}

function inbound(port: number, remote: IntervalSet, local = subnet): FlowSet {
  return { direction: 'Inbound', protocol: 'Tcp', port, remote, local };
}

function outbound(port: number, remote: IntervalSet, local = subnet): FlowSet {
  return { direction: 'Outbound', protocol: 'Tcp', port, remote, local };
}

function ask(rules: readonly SecurityRule[], flow: FlowSet, fields: Partial<NetworkSecurityGroup> = {}) {
  const verdict = filterSecurityGroup(compileSecurityGroup(group(rules, fields), { tags, virtualNetwork }), flow);
  return {
    allowed: formatRanges(verdict.allowed),
    possiblyAllowed: formatRanges(verdict.possiblyAllowed),
    reachable: formatRanges(verdict.reachable),
    possiblyReachable: formatRanges(verdict.possiblyReachable),
    notSeen: verdict.notSeen,
  };
}

/** A verdict in which nothing is unseen and no local address or source port matters. */
function plainly(set: IntervalSet) {
  const text = formatRanges(set);
  return { allowed: text, possiblyAllowed: text, reachable: text, possiblyReachable: text, notSeen: [] };
}

function unsurely(ceiling: IntervalSet, ...notSeen: string[]) {
  const text = formatRanges(ceiling);
  return { allowed: '', possiblyAllowed: text, reachable: '', possiblyReachable: text, notSeen };
}

describe('the default rules', () => {
  it('let in the virtual network and the load balancer, and nobody else', () => {
    expect(ask([], inbound(3443, wholeSpace))).toEqual(plainly(fromPrefixes(['10.0.0.0/16', '168.63.129.16/32'])));
  });

  it('let out everything: to the network by one rule, to the rest by the other', () => {
    expect(ask([], outbound(443, wholeSpace))).toEqual(plainly(wholeSpace));
  });

  it('stand behind any rule of the user', () => {
    const deny = rule('deny', { priority: 4096, access: 'Deny' });
    expect(ask([deny], inbound(443, wholeSpace))).toEqual(plainly(emptySet));
  });

  it('let the network only reach its own addresses', () => {
    const elsewhere = fromPrefixes(['192.168.0.0/24']);
    expect(ask([], inbound(443, fromPrefixes(['10.0.0.0/24']), elsewhere))).toEqual(plainly(emptySet));
  });
});

describe('first match', () => {
  it('goes by ascending priority, whatever the order of the list', () => {
    const rules = [rule('late', { priority: 300, access: 'Deny' }), rule('early', { priority: 200 })];
    expect(ask(rules, inbound(443, apiManagement))).toEqual(plainly(apiManagement));
  });

  it('keeps the directions apart', () => {
    expect(ask([rule('in', { access: 'Deny' })], outbound(443, sql))).toEqual(plainly(sql));
  });

  it('lets a part through where an earlier rule denies the rest', () => {
    const rules = [
      rule('not-west', { direction: 'Outbound', access: 'Deny', destinationAddressPrefixes: ['sql.WESTEUROPE'] }),
      rule('sql', { direction: 'Outbound', priority: 200, destinationAddressPrefixes: ['Sql'] }),
    ];
    expect(ask(rules, outbound(1433, sql)).allowed).toBe('40.0.0.0-40.0.7.255, 40.0.9.0-40.0.255.255');
  });

  it.each(['*', 'All', 'any', 'Tcp', 'TCP', 'tcp', '6'])('reads the protocol %s as one that covers TCP', (protocol) => {
    expect(ask([rule('a', { protocol })], inbound(443, apiManagement))).toEqual(plainly(apiManagement));
  });

  it.each(['Udp', '17', 'Icmp', 'Esp', 'Ah'])('reads the protocol %s as one that does not cover TCP', (protocol) => {
    expect(ask([rule('a', { protocol })], inbound(443, apiManagement))).toEqual(plainly(emptySet));
  });

  it('reads single ports, ranges and lists of them', () => {
    const rules = [rule('a', { destinationPortRanges: ['80', '1024-2048'] })];
    for (const port of [80, 1024, 2048]) {
      expect(ask(rules, inbound(port, apiManagement)).allowed).toBe(formatRanges(apiManagement));
    }
    for (const port of [79, 81, 1023, 2049]) expect(ask(rules, inbound(port, apiManagement)).allowed).toBe('');
  });

  it('finds no IPv4 address in an IPv6 prefix, and takes it for no mistake', () => {
    const rules = [rule('a', { sourceAddressPrefixes: ['::/0'], access: 'Deny' }), rule('b', { priority: 200 })];
    expect(ask(rules, inbound(443, apiManagement))).toEqual(plainly(apiManagement));
  });
});

describe('local addresses and source ports', () => {
  it('tell apart what every one of them may do and what some may', () => {
    const verdict = ask([rule('half', { destinationAddressPrefixes: ['10.0.1.0/28'] })], inbound(443, apiManagement));
    expect(verdict.allowed).toBe('');
    expect(verdict.reachable).toBe(formatRanges(apiManagement));
    expect(verdict.notSeen).toEqual([]);
  });

  it('add up when rules cover the subnet between them', () => {
    const rules = [
      rule('lower', { destinationAddressPrefixes: ['10.0.1.0/28'] }),
      rule('upper', { priority: 101, destinationAddressPrefixes: ['10.0.1.16/28'] }),
    ];
    expect(ask(rules, inbound(443, apiManagement))).toEqual(plainly(apiManagement));
  });

  it('do not count as open when only some source ports are', () => {
    const verdict = ask([rule('some', { sourcePortRanges: ['1024-65535'] })], inbound(443, apiManagement));
    expect(verdict.allowed).toBe('');
    expect(verdict.reachable).toBe(formatRanges(apiManagement));
  });

  it('leave a flow undecided when the own addresses are not known', () => {
    const expected = unsurely(apiManagement, "the subnet's own addresses");
    expect(ask([rule('a')], inbound(443, apiManagement, emptySet))).toEqual(expected);
  });
});

describe('what is not seen', () => {
  const management = inbound(3443, apiManagement);

  it('leaves an allow of an unknown tag undecided and names the tag', () => {
    expect(ask([rule('a', { sourceAddressPrefixes: ['Foo'] })], management)).toEqual(
      unsurely(apiManagement, 'rule "a": service tag "Foo"'),
    );
  });

  it('leaves undecided what an unknown tag may deny before an allow', () => {
    const rules = [rule('a', { access: 'Deny', sourceAddressPrefixes: ['Foo'] }), rule('b', { priority: 200 })];
    expect(ask(rules, management)).toEqual(unsurely(apiManagement, 'rule "a": service tag "Foo"'));
  });

  it('is not named where it does not matter', () => {
    const behind = [rule('b'), rule('a', { priority: 200, access: 'Deny', sourceAddressPrefixes: ['Foo'] })];
    expect(ask(behind, management)).toEqual(plainly(apiManagement));
    const agreeing = [rule('a', { sourceAddressPrefixes: ['Foo'] }), rule('b', { priority: 200 })];
    expect(ask(agreeing, management)).toEqual(plainly(apiManagement));
    const otherPort = [rule('a', { sourceAddressPrefixes: ['Foo'], destinationPortRanges: ['80'] })];
    expect(ask(otherPort, management)).toEqual(plainly(emptySet));
  });

  it('is named for each rule that still matters when another is resolved', () => {
    const rules = [
      rule('a', { sourceAddressPrefixes: ['Foo'] }),
      rule('b', { priority: 200, sourceAddressPrefixes: ['Bar'] }),
      rule('c', { priority: 300, access: 'Deny', sourceAddressPrefixes: ['Baz'] }),
    ];
    expect(ask(rules, management).notSeen).toEqual(['rule "a": service tag "Foo"', 'rule "b": service tag "Bar"']);
  });

  it('keeps a list certain for the entries that are seen', () => {
    const verdict = ask([rule('a', { sourceAddressPrefixes: ['20.0.0.0/24', 'Foo'] })], management);
    expect(verdict.allowed).toBe('20.0.0.0-20.0.0.255');
    expect(verdict.possiblyAllowed).toBe(formatRanges(apiManagement));
  });

  it.each([
    ['80,443', 'destination port "80,443", which Azure does not accept'],
    ['65536', 'destination port "65536", which Azure does not accept'],
    ['500-400', 'destination port "500-400", which Azure does not accept'],
    ['http', 'destination port "http", which Azure does not accept'],
    ["[parameters('port')]", 'destination port expression "[parameters(\'port\')]"'],
  ])('makes a rule with the port %s decide nothing', (port, reason) => {
    const rules = [rule('a', { destinationPortRanges: ['3443', port] })];
    expect(ask(rules, management)).toEqual(unsurely(apiManagement, `rule "a": ${reason}`));
  });

  it('holds a refused rule to the addresses that it could match', () => {
    const rules = [rule('a', { sourceAddressPrefixes: ['20.0.0.0/24'], destinationPortRanges: ['80,443'] })];
    expect(ask(rules, management).possiblyAllowed).toBe('20.0.0.0-20.0.0.255');
  });

  it('includes a protocol, an access and a direction that cannot be read', () => {
    expect(ask([rule('a', { protocol: 'Quic' })], management).notSeen).toEqual(['rule "a": protocol "Quic"']);
    const access = [rule('a', { access: '[x]', sourceAddressPrefixes: ['20.0.0.0/24'] }), rule('b', { priority: 200 })];
    expect(ask(access, management)).toEqual({
      allowed: '20.0.2.0-20.0.2.255',
      possiblyAllowed: formatRanges(apiManagement),
      reachable: '20.0.2.0-20.0.2.255',
      possiblyReachable: formatRanges(apiManagement),
      notSeen: ['rule "a": access "[x]"'],
    });
    const direction = [rule('a', { direction: 'Sideways' })];
    expect(ask(direction, management).notSeen).toEqual(['rule "a": direction "Sideways"']);
    const denied = [rule('a', { direction: 'Sideways', access: 'Deny' })];
    expect(ask(denied, outbound(443, sql)).notSeen).toEqual(['rule "a": direction "Sideways"']);
  });

  it('includes the place of a rule without a priority, where it can stand before one that disagrees', () => {
    const nowhere = rule('a', { priority: undefined, access: 'Deny' });
    expect(ask([nowhere, rule('b')], management)).toEqual(unsurely(apiManagement, 'rule "a": no priority is given'));
    expect(ask([nowhere], management)).toEqual(plainly(emptySet));
    expect(ask([rule('a', { priority: undefined })], management)).toEqual(plainly(apiManagement));
  });

  it('includes a rule whose priority Azure does not accept', () => {
    const reason = 'rule "a": priority 5000, which Azure does not accept';
    expect(ask([rule('a', { priority: 5000 })], management)).toEqual(unsurely(apiManagement, reason));
  });

  it('includes two rules of one priority that disagree, where both match', () => {
    const rules = [
      rule('a', { sourceAddressPrefixes: ['20.0.0.0/24'] }),
      rule('b', { access: 'Deny', sourceAddressPrefixes: ['20.0.0.0/23'] }),
    ];
    expect(ask(rules, management)).toEqual(
      unsurely(
        fromPrefixes(['20.0.0.0/24']),
        'rule "a": rule "b" has the same priority and decides otherwise',
        'rule "b": rule "a" has the same priority and decides otherwise',
      ),
    );
    expect(ask([rule('a'), rule('b')], management)).toEqual(plainly(apiManagement));
  });

  it('includes members of an application security group: on the far side somewhere in the network', () => {
    const id = '/subscriptions/s/providers/Microsoft.Network/applicationSecurityGroups/web';
    const far = rule('a', { sourceAddressPrefixes: [], sourceApplicationSecurityGroupIds: [id], access: 'Deny' });
    expect(ask([far], inbound(443, wholeSpace))).toEqual({
      allowed: '168.63.129.16-168.63.129.16',
      possiblyAllowed: formatRanges(fromPrefixes(['10.0.0.0/16', '168.63.129.16/32'])),
      reachable: '168.63.129.16-168.63.129.16',
      possiblyReachable: formatRanges(fromPrefixes(['10.0.0.0/16', '168.63.129.16/32'])),
      notSeen: ['rule "a": application security group "web"'],
    });
    const near = rule('a', { destinationAddressPrefixes: [], destinationApplicationSecurityGroupIds: [id] });
    expect(ask([near], management)).toEqual(unsurely(apiManagement, 'rule "a": application security group "web"'));
  });

  it('includes lists that were left to an expression', () => {
    const hidden = rule('a', { sourceAddressPrefixes: [], unresolved: { sourceAddressPrefixes: '[x]' } });
    expect(ask([hidden], management).notSeen).toEqual(['rule "a": sourceAddressPrefixes [x]']);
    const ports = rule('a', { destinationPortRanges: [], unresolved: { destinationPortRanges: '[y]' } });
    expect(ask([ports], management).notSeen).toEqual(['rule "a": destinationPortRanges [y]']);
    const priority = rule('a', { priority: undefined, access: 'Deny', unresolved: { priority: '[z]' } });
    expect(ask([priority, rule('b')], management).notSeen).toEqual(['rule "a": priority [z]']);
  });

  it('includes all of a group whose rules were left to an expression', () => {
    expect(ask([], management, { unresolved: { securityRules: '[x]' } })).toEqual(
      unsurely(apiManagement, 'network security group "nsg": securityRules [x]'),
    );
    expect(ask([], management, { unresolved: { location: '[x]' } })).toEqual(plainly(emptySet));
  });
});

describe('the deciding rule', () => {
  const compiled = compileSecurityGroup(
    group([
      rule('half', {
        id: '/nsg/half',
        sourceAddressPrefixes: ['20.0.0.0/24'],
        destinationAddressPrefixes: ['10.0.1.16/28'],
      }),
      rule('maybe', { priority: 150, sourceAddressPrefixes: ['Foo'] }),
      rule('deny', { priority: 200, access: 'Deny', sourceAddressPrefixes: ['20.0.0.0/24'] }),
    ]),
    { tags, virtualNetwork },
  );
  const flow = inbound(3443, apiManagement);

  it('is the first that surely matches', () => {
    expect(decidingRule(compiled, flow, parseIpv4('20.0.0.1') ?? 0)).toEqual({
      name: 'deny',
      priority: 200,
      access: 'Deny',
    });
  });

  it('is the one that lets some local address be reached, when that is asked for', () => {
    expect(decidingRule(compiled, flow, parseIpv4('20.0.0.1') ?? 0, 'Allow')).toEqual({
      name: 'half',
      id: '/nsg/half',
      priority: 100,
      access: 'Allow',
    });
  });

  it('is a default rule when no other matches', () => {
    expect(decidingRule(compiled, flow, parseIpv4('20.0.2.1') ?? 0)).toEqual({
      name: 'DenyAllInBound',
      priority: 65500,
      access: 'Deny',
    });
  });
});
