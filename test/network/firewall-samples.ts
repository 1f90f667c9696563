/** Small firewalls for tests: a rule, a collection, a group, a policy, an estate, each with everything else empty. */
import { parseServiceTags } from '../../lib/address/service-tags.ts';
import {
  type AzureFirewall,
  type ClassicRuleCollection,
  type Estate,
  type FirewallPolicy,
  type FirewallRule,
  type IpGroup,
  idKey,
  type RuleCollection,
  type RuleCollectionGroup,
} from '../../lib/network/model.ts';

export const tags = parseServiceTags(
  JSON.stringify({
    changeNumber: 1,
    cloud: 'Public',
    values: [{ name: 'Storage', properties: { addressPrefixes: ['20.60.0.0/16'] } }],
  }),
  'tags.json',
);

const noRule: FirewallRule = {
  name: '',
  ruleType: 'NetworkRule',
  ipProtocols: [],
  protocols: [],
  sourceAddresses: ['*'],
  sourceIpGroups: [],
  destinationAddresses: [],
  destinationIpGroups: [],
  destinationPorts: [],
  destinationFqdns: [],
  targetFqdns: [],
  targetUrls: [],
  fqdnTags: [],
  webCategories: [],
};

export function networkRule(name: string, fields: Partial<FirewallRule> = {}): FirewallRule {
  return { ...noRule, name, ipProtocols: ['TCP'], destinationPorts: ['443'], ...fields };
}

export function applicationRule(name: string, fields: Partial<FirewallRule> = {}): FirewallRule {
  const protocols = [{ protocolType: 'Https', port: 443 }];
  return { ...noRule, ruleType: 'ApplicationRule', name, protocols, ...fields };
}

export function collection(
  name: string,
  priority: number | undefined,
  action: string,
  rules: readonly FirewallRule[],
): RuleCollection {
  return { name, priority, ruleCollectionType: 'FirewallPolicyFilterRuleCollection', action, rules };
}

export function classic(
  name: string,
  priority: number | undefined,
  action: string,
  rules: readonly FirewallRule[],
): ClassicRuleCollection {
  return { name, priority, action, rules };
}

export function group(
  name: string,
  priority: number | undefined,
  ruleCollections: readonly RuleCollection[],
): RuleCollectionGroup {
  return { id: `/groups/${name}`, name, priority, ruleCollections };
}

export function policy(
  name: string,
  ruleCollectionGroups: readonly RuleCollectionGroup[],
  fields: Partial<FirewallPolicy> = {},
): FirewallPolicy {
  return {
    id: `/policies/${name}`,
    name,
    provisioningState: 'Succeeded',
    ruleCollectionGroups,
    ruleCollectionGroupIds: ruleCollectionGroups.map((each) => each.id),
    ...fields,
  };
}

export function firewall(fields: Partial<AzureFirewall> = {}): AzureFirewall {
  return {
    id: '/firewalls/fw',
    name: 'fw',
    location: 'westeurope',
    provisioningState: 'Succeeded',
    privateIpAddresses: ['10.0.9.4'],
    networkRuleCollections: [],
    applicationRuleCollections: [],
    natRuleCollections: [],
    ...fields,
  };
}

function byId<T extends { readonly id: string }>(resources: readonly T[] = []): Map<string, T> {
  return new Map(resources.map((resource) => [idKey(resource.id), resource]));
}

export function estateOf(parts: {
  readonly firewalls?: readonly AzureFirewall[];
  readonly policies?: readonly FirewallPolicy[];
  readonly ipGroups?: readonly IpGroup[];
}): Estate {
  return {
    sources: [],
    errors: [],
    services: [],
    virtualNetworks: new Map(),
    subnets: new Map(),
    routeTables: new Map(),
    networkSecurityGroups: new Map(),
    azureFirewalls: byId(parts.firewalls),
    firewallPolicies: byId(parts.policies),
    ipGroups: byId(parts.ipGroups),
    virtualNetworkGateways: new Map(),
    hubVirtualNetworkConnections: new Map(),
    learnedRoutes: new Map(),
    securityAdminRules: new Map(),
    routingIntents: new Map(),
    networkStatuses: new Map(),
    outboundDependencies: new Map(),
    resolvedNames: new Map(),
    resourceCounts: new Map(),
  };
}
