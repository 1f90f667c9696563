/** Facts about what an Azure Firewall leaves open when something of it is not in the estate. */
import { describe, expect, it } from 'vitest';
import { emptySet, formatRanges } from '../../lib/address/interval-set.ts';
import {
  allowStorage,
  ask,
  compile,
  denyStorage,
  plainly,
  storage,
  unsurely,
  withCollections,
} from './firewall-questions.ts';
import { classic, firewall, group, policy } from './firewall-samples.ts';

describe('what is not in the estate', () => {
  const child = policy('p', [group('g', 100, [allowStorage])], { basePolicyId: '/policies/base' });

  it('leaves everything open when it is the policy', () => {
    expect(ask({}, storage)).toEqual(unsurely(storage, 'firewall "fw": firewall policy "p"'));
  });

  it('leaves everything open when it is the base policy, whose rules come first', () => {
    expect(ask({ policies: [child] }, storage)).toEqual(unsurely(storage, 'firewall "fw": firewall policy "base"'));
  });

  it('leaves everything open when policies inherit from one another in a circle', () => {
    const base = policy('base', [], { basePolicyId: '/policies/P' });
    expect(ask({ policies: [child, base] }, storage)).toEqual(
      unsurely(storage, 'firewall "fw": firewall policy "P" inherits from itself'),
    );
  });

  it('leaves open what a missing rule collection group may decide, but not what a base policy did', () => {
    const missing = { ruleCollectionGroupIds: ['/groups/G', '/groups/other'] };
    const asked = policy('p', [group('g', 100, [allowStorage])], missing);
    expect(ask({ policies: [asked] }, storage)).toEqual(
      unsurely(storage, 'firewall policy "p": rule collection group "other"'),
    );
    const base = policy('base', [group('b', 100, [denyStorage])]);
    const inheriting = policy('p', [], { ...missing, basePolicyId: '/policies/base' });
    expect(ask({ policies: [inheriting, base] }, storage)).toEqual(plainly(emptySet));
  });

  it('leaves open a firewall without rules, unless Azure itself says that this is all', () => {
    const bare = firewall({ provisioningState: undefined });
    expect(ask({ firewall: bare }, storage)).toEqual(
      unsurely(storage, 'firewall "fw": neither a policy nor rules are given'),
    );
    expect(ask({ firewall: firewall({}) }, storage)).toEqual(plainly(emptySet));
    const hollow = firewall({ networkRuleCollections: [classic('c', 100, 'Deny', [])] });
    expect(ask({ firewall: hollow }, storage).notSeen).toEqual(['rule collection "c": no rule is given']);
    const hidden = firewall({ unresolved: { networkRuleCollections: '[x]' } });
    expect(ask({ firewall: hidden }, storage).notSeen).toEqual(['firewall "fw": networkRuleCollections [x]']);
  });

  it('leaves the place of a collection or a group without a priority open, within what holds it', () => {
    const nowhere = { ...denyStorage, priority: undefined };
    expect(ask(withCollections(allowStorage, nowhere), storage)).toEqual(
      unsurely(storage, 'rule "none" of rule collection "deny": rule collection "deny": no priority is given'),
    );
    const groups = [group('g', 300, [allowStorage]), group('x', undefined, [denyStorage])];
    expect(ask({ policies: [policy('p', groups)] }, storage)).toEqual(
      unsurely(storage, 'rule "none" of rule collection "deny": rule collection group "x": no priority is given'),
    );
    const later = [group('g', 300, [allowStorage]), group('x', 400, [nowhere])];
    expect(ask({ policies: [policy('p', later)] }, storage)).toEqual(plainly(storage));
  });

  it('leaves open which of two collections or groups of one priority is asked first', () => {
    const verdict = ask(withCollections(allowStorage, { ...denyStorage, priority: 300 }), storage);
    expect(verdict.allowed).toBe('');
    expect(verdict.possiblyAllowed).toBe(formatRanges(storage));
    expect(verdict.notSeen).toHaveLength(2);
    const groups = [group('g', 300, [allowStorage]), group('x', 300, [denyStorage])];
    expect(ask({ policies: [policy('p', groups)] }, storage).possiblyAllowed).toBe(formatRanges(storage));
  });

  it('leaves open an action that cannot be read, and rules left to an expression', () => {
    expect(ask(withCollections({ ...allowStorage, action: '[x]' }), storage)).toEqual(
      unsurely(storage, 'rule "storage" of rule collection "allow": action "[x]"'),
    );
    const hidden = { ...allowStorage, rules: [], unresolved: { rules: '[x]' } };
    expect(ask(withCollections(hidden), storage)).toEqual(unsurely(storage, 'rule collection "allow": rules [x]'));
  });

  it('allows nothing for sources that are not known', () => {
    expect(ask(withCollections(allowStorage), storage, { source: emptySet })).toEqual(
      unsurely(storage, 'the source addresses'),
    );
  });
});

it('says that threat intelligence was taken not to deny anything', () => {
  expect(compile(withCollections(allowStorage)).assumptions).toEqual([]);
  const strict = { policies: [policy('p', [], { threatIntelMode: 'Deny' })] };
  expect(compile(strict).assumptions).toEqual([
    'threat intelligence of firewall "fw" denies none of the destinations that its rules allow',
  ]);
});
