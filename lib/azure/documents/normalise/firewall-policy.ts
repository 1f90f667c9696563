/** `Microsoft.Network/firewallPolicies` and their rule collection groups. */
import type { FirewallPolicy, RuleCollection, RuleCollectionGroup } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, notGiven, propertiesOf } from '../fields.ts';
import { actionOf, readFirewallRule } from './firewall-rule.ts';
import type { Head } from './head.ts';

function readCollection(raw: Fields): RuleCollection {
  const reader = new FieldReader(raw);
  return defined({
    name: reader.text('name') ?? '',
    priority: reader.number('priority'),
    ruleCollectionType: reader.text('ruleCollectionType') ?? '',
    action: actionOf(reader),
    rules: reader.records('rules', (rule) => readFirewallRule(rule)),
    ...reader.problems(),
  });
}

export function readRuleCollectionGroup(raw: Fields, head: Head): RuleCollectionGroup {
  const reader = new FieldReader(propertiesOf(raw));
  const group = {
    id: head.id,
    name: head.name,
    priority: reader.number('priority'),
    ruleCollections: reader.records('ruleCollections', readCollection),
  };
  reader.demand(raw, 'priority', 'ruleCollections');
  return defined({ ...group, ...reader.problems() });
}

export function readFirewallPolicy(raw: Fields, head: Head): FirewallPolicy {
  const reader = new FieldReader(propertiesOf(raw));
  const dns = new FieldReader(reader.record('dnsSettings') ?? {});
  const dnsProxyEnabled = dns.flag('enableProxy');
  reader.adopt('dnsSettings', dns);
  const policy = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    basePolicyId: reader.reference('basePolicy'),
    ruleCollectionGroups: notGiven,
    ruleCollectionGroupIds: reader.references('ruleCollectionGroups'),
    threatIntelMode: reader.text('threatIntelMode'),
    dnsProxyEnabled,
  };
  reader.demand(raw, 'basePolicy', 'ruleCollectionGroups');
  return defined({ ...policy, ...reader.problems() });
}
