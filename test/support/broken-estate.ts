/**
 * A small compliant estate (External Premium behind an Azure Firewall with a policy) and ways to break it, one fault
 * each. Raw Resource Manager documents, so that everything from reading to fixing is exercised.
 */
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';

type Json = Record<string, unknown>;

const group = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-net/providers';
export const ids = {
  service: `${group}/Microsoft.ApiManagement/service/apim-one`,
  network: `${group}/Microsoft.Network/virtualNetworks/vnet-one`,
  subnet: `${group}/Microsoft.Network/virtualNetworks/vnet-one/subnets/apim`,
  table: `${group}/Microsoft.Network/routeTables/rt-one`,
  securityGroup: `${group}/Microsoft.Network/networkSecurityGroups/nsg-one`,
  firewall: `${group}/Microsoft.Network/azureFirewalls/fw-one`,
  policy: `${group}/Microsoft.Network/firewallPolicies/fwp-one`,
} as const;

export function route(name: string, addressPrefix: string, nextHopType: string, nextHopIpAddress?: string): Json {
  return {
    name,
    id: `${ids.table}/routes/${name}`,
    properties: { addressPrefix, nextHopType, ...(nextHopIpAddress && { nextHopIpAddress }) },
  };
}

export function securityRule(
  name: string,
  priority: number,
  direction: string,
  access: string,
  source: string,
  destination: string,
  port: string,
): Json {
  const properties = {
    priority,
    direction,
    access,
    protocol: 'Tcp',
    sourceAddressPrefix: source,
    sourcePortRange: '*',
    destinationAddressPrefix: destination,
    destinationPortRange: port,
  };
  return { name, properties };
}

const monitorRule = {
  ruleType: 'NetworkRule',
  name: 'monitor',
  ipProtocols: ['TCP'],
  sourceAddresses: ['10.1.0.0/24'],
  destinationAddresses: ['AzureMonitor', 'AzureActiveDirectory'],
  destinationPorts: ['443', '1886'],
};
const hostRule = {
  ruleType: 'ApplicationRule',
  name: 'web',
  protocols: [
    { protocolType: 'Http', port: 80 },
    { protocolType: 'Https', port: 443 },
  ],
  sourceAddresses: ['10.1.0.0/24'],
  targetFqdns: ['*.microsoft.com', '*.digicert.com', 'dc.services.visualstudio.com'],
};
const mailRule = {
  ruleType: 'NetworkRule',
  name: 'mail',
  ipProtocols: ['TCP'],
  sourceAddresses: ['*'],
  destinationAddresses: ['*'],
  destinationPorts: ['25', '587', '25028'],
};

/** The parts of the estate that faults change. */
export interface Parts {
  service: Json & { properties: Json };
  subnet: { name: string; id: string; properties: Json };
  routes: Json[];
  securityRules: Json[];
  firewallRules: Json[];
  propagationOff: boolean;
  policy: Policy;
}

function compliant(): Parts {
  const endpoints = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.EventHub', 'Microsoft.KeyVault'];
  return {
    service: {
      id: ids.service,
      name: 'apim-one',
      type: 'Microsoft.ApiManagement/service',
      location: 'West Europe',
      sku: { name: 'Premium', capacity: 1 },
      properties: {
        virtualNetworkType: 'External',
        virtualNetworkConfiguration: { subnetResourceId: ids.subnet },
        platformVersion: 'stv2',
        additionalLocations: null,
      },
    },
    subnet: {
      name: 'apim',
      id: ids.subnet,
      properties: {
        addressPrefix: '10.1.0.0/24',
        routeTable: { id: ids.table },
        networkSecurityGroup: { id: ids.securityGroup },
        serviceEndpoints: endpoints.map((service) => ({
          service,
          locations: ['westeurope'],
          provisioningState: 'Succeeded',
        })),
        delegations: [],
      },
    },
    routes: [
      route('default', '0.0.0.0/0', 'VirtualAppliance', '10.0.1.4'),
      route('control-plane', 'ApiManagement', 'Internet'),
      route('clients', '20.10.0.0/24', 'Internet'),
      ...['20.118.99.224', '40.83.235.53', '23.102.135.246'].map((address, index) =>
        route(`kms${index}`, `${address}/32`, 'Internet'),
      ),
    ],
    securityRules: [
      securityRule('management', 100, 'Inbound', 'Allow', 'ApiManagement', 'VirtualNetwork', '3443'),
      securityRule('balancer', 110, 'Inbound', 'Allow', 'AzureLoadBalancer', 'VirtualNetwork', '6390'),
      securityRule('clients', 120, 'Inbound', 'Allow', 'Internet', 'VirtualNetwork', '443'),
    ],
    firewallRules: [monitorRule, mailRule, hostRule],
    propagationOff: true,
    policy: { ...defaultPolicy, clients: ['20.10.0.0/24'] },
  };
}

