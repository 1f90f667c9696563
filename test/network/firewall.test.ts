/** Facts about Azure Firewall; the sampled comparison with a naive evaluator is in its own file. */
import { describe, expect, it } from 'vitest';
import { emptySet, fromPrefixes, wholeSpace } from '../../lib/address/interval-set.ts';
import { parseIpv4 } from '../../lib/address/prefix.ts';
import { decidingFirewallRule, firewallAt, firewallsAt } from '../../lib/network/firewall.ts';
import type { RuleCollection } from '../../lib/network/model.ts';
import {
  allowStorage,
  ask,
  askHost,
  compile,
  denyStorage,
  type Parts,
  plainly,
  storage,
  subnet,
  unsurely,
  withCollections,
} from './firewall-questions.ts';
import {
  applicationRule,
  classic,
  collection,
  estateOf,
  firewall,
  group,
  networkRule,
  policy,
} from './firewall-samples.ts';

describe('the firewall at a next hop', () => {
  const one = firewall({ id: '/firewalls/one', privateIpAddresses: ['10.0.9.4'] });
  const two = firewall({ id: '/firewalls/two', privateIpAddresses: ['10.0.9.5', '10.0.9.6'] });
  const twin = firewall({ id: '/firewalls/twin', privateIpAddresses: ['10.0.9.4'] });

  it('is the one that owns the address', () => {
    expect(firewallAt(estateOf({ firewalls: [one, two] }), '10.0.9.6')).toBe(two);
  });

  it('is none for an address that no firewall has, or that is none', () => {
    expect(firewallAt(estateOf({ firewalls: [one] }), '10.0.9.7')).toBeUndefined();
    expect(firewallAt(estateOf({ firewalls: [one] }), '[reference()]')).toBeUndefined();
  });

  it('is not guessed where two networks use one address', () => {
    const estate = estateOf({ firewalls: [one, twin] });
    expect(firewallAt(estate, '10.0.9.4')).toBeUndefined();
    expect(firewallsAt(estate, '10.0.9.4').map((each) => each.id)).toEqual(['/firewalls/one', '/firewalls/twin']);
  });
});

describe('the order of rules', () => {
  it('denies what no rule matches', () => {
    expect(ask(withCollections(allowStorage), wholeSpace)).toEqual(plainly(storage));
  });

  it('asks collections by priority, lowest first', () => {
    expect(ask(withCollections(allowStorage, denyStorage), storage)).toEqual(plainly(emptySet));
  });

  it('asks groups by priority before collections', () => {
    const groups = [group('late', 300, [denyStorage]), group('early', 200, [allowStorage])];
    expect(ask({ policies: [policy('p', groups)] }, storage)).toEqual(plainly(storage));
  });

  it('asks a base policy first, whatever the priorities', () => {
    const base = policy('base', [group('g', 60000, [denyStorage])]);
    const child = policy('p', [group('g', 100, [allowStorage])], { basePolicyId: '/policies/BASE' });
    expect(ask({ policies: [child, base] }, storage)).toEqual(plainly(emptySet));
  });

  it('asks network rules before application rules, even those of a base policy', () => {
    const all = collection('web', 100, 'Deny', [applicationRule('all', { targetFqdns: ['*'] })]);
    const base = policy('base', [group('g', 100, [all])]);
    const child = policy('p', [group('g', 100, [allowStorage])], { basePolicyId: '/policies/base' });
    expect(ask({ policies: [child, base] }, storage)).toEqual(plainly(storage));
  });

  it('asks the classic rules of a firewall by collection priority', () => {
    const asked = firewall({
      networkRuleCollections: [
        classic('allow', 300, 'Allow', [networkRule('a', { destinationAddresses: ['Storage'] })]),
        classic('deny', 200, 'Deny', [networkRule('d', { destinationAddresses: ['20.60.8.0/24'] })]),
      ],
    });
    expect(ask({ firewall: asked }, storage)).toEqual(
      plainly(
        fromPrefixes([
          '20.60.0.0/21',
          '20.60.9.0/24',
          '20.60.10.0/23',
          '20.60.12.0/22',
          '20.60.16.0/20',
          '20.60.32.0/19',
          '20.60.64.0/18',
          '20.60.128.0/17',
        ]),
      ),
    );
  });

  it('names the rule that decides', () => {
    const compiled = compile(withCollections(allowStorage, denyStorage));
    const flow = { source: subnet, destination: storage, protocol: 'TCP' as const, port: 443 };
    expect(decidingFirewallRule(compiled, flow, parseIpv4('20.60.1.1') ?? 0)).toEqual({
      name: 'deny/none',
      id: '/groups/g',
      priority: 200,
      access: 'Deny',
    });
    expect(decidingFirewallRule(compiled, flow, parseIpv4('20.61.1.1') ?? 0)).toBeUndefined();
  });
});

