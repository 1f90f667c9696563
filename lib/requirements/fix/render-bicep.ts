/**
 * A fix as Bicep, to deploy into the resource group that the first line names. Child resources are written alone, so
 * their siblings stay; a subnet has no such child, so it is written with everything that it has.
 */
import type { Subnet } from '../../network/model.ts';
import type {
  AttachNewSecurityGroup,
  Change,
  NewSecurityRule,
  PutRoute,
  PutRuleCollectionGroup,
  PutSecurityRule,
  SetServiceEndpoints,
} from './change.ts';
import { idParts } from './name.ts';

const networkApi = '2024-05-01';

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('${', '\\${').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** Any JSON value as a Bicep literal. */
function value(given: unknown, indent: string): string {
  const inner = `${indent}  `;
  if (typeof given === 'string') return literal(given);
  if (typeof given === 'number' || typeof given === 'boolean') return String(given);
  if (Array.isArray(given)) {
    if (given.length === 0) return '[]';
    return `[\n${given.map((each) => `${inner}${value(each, inner)}`).join('\n')}\n${indent}]`;
  }
  if (typeof given !== 'object' || given === null) return 'null';
  // Azure reports this at every level and refuses it in a write.
  const isWritable = ([name, each]: [string, unknown]): boolean =>
    name !== 'provisioningState' && each !== undefined && each !== null;
  const entries = Object.entries(given).filter(isWritable);
  if (entries.length === 0) return '{}';
  const key = (name: string): string => (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : literal(name));
  return `{\n${entries.map(([name, each]) => `${inner}${key(name)}: ${value(each, inner)}`).join('\n')}\n${indent}}`;
}

interface Block {
  /** Symbol and text of each resource, so that one that two changes name is declared once. */
  readonly symbol: string;
  readonly text: string;
}

/** A symbol that holds only letters, digits and underscores, apart for each id. */
function symbolOf(prefix: string, name: string): string {
  return `${prefix}_${name.replace(/[^A-Za-z0-9]/g, '_')}`;
}

function existing(symbol: string, type: string, name: string): Block {
  return {
    symbol,
    text: `resource ${symbol} ${literal(`Microsoft.Network/${type}@${networkApi}`)} existing = {\n  name: ${literal(name)}\n}`,
  };
}

function child(symbol: string, type: string, parent: string, name: string, properties: unknown): Block {
  const head = `resource ${symbol} ${literal(`Microsoft.Network/${type}@${networkApi}`)} = {`;
  return {
    symbol,
    text: `${head}\n  parent: ${parent}\n  name: ${literal(name)}\n  properties: ${value(properties, '  ')}\n}`,
  };
}

function route(change: PutRoute): Block[] {
  const [table = ''] = idParts(change.routeTableId).names;
  const parent = symbolOf('routeTable', table);
  const { addressPrefix, nextHopType, nextHopIpAddress } = change;
  return [
    existing(parent, 'routeTables', table),
    child(symbolOf('route', change.name), 'routeTables/routes', parent, change.name, {
      addressPrefix,
      nextHopType,
      nextHopIpAddress,
    }),
  ];
}

/** What Azure fills in itself and refuses or ignores in a write. */
const readOnly = new Set([
  'provisioningState',
  'ipConfigurations',
  'ipConfigurationProfiles',
  'privateEndpoints',
  'resourceNavigationLinks',
  'serviceAssociationLinks',
  'purpose',
  'id',
  'name',
  'type',
  'etag',
  'resourceGroup',
]);

function writable(properties: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !readOnly.has(name)));
}

function subnetBlocks(subnet: Subnet, changed: Readonly<Record<string, unknown>>): Block[] {
  const [network = '', name = ''] = idParts(subnet.id).names;
  const parent = symbolOf('virtualNetwork', network);
  const properties = { ...writable(subnet.properties), ...changed };
  const delegations = Array.isArray(properties.delegations)
    ? properties.delegations.map((each: unknown) => cleanDelegation(each))
    : undefined;
  return [
    existing(parent, 'virtualNetworks', network),
    child(symbolOf('subnet', name), 'virtualNetworks/subnets', parent, name, {
      ...properties,
      ...(delegations && { delegations }),
    }),
  ];
}

function cleanDelegation(delegation: unknown): unknown {
  if (typeof delegation !== 'object' || delegation === null) return delegation;
  const { name, properties, serviceName } = delegation as {
    name?: unknown;
    properties?: { serviceName?: unknown };
    serviceName?: unknown;
  };
  return { name, properties: { serviceName: properties?.serviceName ?? serviceName } };
}

