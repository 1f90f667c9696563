/**
 * Estates of any size, as Resource Graph exports them: every deployment has a service, a virtual network, a route table
 * and a security group of its own, in changing regions, compliant or broken in changing ways. The same bytes each time.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const regions = [
  'westeurope',
  'northeurope',
  'uksouth',
  'eastus2',
  'swedencentral',
  'germanywestcentral',
  'southeastasia',
];

type Json = Record<string, unknown>;

function rule(
  base: string,
  name: string,
  priority: number,
  direction: string,
  source: string,
  destination: string,
  port: string,
): Json {
  const properties = {
    provisioningState: 'Succeeded',
    protocol: 'Tcp',
    sourcePortRange: '*',
    access: 'Allow',
    priority,
    direction,
    sourcePortRanges: [],
    destinationPortRanges: [],
    sourceAddressPrefixes: [],
    destinationAddressPrefixes: [],
    sourceAddressPrefix: source,
    destinationAddressPrefix: destination,
    destinationPortRange: port,
  };
  return {
    name,
    id: `${base}/securityRules/${name}`,
    type: 'Microsoft.Network/networkSecurityGroups/securityRules',
    properties,
  };
}

function route(
  base: string,
  name: string,
  addressPrefix: string,
  nextHopType: string,
  nextHopIpAddress?: string,
): Json {
  const properties = {
    provisioningState: 'Succeeded',
    addressPrefix,
    nextHopType,
    hasBgpOverride: false,
    ...(nextHopIpAddress && { nextHopIpAddress }),
  };
  return { name, id: `${base}/routes/${name}`, type: 'Microsoft.Network/routeTables/routes', properties };
}

/** The four resources of deployment `index`. */
export function deploymentResources(index: number): Json[] {
  const region = regions[index % regions.length] as string;
  const hex = index.toString(16).padStart(12, '0');
  const group = `/subscriptions/00000000-0000-0000-${(index % 500).toString(16).padStart(4, '0')}-${hex}/resourceGroups/rg-apim-${index}/providers`;
  const network = `${group}/Microsoft.Network/virtualNetworks/vnet-apim-${index}`;
  const table = `${group}/Microsoft.Network/routeTables/rt-apim-${index}`;
  const securityGroup = `${group}/Microsoft.Network/networkSecurityGroups/nsg-apim-${index}`;
  const subnet = `${network}/subnets/snet-apim`;
  const octets = `10.${index % 250}.${(index >> 3) % 250}`;
  const firewall = `10.${(index >> 4) % 250}.255.4`;
  const fault = index % 10;
  const endpoints = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.EventHub', 'Microsoft.KeyVault'].filter(
    (_, each) => fault !== each + 1,
  );
  const kms = ['20.118.99.224', '40.83.235.53', '23.102.135.246'];
  const routes = [
    route(table, 'default', '0.0.0.0/0', 'VirtualAppliance', firewall),
    ...(fault === 5 ? [] : [route(table, 'apim', 'ApiManagement', 'Internet')]),
    ...(fault === 6 ? [] : kms.map((address, each) => route(table, `kms-${each}`, `${address}/32`, 'Internet'))),
    ...(fault === 7 ? [route(table, 'hole', `93.${index % 250}.0.0/16`, 'Internet')] : []),
    ...Array.from({ length: 6 }, (_, each) =>
      route(table, `spoke-${each}`, `10.${(index + each * 7) % 250}.${each}.0/24`, 'VirtualAppliance', firewall),
    ),
  ];
  const rules = [
    rule(securityGroup, 'management', 100, 'Inbound', fault === 8 ? '*' : 'ApiManagement', 'VirtualNetwork', '3443'),
    rule(securityGroup, 'load-balancer', 110, 'Inbound', 'AzureLoadBalancer', 'VirtualNetwork', '6390'),
    rule(securityGroup, 'https', 120, 'Inbound', 'VirtualNetwork', 'VirtualNetwork', '443'),
    ...['Storage', 'Sql', 'AzureKeyVault', 'AzureMonitor', 'AzureActiveDirectory', 'EventHub'].map((tag, each) =>
      rule(securityGroup, `to-${tag}`, 200 + each, 'Outbound', 'VirtualNetwork', tag, tag === 'Sql' ? '1433' : '443'),
    ),
  ];
  return [
    {
      id: `${group}/Microsoft.ApiManagement/service/apim-${index}`,
      name: `apim-${index}`,
      type: 'microsoft.apimanagement/service',
      tenantId: '00000000-0000-0000-0000-000000000000',
      location: region,
      resourceGroup: `rg-apim-${index}`,
      sku: { name: index % 3 === 0 ? 'Developer' : 'Premium', capacity: 1 },
      tags: { environment: 'bench', owner: `team-${index % 40}` },
      properties: {
        provisioningState: 'Succeeded',
        targetProvisioningState: '',
        publisherEmail: 'publisher@example.invalid',
        publisherName: 'Example',
        gatewayUrl: `https://apim-${index}.azure-api.net`,
        virtualNetworkType: 'Internal',
        virtualNetworkConfiguration: {
          subnetResourceId: subnet,
          vnetid: '00000000-0000-0000-0000-000000000000',
          subnetname: null,
        },
        additionalLocations: null,
        platformVersion: 'stv2',
        privateIPAddresses: [`${octets}.5`],
      },
    },
    {
      id: network,
      name: `vnet-apim-${index}`,
      type: 'microsoft.network/virtualnetworks',
      location: region,
      properties: {
        provisioningState: 'Succeeded',
        addressSpace: { addressPrefixes: [`${octets}.0/24`] },
        enableDdosProtection: false,
        subnets: [
          {
            name: 'snet-apim',
            id: subnet,
            type: 'Microsoft.Network/virtualNetworks/subnets',
            properties: {
              provisioningState: 'Succeeded',
              addressPrefix: `${octets}.0/27`,
              networkSecurityGroup: { id: securityGroup },
              routeTable: { id: table },
              serviceEndpoints: endpoints.map((service) => ({
                provisioningState: 'Succeeded',
                service,
                locations: [region],
              })),
              delegations: [],
              privateEndpointNetworkPolicies: 'Disabled',
              privateLinkServiceNetworkPolicies: 'Enabled',
            },
          },
        ],
        virtualNetworkPeerings: [],
      },
    },
    {
      id: table,
      name: `rt-apim-${index}`,
      type: 'microsoft.network/routetables',
      location: region,
      properties: {
        provisioningState: 'Succeeded',
        disableBgpRoutePropagation: true,
        routes,
        subnets: [{ id: subnet }],
      },
    },
    {
      id: securityGroup,
      name: `nsg-apim-${index}`,
      type: 'microsoft.network/networksecuritygroups',
      location: region,
      properties: { provisioningState: 'Succeeded', securityRules: rules, subnets: [{ id: subnet }] },
    },
  ];
}

/** Writes an export of so many deployments. @returns its size in bytes */
export function writeEstate(path: string, deployments: number): number {
  const file = openSync(path, 'w');
  let bytes = writeSync(file, `{"count":${deployments * 4},"data":[`);
  for (let index = 0; index < deployments; index++) {
    const text = deploymentResources(index)
      .map((resource) => JSON.stringify(resource))
      .join(',\n');
    bytes += writeSync(file, `${index === 0 ? '\n' : ',\n'}${text}`);
  }
  bytes += writeSync(file, '\n],"skip_token":null,"total_records":0}\n');
  closeSync(file);
  return bytes;
}
