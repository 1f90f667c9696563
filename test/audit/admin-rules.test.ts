/** Security admin rules of Azure Virtual Network Manager, which come before network security groups. */
import { describe, expect, it } from 'vitest';
import { adminRule, toTag } from '../support/admin-rules.ts';
import { ids, securityRule } from '../support/broken-estate.ts';
import { type Change, findingOf, type Json, outcomeOf } from '../support/estate-builder.ts';

const otherManager = '/subscriptions/9/resourceGroups/rg/providers/Microsoft.Network/networkManagers/other';
const sql = 'nsg-outbound-sql';
const denySql = adminRule('no-sql', toTag('Sql'));

function under(rules: readonly Json[], change: Change = {}): Change {
  return { ...change, more: [{ adminRulesOf: ids.network.toUpperCase(), value: rules }] };
}

/** The group's own rules with one that denies SQL. */
const deniedByGroup: Change = {
  rules: [securityRule('group-no-sql', 200, 'Outbound', 'Deny', '*', 'Sql', '1433')],
};

describe('a security admin rule', () => {
  it('that denies does so before the group, is named with its manager, and no rule of the group is offered against it', () => {
    expect(outcomeOf(under([]), sql)).toBe('pass');
    const { status, message, evidence, fix } = findingOf(under([denySql]), sql);
    expect(status).toBe('fail');
    expect(message).toMatch(/^nsg-one blocks tcp\/1433 to .* of Sql.* by rule "no-sql of network manager central"\.$/);
    expect(evidence.rule).toMatchObject({ id: denySql.id, priority: 10, access: 'Deny' });
    expect(fix).toBeUndefined();
    expect(findingOf(deniedByGroup, sql).fix).toBeDefined();
  });

  it.each([
    ['AlwaysAllow', 'pass'],
    ['Allow', 'fail critical'],
    ['Deny', 'fail critical'],
    ['Perhaps', 'unknown critical'],
  ])('with access %s over a group that denies: %s', (access, expected) => {
    const rule = adminRule('rule', { ...toTag('Sql'), access });
    expect(outcomeOf(under([rule], deniedByGroup), sql)).toBe(expected);
  });

  it.each([
    ['Allow', 'pass'],
    ['AlwaysAllow', 'pass'],
    ['Deny', 'fail critical'],
    ['Perhaps', 'unknown critical'],
  ])('with access %s over a group that allows: %s', (access, expected) => {
    expect(outcomeOf(under([adminRule('rule', { ...toTag('Sql'), access })]), sql)).toBe(expected);
  });

  it.each([
    ['a lower number first', [20, 10], 'pass'],
    ['whatever the order of the list', [10, 20], 'fail critical'],
    ['of one number: not known', [10, 10], 'unknown critical'],
  ])('%s', (_, [denies, allows], expected) => {
    const rules = [
      adminRule('deny', { priority: denies }),
      adminRule('allow', { ...toTag('Sql'), access: 'AlwaysAllow', priority: allows }),
    ];
    expect(outcomeOf(under(rules), sql)).toBe(expected);
  });

  it('of another direction, port or protocol changes nothing', () => {
    for (const other of [{ direction: 'Inbound' }, { destinationPortRanges: ['22'] }, { protocol: 'Udp' }])
      expect(outcomeOf(under([adminRule('rule', other)]), sql)).toBe('pass');
  });

  it('of several managers may come in either order, and only that is open', () => {
    const allow = adminRule('allow', { ...toTag('Sql'), access: 'AlwaysAllow', priority: 5 }, otherManager);
    const both = under([denySql, allow]);
    expect(outcomeOf(both, sql)).toBe('unknown critical');
    expect(findingOf(both, sql).evidence.notSeen?.join()).toContain('which of several network managers comes first');
    expect(outcomeOf(both, 'nsg-outbound-storage')).toBe('pass');
  });

  it('for a network group is open, and says why', () => {
    const rule = adminRule('group', { destinations: [{ addressPrefixType: 'NetworkGroup', addressPrefix: '/x' }] });
    expect(outcomeOf(under([rule]), sql)).toBe('unknown critical');
    expect(findingOf(under([rule]), sql).evidence.notSeen?.join()).toContain('networkgroup');
  });

  it('that always allows opens the management port to all, whatever the group says', () => {
    const open = adminRule('open', { direction: 'Inbound', access: 'AlwaysAllow', destinationPortRanges: ['3443'] });
    const { status, message, fix } = findingOf(under([open]), 'nsg-management-exposure');
    expect([status, fix]).toEqual(['fail', undefined]);
    expect(message).toContain('by rule "open of network manager central"');
  });

  it('that may not be read leaves everything open that it could decide', () => {
    const notRead = 'the action is not permitted';
    const change: Change = { more: [{ adminRulesOf: ids.network, notRead }] };
    for (const requirement of [sql, 'nsg-inbound-management', 'nsg-management-exposure']) {
      expect(findingOf(change, requirement).status).toBe('unknown');
      expect(findingOf(change, requirement).evidence.notSeen?.join()).toBe(
        `the security admin rules of the network: ${notRead}`,
      );
    }
  });

  it('of another network changes nothing', () => {
    const change: Change = { more: [{ adminRulesOf: `${ids.network}-two`, value: [denySql] }] };
    expect(outcomeOf(change, sql)).toBe('pass');
  });
});