function endpoints(change: SetServiceEndpoints): Block[] {
  return subnetBlocks(change.subnet, { serviceEndpoints: change.services.map((service) => ({ service })) });
}

function ruleProperties(rule: NewSecurityRule): Record<string, unknown> {
  const one = (list: readonly string[], singular: string, plural: string): Record<string, unknown> =>
    list.length === 1 ? { [singular]: list[0] } : { [plural]: list };
  return {
    priority: rule.priority,
    direction: rule.direction,
    access: rule.access,
    protocol: 'Tcp',
    ...one(rule.sourceAddressPrefixes, 'sourceAddressPrefix', 'sourceAddressPrefixes'),
    sourcePortRange: '*',
    ...one(rule.destinationAddressPrefixes, 'destinationAddressPrefix', 'destinationAddressPrefixes'),
    ...one(rule.destinationPortRanges, 'destinationPortRange', 'destinationPortRanges'),
  };
}

function securityRule(change: PutSecurityRule): Block[] {
  const [group = ''] = idParts(change.networkSecurityGroupId).names;
  const parent = symbolOf('networkSecurityGroup', group);
  return [
    existing(parent, 'networkSecurityGroups', group),
    child(
      symbolOf('rule', change.rule.name),
      'networkSecurityGroups/securityRules',
      parent,
      change.rule.name,
      ruleProperties(change.rule),
    ),
  ];
}

function newSecurityGroup(change: AttachNewSecurityGroup): Block[] {
  const [group = ''] = idParts(change.networkSecurityGroupId).names;
  const symbol = symbolOf('networkSecurityGroup', group);
  const securityRules = change.rules.map((rule) => ({ name: rule.name, properties: ruleProperties(rule) }));
  const text = `resource ${symbol} ${literal(`Microsoft.Network/networkSecurityGroups@${networkApi}`)} = {\n  name: ${literal(group)}\n  location: ${literal(change.location)}\n  properties: ${value({ securityRules }, '  ')}\n}`;
  return [
    { symbol, text },
    ...subnetBlocks(change.subnet, { networkSecurityGroup: { id: change.networkSecurityGroupId } }).map((block) =>
      linked(block, change.networkSecurityGroupId, symbol),
    ),
  ];
}

/** The subnet must wait for the group: it names the group's symbol instead of its id. */
function linked(block: Block, id: string, symbol: string): Block {
  return { ...block, text: block.text.replace(literal(id), `${symbol}.id`) };
}

function ruleCollectionGroup(change: PutRuleCollectionGroup): Block[] {
  const [policy = ''] = idParts(change.firewallPolicyId).names;
  const parent = symbolOf('firewallPolicy', policy);
  const { rule } = change;
  const properties = rule.ruleType === 'NetworkRule' ? { ...rule, ipProtocols: ['TCP'] } : rule;
  return [
    existing(parent, 'firewallPolicies', policy),
    child(symbolOf('group', change.name), 'firewallPolicies/ruleCollectionGroups', parent, change.name, {
      priority: change.priority,
      ruleCollections: [
        {
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          name: change.collectionName,
          priority: 100,
          action: { type: 'Allow' },
          rules: [properties],
        },
      ],
    }),
  ];
}

function blocksOf(change: Change): Block[] {
  switch (change.kind) {
    case 'putRoute':
      return route(change);
    case 'setServiceEndpoints':
      return endpoints(change);
    case 'putSecurityRule':
      return securityRule(change);
    case 'attachNewSecurityGroup':
      return newSecurityGroup(change);
    case 'putRuleCollectionGroup':
      return ruleCollectionGroup(change);
  }
}

function targetOf(change: Change): string {
  switch (change.kind) {
    case 'putRoute':
      return change.routeTableId;
    case 'setServiceEndpoints':
      return change.subnet.id;
    case 'putSecurityRule':
    case 'attachNewSecurityGroup':
      return change.networkSecurityGroupId;
    case 'putRuleCollectionGroup':
      return change.firewallPolicyId;
  }
}

/** All changes of one plan are in one resource group: that of the resource which the finding is about. */
export function toBicep(changes: readonly Change[]): string {
  const blocks = new Map<string, string>();
  for (const block of changes.flatMap(blocksOf)) if (!blocks.has(block.symbol)) blocks.set(block.symbol, block.text);
  const [first] = changes;
  const { subscription, resourceGroup } = idParts(first ? targetOf(first) : '');
  return [`// Deploy to resource group ${resourceGroup} of subscription ${subscription}.`, ...blocks.values()].join(
    '\n\n',
  );
}
