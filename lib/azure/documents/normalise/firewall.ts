/** `Microsoft.Network/azureFirewalls`, `firewallPolicies`, their rule collection groups, and `ipGroups`. */
import type {
  AzureFirewall,
  ClassicRuleCollection,
  FirewallPolicy,
  FirewallRule,
  IpGroup,
  RuleCollection,
  RuleCollectionGroup,
} from '../../../network/model.ts';
import { defined, FieldReader, type Fields, isRecord, own, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

/** Application protocols: `{ protocolType, port }`; classic network rules list plain texts under the same name. */
function protocolsOf(raw: Fields): { network: string[]; application: { protocolType: string; port?: number }[] } {
  const list = own(raw, 'protocols');
  const network: string[] = [];
  const application: { protocolType: string; port?: number }[] = [];
  for (const each of Array.isArray(list) ? list : []) {
    if (typeof each === 'string') network.push(each);
    if (!isRecord(each)) continue;
    const reader = new FieldReader(each);
    application.push(defined({ protocolType: reader.text('protocolType') ?? '', port: reader.number('port') }));
  }
  return { network, application };
}

/** @param ruleType of the collection that a classic rule stands in; a policy's rule names its own */
function readRule(raw: Fields, ruleType?: string): FirewallRule {
  const reader = new FieldReader(raw);
  const { network, application } = protocolsOf(raw);
  const translated = reader.text('translatedAddress');
  return defined({
    name: reader.text('name') ?? '',
    ruleType: ruleType ?? reader.text('ruleType') ?? '',
    ipProtocols: [...reader.texts('ipProtocols'), ...network],
    protocols: application,
    sourceAddresses: reader.texts('sourceAddresses'),
    sourceIpGroups: reader.texts('sourceIpGroups'),
    destinationAddresses: reader.texts('destinationAddresses'),
    destinationIpGroups: reader.texts('destinationIpGroups'),
    destinationPorts: reader.texts('destinationPorts'),
    destinationFqdns: reader.texts('destinationFqdns'),
    targetFqdns: reader.texts('targetFqdns'),
    targetUrls: reader.texts('targetUrls'),
    fqdnTags: reader.texts('fqdnTags'),
    webCategories: reader.texts('webCategories'),
    translatedAddress: translated,
    translatedPort: reader.text('translatedPort'),
    ...reader.problems(),
  });
}

function actionOf(reader: FieldReader): string {
  const action = reader.record('action');
  return (action && new FieldReader(action).text('type')) ?? '';
}

function classicCollections(reader: FieldReader, name: string, ruleType: string): ClassicRuleCollection[] {
  return reader.records(name).map((raw) => {
    const inner = new FieldReader(propertiesOf(raw));
    return defined({
      name: new FieldReader(raw).text('name') ?? '',
      priority: inner.number('priority'),
      action: actionOf(inner),
      rules: inner.records('rules').map((rule) => readRule(rule, ruleType)),
    });
  });
}

function privateAddresses(reader: FieldReader): string[] {
  const configurations = [...reader.records('ipConfigurations')].map((raw) => new FieldReader(propertiesOf(raw)));
  const own = configurations.map((each) => each.text('privateIPAddress') ?? each.text('privateIpAddress'));
  const hub = new FieldReader(reader.record('hubIPAddresses') ?? reader.record('hubIpAddresses') ?? {});
  return [...own, hub.text('privateIPAddress') ?? hub.text('privateIpAddress')].filter(
    (address) => address !== undefined,
  );
}

export function readFirewall(raw: Fields, head: Head): AzureFirewall {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    ...head,
    provisioningState: reader.text('provisioningState'),
    privateIpAddresses: privateAddresses(reader),
    virtualHubId: reader.reference('virtualHub'),
    firewallPolicyId: reader.reference('firewallPolicy'),
    threatIntelMode: reader.text('threatIntelMode'),
    networkRuleCollections: classicCollections(reader, 'networkRuleCollections', 'NetworkRule'),
    applicationRuleCollections: classicCollections(reader, 'applicationRuleCollections', 'ApplicationRule'),
    natRuleCollections: classicCollections(reader, 'natRuleCollections', 'NatRule'),
    ...reader.problems(),
  });
}

function readCollection(raw: Fields): RuleCollection {
  const reader = new FieldReader(raw);
  return defined({
    name: reader.text('name') ?? '',
    priority: reader.number('priority'),
    ruleCollectionType: reader.text('ruleCollectionType') ?? '',
    action: actionOf(reader),
    rules: reader.records('rules').map((rule) => readRule(rule)),
    ...reader.problems(),
  });
}

export function readRuleCollectionGroup(raw: Fields, head: Head): RuleCollectionGroup {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    id: head.id,
    name: head.name,
    priority: reader.number('priority'),
    ruleCollections: reader.records('ruleCollections').map(readCollection),
    ...reader.problems(),
  });
}

export function readFirewallPolicy(raw: Fields, head: Head): FirewallPolicy {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({
    ...head,
    provisioningState: reader.text('provisioningState'),
    basePolicyId: reader.reference('basePolicy'),
    ruleCollectionGroups: [],
    ruleCollectionGroupIds: reader.references('ruleCollectionGroups'),
    threatIntelMode: reader.text('threatIntelMode'),
    dnsProxyEnabled: new FieldReader(reader.record('dnsSettings') ?? {}).flag('enableProxy'),
    ...reader.problems(),
  });
}

export function readIpGroup(raw: Fields, head: Head): IpGroup {
  const reader = new FieldReader(propertiesOf(raw));
  return defined({ ...head, ipAddresses: reader.texts('ipAddresses'), ...reader.problems() });
}