export interface Breakage {
  readonly apply: (parts: Parts) => void;
  /** Requirements that fail by it and have a fix. */
  readonly expected: readonly string[];
}

function without(list: Json[], name: string): void {
  const index = list.findIndex((each) => each.name === name);
  if (index >= 0) list.splice(index, 1);
}

function dropEndpoint(service: string): (parts: Parts) => void {
  return ({ subnet }) => {
    subnet.properties.serviceEndpoints = (subnet.properties.serviceEndpoints as Json[]).filter(
      (each) => each.service !== service,
    );
  };
}

/** Rules with the same priority and direction would be refused by Azure: a free one is taken from `priority` on. */
function add(parts: Parts, rule: Json): void {
  const properties = rule.properties as Json;
  const used = parts.securityRules
    .map((each) => each.properties as Json)
    .filter((each) => each.direction === properties.direction);
  let priority = Number(properties.priority);
  while (used.some((each) => each.priority === priority)) priority++;
  parts.securityRules.push({ ...rule, properties: { ...properties, priority } });
}

export const breakages: Readonly<Record<string, Breakage>> = {
  'no control plane route': {
    apply: ({ routes }) => without(routes, 'control-plane'),
    expected: ['control-plane-route'],
  },
  'control plane into the tunnel': {
    apply: ({ routes }) => {
      without(routes, 'control-plane');
      routes.push(route('control-plane', 'ApiManagement', 'VirtualAppliance', '10.0.1.4'));
    },
    expected: ['control-plane-route'],
  },
  'a longer route over a control plane prefix': {
    apply: ({ routes }) => {
      routes.push(route('odd', '4.198.207.152/32', 'VirtualAppliance', '10.0.1.4'));
    },
    expected: ['control-plane-route'],
  },
  'only the regional control plane': {
    apply: ({ routes }) => {
      without(routes, 'control-plane');
      routes.push(route('regional', 'ApiManagement.WestEurope', 'Internet'));
    },
    expected: ['control-plane-route'],
  },
  'no client route': { apply: ({ routes }) => without(routes, 'clients'), expected: ['client-routes'] },
  'half a client range in the tunnel': {
    apply: ({ routes }) => {
      routes.push(route('half', '20.10.0.128/25', 'VirtualAppliance', '10.0.1.4'));
    },
    expected: ['client-routes'],
  },
  'no KMS route': { apply: ({ routes }) => without(routes, 'kms1'), expected: ['kms-route', 'firewall-kms'] },
  'split default': {
    apply: ({ routes }) => {
      without(routes, 'default');
      routes.push(
        route('low', '0.0.0.0/1', 'VirtualAppliance', '10.0.1.4'),
        route('high', '128.0.0.0/1', 'VirtualAppliance', '10.0.1.4'),
      );
    },
    expected: [],
  },
  'half a default': {
    apply: ({ routes }) => {
      without(routes, 'default');
      routes.push(route('low', '0.0.0.0/1', 'VirtualAppliance', '10.0.1.4'));
    },
    expected: ['unapproved-direct-route'],
  },
  'a hole in the tunnel': {
    apply: ({ routes }) => {
      routes.push(route('hole', '93.184.0.0/16', 'Internet'));
    },
    expected: ['unapproved-direct-route'],
  },
  'an appliance without an address': {
    apply: ({ routes }) => {
      routes.push(route('lame', '8.0.0.0/8', 'VirtualAppliance'));
    },
    expected: ['tunnel-next-hop'],
  },
  'no storage endpoint': {
    apply: dropEndpoint('Microsoft.Storage'),
    expected: ['service-endpoint-storage', 'firewall-storage'],
  },
  'no SQL endpoint': { apply: dropEndpoint('Microsoft.Sql'), expected: ['service-endpoint-sql', 'firewall-sql'] },
  'no Event Hubs endpoint': {
    apply: dropEndpoint('Microsoft.EventHub'),
    expected: ['service-endpoint-event-hub', 'firewall-event-hub'],
  },
  'no Key Vault endpoint': {
    apply: dropEndpoint('Microsoft.KeyVault'),
    expected: ['service-endpoint-key-vault', 'firewall-key-vault'],
  },
  'no security group': {
    apply: ({ subnet }) => {
      delete subnet.properties.networkSecurityGroup;
    },
    expected: ['nsg-attached'],
  },
  'no management rule': {
    apply: ({ securityRules }) => without(securityRules, 'management'),
    expected: ['nsg-inbound-management'],
  },
  'management denied': {
    apply: (parts) => {
      without(parts.securityRules, 'management');
      add(parts, securityRule('no-management', 150, 'Inbound', 'Deny', '*', '*', '3443'));
    },
    expected: ['nsg-inbound-management'],
  },
  'management open to all': {
    apply: (parts) => add(parts, securityRule('open', 150, 'Inbound', 'Allow', '*', '*', '3443')),
    expected: ['nsg-management-exposure'],
  },
  'everything open': {
    apply: (parts) => add(parts, securityRule('all', 300, 'Inbound', 'Allow', '*', '*', '*')),
    expected: ['nsg-management-exposure'],
  },
  'load balancer denied': {
    apply: (parts) => {
      without(parts.securityRules, 'balancer');
      add(parts, securityRule('no-balancer', 160, 'Inbound', 'Deny', '*', '*', '6390'));
    },
    expected: ['nsg-inbound-load-balancer'],
  },
  'clients denied': {
    apply: (parts) => {
      without(parts.securityRules, 'clients');
    },
    expected: ['nsg-inbound-clients'],
  },
  'outbound closed': {
    apply: (parts) => add(parts, securityRule('closed', 4000, 'Outbound', 'Deny', '*', '*', '*')),
    expected: [
      'nsg-outbound-storage',
      'nsg-outbound-sql',
      'nsg-outbound-key-vault',
      'nsg-outbound-azure-monitor',
      'nsg-outbound-certificates',
      'nsg-outbound-entra-id',
      'nsg-outbound-event-hub',
    ],
  },
  'firewall without Azure Monitor': {
    apply: ({ firewallRules }) => without(firewallRules, 'monitor'),
    expected: ['firewall-azure-monitor'],
  },
  'firewall without hosts': {
    apply: ({ firewallRules }) => without(firewallRules, 'web'),
    expected: ['firewall-certificates'],
  },
  'twenty-five tag routes': {
    apply: ({ routes }) => {
      for (
        let number = routes.filter((each) => !String((each.properties as Json).addressPrefix).includes('.')).length;
        number < 25;
        number++
      ) {
        routes.push(route(`tag${number}`, tags[number] ?? 'AppService', 'VirtualAppliance', '10.0.1.4'));
      }
    },
    expected: [],
  },
};

