/**
 * Writes an estate as Resource Graph returns it, `{ "count": n, "data": [...] }`: per deployment one API Management
 * service with its own virtual network, route table and network security group, 8 to 10 KB in all. Regions, addresses,
 * route counts and faults vary; the same seed gives the same bytes. Streams, so that an export may be larger than memory.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { formatIpv4 } from '../lib/address/prefix.ts';
import { below, pick, type Random, randomFrom } from './random.ts';

const regions = [
  ['West Europe', 'westeurope', 'WestEurope'],
  ['North Europe', 'northeurope', 'NorthEurope'],
  ['East US', 'eastus', 'EastUS'],
  ['West US 2', 'westus2', 'WestUS2'],
  ['Southeast Asia', 'southeastasia', 'SoutheastAsia'],
  ['Australia East', 'australiaeast', 'AustraliaEast'],
  ['Japan East', 'japaneast', 'JapanEast'],
  ['UK South', 'uksouth', 'UKSouth'],
] as const;

interface Place {
  readonly index: number;
  readonly random: Random;
  readonly region: (typeof regions)[number];
  readonly group: string;
  readonly name: string;
  /** First address of the deployment's own /24. */
  readonly network: number;
}

function id(place: Place, type: string, name: string): string {
  return `${place.group}/providers/Microsoft.Network/${type}/${name}`;
}

function service(place: Place): object {
  const { random, name, group, region } = place;
  return {
    id: `${group}/providers/Microsoft.ApiManagement/service/apim-${name}`,
    name: `apim-${name}`,
    type: 'microsoft.apimanagement/service',
    location: region[0],
    sku: { name: random() < 0.7 ? 'Premium' : 'Developer', capacity: 1 },
    tags: { owner: `team-${place.index % 97}`, costCenter: String(1000 + (place.index % 53)) },
    properties: {
      publisherName: 'Kestrel Parcel',
      publisherEmail: 'apis@kestrel.example',
      provisioningState: 'Succeeded',
      platformVersion: random() < 0.02 ? 'stv1' : 'stv2.1',
      gatewayUrl: `https://apim-${name}.azure-api.net`,
      virtualNetworkType: random() < 0.6 ? 'Internal' : 'External',
      virtualNetworkConfiguration: {
        subnetResourceId: `${id(place, 'virtualNetworks', `vnet-${name}`)}/subnets/snet-apim`,
      },
      additionalLocations: null,
      natGatewayState: 'Disabled',
    },
  };
}

function virtualNetwork(place: Place): object {
  const { random, name, region, network } = place;
  const vnet = id(place, 'virtualNetworks', `vnet-${name}`);
  const services = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.EventHub', 'Microsoft.KeyVault'];
  return {
    id: vnet,
    name: `vnet-${name}`,
    type: 'microsoft.network/virtualnetworks',
    location: region[1],
    sku: null,
    tags: null,
    properties: {
      provisioningState: 'Succeeded',
      addressSpace: { addressPrefixes: [`${formatIpv4(network)}/24`] },
      subnets: [
        {
          id: `${vnet}/subnets/snet-apim`,
          name: 'snet-apim',
          properties: {
            provisioningState: 'Succeeded',
            addressPrefix: `${formatIpv4(network)}/27`,
            routeTable: { id: id(place, 'routeTables', `rt-${name}`) },
            networkSecurityGroup: { id: id(place, 'networkSecurityGroups', `nsg-${name}`) },
            serviceEndpoints: services
              .filter(() => random() < 0.9)
              .map((each) => ({ provisioningState: 'Succeeded', service: each, locations: ['*'] })),
            delegations: [],
            privateEndpointNetworkPolicies: 'Disabled',
          },
        },
      ],
      virtualNetworkPeerings: [],
    },
  };
}

function routeTable(place: Place): object {
  const { random, name, region } = place;
  const table = id(place, 'routeTables', `rt-${name}`);
  const appliance = formatIpv4(0x0a000104 + (place.index % 16) * 0x10000);
  const route = (routeName: string, addressPrefix: string, nextHopType: string) => ({
    id: `${table}/routes/${routeName}`,
    name: routeName,
    properties: {
      provisioningState: 'Succeeded',
      addressPrefix,
      nextHopType,
      ...(nextHopType === 'VirtualAppliance' && { nextHopIpAddress: appliance }),
      hasBgpOverride: false,
    },
  });
  const fault = random();
  const routes =
    fault < 0.1
      ? [route('low-to-firewall', '0.0.0.0/1', 'VirtualAppliance'), route('high', '128.0.0.0/1', 'VirtualAppliance')]
      : [route('default-to-firewall', '0.0.0.0/0', 'VirtualAppliance')];
  if (fault < 0.85) routes.push(route('control-plane', 'ApiManagement', 'Internet'));
  else if (fault < 0.9) routes.push(route('control-plane', `ApiManagement.${place.region[2]}`, 'Internet'));
  if (random() < 0.7)
    routes.push(route('kms-1', '20.118.99.224/32', 'Internet'), route('kms-2', '40.83.235.53/32', 'Internet'));
  if (random() < 0.2) routes.push(route('monitor', 'AzureMonitor', 'Internet'));
  const branches = 1 + below(random, 5);
  for (let i = 0; i < branches; i++) {
    const length = 16 + below(random, 9);
    const start = (0xac100000 + below(random, 2 ** 20)) >>> (32 - length);
    const prefix = `${formatIpv4((start << (32 - length)) >>> 0)}/${length}`;
    routes.push(route(`branch-${i + 1}`, prefix, 'VirtualAppliance'));
  }
  if (random() < 0.05)
    routes.push(route('partner', `${formatIpv4(0xc6000000 + below(random, 2 ** 16) * 256)}/24`, 'Internet'));
  return {
    id: table,
    name: `rt-${name}`,
    type: 'microsoft.network/routetables',
    location: region[1],
    sku: null,
    tags: null,
    properties: { provisioningState: 'Succeeded', disableBgpRoutePropagation: random() < 0.95, routes },
  };
}

