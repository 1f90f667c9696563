/** `Microsoft.Network/azureFirewalls`, with their classic rules under the names that policies use. */
import type { AzureFirewall, ClassicRuleCollection } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, notGiven, propertiesOf } from '../fields.ts';
import { actionOf, readFirewallRule } from './firewall-rule.ts';
import type { Head } from './head.ts';

/** The model's classic collections carry no doubts of their own: they are the firewall's. */
function classicCollections(
  reader: FieldReader,
  name: 'networkRuleCollections' | 'applicationRuleCollections' | 'natRuleCollections',
  ruleType: string,
): readonly ClassicRuleCollection[] {
  return reader.records(name, (raw) => {
    const head = new FieldReader(raw);
    const inner = new FieldReader(propertiesOf(raw));
    const collection = defined({
      name: head.text('name') ?? '',
      priority: inner.number('priority'),
      action: actionOf(inner),
      rules: inner.records('rules', (rule) => readFirewallRule(rule, ruleType)),
    });
    reader.adopt(name, inner);
    return collection;
  });
}

function addressOf(reader: FieldReader): string | undefined {
  return reader.text('privateIPAddress') ?? reader.text('privateIpAddress');
}

function privateAddresses(reader: FieldReader): readonly string[] {
  const own = reader.records('ipConfigurations', (raw) => addressOf(new FieldReader(propertiesOf(raw))));
  const hub = addressOf(new FieldReader(reader.record('hubIPAddresses') ?? reader.record('hubIpAddresses') ?? {}));
  if (hub !== undefined) return [...own, hub];
  return own.length === 0 ? notGiven : own;
}

export function readFirewall(raw: Fields, head: Head): AzureFirewall {
  const reader = new FieldReader(propertiesOf(raw));
  const firewall = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    privateIpAddresses: privateAddresses(reader),
    virtualHubId: reader.reference('virtualHub'),
    firewallPolicyId: reader.reference('firewallPolicy'),
    threatIntelMode: reader.text('threatIntelMode'),
    networkRuleCollections: classicCollections(reader, 'networkRuleCollections', 'NetworkRule'),
    applicationRuleCollections: classicCollections(reader, 'applicationRuleCollections', 'ApplicationRule'),
    natRuleCollections: classicCollections(reader, 'natRuleCollections', 'NatRule'),
  };
  reader.demand(raw, 'firewallPolicy', 'networkRuleCollections', 'applicationRuleCollections');
  return defined({ ...firewall, ...reader.problems() });
}