const tags = [
  'AppService',
  'AppConfiguration',
  'AzureBackup',
  'AzureBotService',
  'AzureCosmosDB',
  'AzureDataLake',
  'AzureDevOps',
  'AzureEventGrid',
  'AzureIoTHub',
  'AzureContainerRegistry',
  'AzureSignalR',
  'AzureSiteRecovery',
  'BatchNodeManagement',
  'DataFactory',
  'GatewayManager',
  'HDInsight',
  'LogicApps',
  'PowerBI',
  'ServiceBus',
  'ServiceFabric',
  'SqlManagement',
  'StorageSyncService',
  'WindowsVirtualDesktop',
  'Scuba',
  'SerialConsole',
  'Grafana',
];

/** The compliant estate with these faults. `expected` holds for a single fault: several can hide one another. */
export function brokenEstate(names: readonly string[]): {
  resources: Json[];
  policy: Policy;
  expected: readonly string[];
} {
  const parts = compliant();
  for (const name of names) breakages[name]?.apply(parts);
  const resources: Json[] = [
    parts.service,
    {
      id: ids.network,
      name: 'vnet-one',
      type: 'Microsoft.Network/virtualNetworks',
      location: 'westeurope',
      properties: {
        addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
        subnets: [parts.subnet],
        virtualNetworkPeerings: [],
      },
    },
    {
      id: ids.table,
      name: 'rt-one',
      type: 'Microsoft.Network/routeTables',
      location: 'westeurope',
      properties: { disableBgpRoutePropagation: parts.propagationOff, routes: parts.routes },
    },
    {
      id: ids.securityGroup,
      name: 'nsg-one',
      type: 'Microsoft.Network/networkSecurityGroups',
      location: 'westeurope',
      properties: { securityRules: parts.securityRules },
    },
    {
      id: ids.firewall,
      name: 'fw-one',
      type: 'Microsoft.Network/azureFirewalls',
      location: 'westeurope',
      properties: {
        ipConfigurations: [{ name: 'one', properties: { privateIPAddress: '10.0.1.4' } }],
        firewallPolicy: { id: ids.policy },
      },
    },
    {
      id: ids.policy,
      name: 'fwp-one',
      type: 'Microsoft.Network/firewallPolicies',
      location: 'westeurope',
      properties: { ruleCollectionGroups: [{ id: `${ids.policy}/ruleCollectionGroups/main` }] },
    },
    {
      id: `${ids.policy}/ruleCollectionGroups/main`,
      name: 'main',
      type: 'Microsoft.Network/firewallPolicies/ruleCollectionGroups',
      properties: {
        priority: 300,
        ruleCollections: ['NetworkRule', 'ApplicationRule'].map((type, index) => ({
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          name: type,
          priority: 100 + index * 100,
          action: { type: 'Allow' },
          rules: parts.firewallRules.filter((rule) => rule.ruleType === type),
        })),
      },
    },
  ];
  return {
    resources,
    policy: parts.policy,
    expected: names.length === 1 ? (breakages[names[0] ?? '']?.expected ?? []) : [],
  };
}