type RuleRow = readonly [
  name: string,
  direction: string,
  access: string,
  port: string,
  source: string,
  destination: string,
];

function securityGroup(place: Place): object {
  const { random, name, region } = place;
  const group = id(place, 'networkSecurityGroups', `nsg-${name}`);
  const regional = random() < 0.5 ? `.${region[2]}` : '';
  const rows: RuleRow[] = [
    ['management', 'Inbound', 'Allow', '3443', 'ApiManagement', 'VirtualNetwork'],
    ['load-balancer', 'Inbound', 'Allow', '6390', 'AzureLoadBalancer', 'VirtualNetwork'],
    ['clients', 'Inbound', 'Allow', '443', 'Internet', 'VirtualNetwork'],
    ['storage', 'Outbound', 'Allow', '443', 'VirtualNetwork', `Storage${regional}`],
    ['sql', 'Outbound', 'Allow', '1433', 'VirtualNetwork', `Sql${regional}`],
    ['key-vault', 'Outbound', 'Allow', '443', 'VirtualNetwork', 'AzureKeyVault'],
    ['monitor', 'Outbound', 'Allow', '1886,443', 'VirtualNetwork', 'AzureMonitor'],
    ['certificates', 'Outbound', 'Allow', '80', 'VirtualNetwork', 'Internet'],
    ['entra-id', 'Outbound', 'Allow', '443', 'VirtualNetwork', 'AzureActiveDirectory'],
  ];
  const kept = rows.filter(() => random() < 0.97);
  if (random() < 0.4) kept.push(['deny-out', 'Outbound', 'Deny', '*', '*', 'Internet']);
  if (random() < 0.1) kept.push(['open', 'Inbound', 'Allow', '*', '*', '*']);
  return {
    id: group,
    name: `nsg-${name}`,
    type: 'microsoft.network/networksecuritygroups',
    location: region[1],
    sku: null,
    tags: null,
    properties: {
      provisioningState: 'Succeeded',
      securityRules: kept.map(([ruleName, direction, access, port, source, destination], index) => {
        const ports = port.split(',');
        return {
          id: `${group}/securityRules/${ruleName}`,
          name: ruleName,
          properties: {
            provisioningState: 'Succeeded',
            priority: 100 + index * 10,
            direction,
            access,
            protocol: port === '*' ? '*' : pick(random, ['Tcp', 'TCP', 'tcp']),
            sourcePortRange: '*',
            sourcePortRanges: [],
            sourceAddressPrefix: source,
            sourceAddressPrefixes: [],
            destinationAddressPrefix: destination,
            destinationAddressPrefixes: [],
            ...(ports.length === 1
              ? { destinationPortRange: port, destinationPortRanges: [] }
              : { destinationPortRanges: ports }),
          },
        };
      }),
    },
  };
}

function* resources(deployments: number, seed: number): Generator<object> {
  const random = randomFrom(seed);
  for (let index = 0; index < deployments; index++) {
    const subscription = `${String(index % 40).padStart(8, '0')}-0000-4000-8000-000000000000`;
    const name = `svc-${String(index).padStart(6, '0')}`;
    const place: Place = {
      index,
      random,
      region: pick(random, regions),
      group: `/subscriptions/${subscription}/resourceGroups/rg-${name}`,
      name,
      // One /24 each out of 10.0.0.0/8, beginning again after 65,536: such networks do not know of each other.
      network: 0x0a000000 + (index % 65_536) * 256,
    };
    yield service(place);
    yield virtualNetwork(place);
    yield routeTable(place);
    yield securityGroup(place);
  }
}

/** Writes the export to `path`. */
export async function writeEstate(path: string, deployments: number, seed: number): Promise<void> {
  const out = createWriteStream(path);
  out.write(`{"count":${deployments * 4},"data":[`);
  let batch = '';
  let first = true;
  for (const resource of resources(deployments, seed)) {
    batch += `${first ? '' : ','}\n${JSON.stringify(resource)}`;
    first = false;
    if (batch.length < 2 ** 20) continue;
    if (!out.write(batch)) await once(out, 'drain');
    batch = '';
  }
  out.end(`${batch}\n]}\n`);
  await finished(out);
}