describe('a network rule', () => {
  function allow(fields: Parameters<typeof networkRule>[1]): Parts {
    return withCollections(collection('c', 200, 'Allow', [networkRule('r', fields)]));
  }

  it('counts for the sources that it names, and a flow needs all of them', () => {
    const half = allow({ sourceAddresses: ['10.0.1.0/28'], destinationAddresses: ['*'] });
    expect(ask(half, storage)).toEqual(plainly(emptySet));
    expect(ask(half, storage, { source: fromPrefixes(['10.0.1.0/29']) })).toEqual(plainly(storage));
    const both = withCollections(
      collection('c', 200, 'Allow', [
        networkRule('lower', { sourceAddresses: ['10.0.1.0-10.0.1.15'], destinationAddresses: ['*'] }),
        networkRule('upper', { sourceAddresses: ['10.0.1.16/28'], destinationAddresses: ['20.60.0.0/17'] }),
      ]),
    );
    expect(ask(both, storage)).toEqual(plainly(fromPrefixes(['20.60.0.0/17'])));
  });

  it('counts for its protocols and ports', () => {
    const udp = allow({ ipProtocols: ['UDP'], destinationPorts: ['123', '1000-1010'], destinationAddresses: ['*'] });
    expect(ask(udp, storage, { protocol: 'UDP', port: 1010 })).toEqual(plainly(storage));
    expect(ask(udp, storage, { protocol: 'UDP', port: 1011 })).toEqual(plainly(emptySet));
    expect(ask(udp, storage, { port: 123 })).toEqual(plainly(emptySet));
    expect(ask(allow({ ipProtocols: ['Any'], destinationAddresses: ['*'] }), storage)).toEqual(plainly(storage));
    expect(ask(allow({ ipProtocols: ['ICMP'], destinationAddresses: ['*'] }), storage)).toEqual(plainly(emptySet));
  });

  it('reads IP groups: ranges, an emptied one, one that is missing', () => {
    const id = '/subscriptions/s/ipGroups/Apim';
    const asked = allow({ sourceAddresses: [], sourceIpGroups: [id], destinationAddresses: ['Storage'] });
    const ipGroup = { id, name: 'Apim', ipAddresses: ['10.0.1.0-10.0.1.31', '10.2.0.0/16'] };
    expect(ask({ ...asked, ipGroups: [ipGroup] }, storage)).toEqual(plainly(storage));
    expect(ask({ ...asked, ipGroups: [{ ...ipGroup, ipAddresses: [] }] }, storage)).toEqual(plainly(emptySet));
    const missing = 'rule "r" of rule collection "c": IP group "Apim"';
    expect(ask(asked, storage)).toEqual(unsurely(storage, missing));
    const hidden = { ...ipGroup, ipAddresses: [], unresolved: { ipAddresses: '[x]' } };
    expect(ask({ ...asked, ipGroups: [hidden] }, storage).notSeen).toEqual([
      'rule "r" of rule collection "c": IP group "Apim": ipAddresses [x]',
    ]);
  });

  it('is left open by an unknown tag, a bad port, a protocol, an expression', () => {
    const label = 'rule "r" of rule collection "c"';
    expect(ask(allow({ destinationAddresses: ['Foo'] }), storage)).toEqual(
      unsurely(storage, `${label}: service tag "Foo"`),
    );
    expect(ask(allow({ destinationAddresses: ['*'], destinationPorts: ['80,443'] }), storage)).toEqual(
      unsurely(storage, `${label}: destination port "80,443", which Azure does not accept`),
    );
    expect(ask(allow({ destinationAddresses: ['*'], ipProtocols: ['Quic'] }), storage)).toEqual(
      unsurely(storage, `${label}: protocol "Quic"`),
    );
    const hidden = allow({ destinationAddresses: [], unresolved: { destinationAddresses: '[x]' } });
    expect(ask(hidden, storage)).toEqual(unsurely(storage, `${label}: destinationAddresses [x]`));
    expect(ask(allow({ ruleType: 'NewRule' }), storage)).toEqual(unsurely(storage, `${label}: rule type "NewRule"`));
  });

  it('matches the hosts that it names, if names are resolved', () => {
    const named = allow({ destinationFqdns: ['KMS.core.windows.net'], destinationPorts: ['1688'] });
    expect(askHost(named, 'kms.core.windows.net', 1688).decision).toBe('allowed');
    expect(askHost(named, 'azkms.core.windows.net', 1688)).toEqual({ decision: 'denied', notSeen: [] });
    expect(ask(named, storage, { port: 1688, hosts: ['kms.core.windows.net'] })).toEqual(plainly(storage));
    expect(ask(named, storage, { port: 1688, hosts: ['other.net'] })).toEqual(plainly(emptySet));
    expect(ask(named, storage, { port: 1688 })).toEqual(
      unsurely(storage, 'rule "r" of rule collection "c": host names kms.core.windows.net'),
    );
    const [known] = named.policies ?? [];
    const noProxy = { policies: known ? [{ ...known, dnsProxyEnabled: undefined }] : [] };
    expect(askHost(noProxy, 'kms.core.windows.net', 1688)).toEqual({
      decision: 'unknown',
      notSeen: [
        'rule "r" of rule collection "c": host names in a network rule need the DNS proxy, which is not seen to be on',
      ],
    });
  });

  it('decides for a host by address only when it is for every public address, or for none', () => {
    expect(askHost(allow({ destinationAddresses: ['*'] }), 'a.net')).toEqual({
      decision: 'allowed',
      notSeen: [],
      rule: { name: 'c/r', id: '/groups/g', priority: 200, access: 'Allow' },
    });
    expect(askHost(allow({ destinationAddresses: ['0.0.0.0/1', '128.0.0.0/1'] }), 'a.net').decision).toBe('allowed');
    expect(askHost(allow({ destinationAddresses: ['10.0.0.0/8', '172.16.0.0/12'] }), 'a.net').decision).toBe('denied');
    expect(askHost(allow({ destinationAddresses: ['Storage'] }), 'a.net')).toEqual({
      decision: 'unknown',
      notSeen: ['rule "r" of rule collection "c": the addresses of a.net'],
    });
  });
});

describe('a DNAT rule', () => {
  const translate = (destination: string): RuleCollection => ({
    ...collection('dnat', 100, 'DNAT', [
      networkRule('in', { ruleType: 'NatRule', destinationAddresses: [destination], translatedAddress: '10.0.0.9' }),
    ]),
    ruleCollectionType: 'FirewallPolicyNatRuleCollection',
  });

  it('leaves open only what it translates', () => {
    const verdict = ask(withCollections(translate('20.60.0.7'), allowStorage), fromPrefixes(['20.60.0.6/31']));
    expect(verdict).toEqual({
      allowed: '20.60.0.6-20.60.0.6',
      possiblyAllowed: '20.60.0.6-20.60.0.7',
      notSeen: ['rule "in" of rule collection "dnat": it translates the destination'],
    });
  });

  it('for any destination means the firewall itself', () => {
    expect(ask(withCollections(translate('*'), allowStorage), storage)).toEqual(plainly(storage));
  });
});
