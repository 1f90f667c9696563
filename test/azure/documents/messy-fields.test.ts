/** Resources as real exports write them: flattened, with nulls, numbers for texts, singular beside plural. */
import { describe, expect, it } from 'vitest';
import type { Estate } from '../../../lib/network/model.ts';
import {
  apimId,
  type Json,
  messages,
  network,
  nsgId,
  policyId,
  read,
  resources,
  securityGroup,
  service,
  subnet,
  subnetId,
  table,
  tableId,
  vnetId,
  withProperties,
} from './reading.ts';

const firewallId = tableId.replace('routeTables/rt', 'azureFirewalls/fw');

function tableOf(estate: Estate) {
  return estate.routeTables.get(tableId.toLowerCase());
}
function subnetOf(estate: Estate) {
  return estate.subnets.get(subnetId.toLowerCase());
}
function ruleOf(properties: Json) {
  const estate = read([withProperties(securityGroup, { securityRules: [{ name: 'r', properties }] })]);
  return estate.networkSecurityGroups.get(nsgId.toLowerCase())?.securityRules[0];
}
/** A resource as `az ... show` prints many: its properties beside its name. */
function flat(resource: Json): Json {
  const { properties, ...head } = resource;
  return { ...head, ...(properties as Json), resourceGroup: 'rg', etag: 'W/"1"', tags: null };
}

describe('a flattened resource', () => {
  it('reads as one with properties', () => {
    const nested = read(resources);
    const estate = read([
      flat(service),
      flat(withProperties(network, { subnets: [flat(subnet)] })),
      flat(withProperties(table, { routes: (table.properties as { routes: Json[] }).routes.map(flat) })),
      flat(
        withProperties(securityGroup, {
          securityRules: (securityGroup.properties as { securityRules: Json[] }).securityRules.map(flat),
        }),
      ),
    ]);
    const bare = (each: Estate): unknown => [
      each.services,
      [...each.routeTables],
      [...each.networkSecurityGroups],
      [...each.virtualNetworks],
      [...each.subnets],
    ];
    expect(bare(estate)).toEqual(bare(nested));
    expect(estate.errors).toEqual([]);
  });

  it('keeps a subnet alone without what stands around its properties', () => {
    const estate = read([flat(subnet)]);
    expect(Object.keys(subnetOf(estate)?.properties ?? {})).toEqual(Object.keys(subnet.properties as Json));
  });
});

describe('a resource without its properties, as az resource list prints it', () => {
  const listed = (resource: Json): Json => {
    const { properties: _, ...head } = resource;
    return { ...head, kind: null, plan: null, properties: null, provisioningState: 'Succeeded', tags: {} };
  };

  it('is not an empty one: what it holds is not known', () => {
    const estate = read(resources.map(listed));
    const unknown = expect.stringContaining('without its properties');
    expect(estate.services[0]).toMatchObject({
      skuName: 'Premium',
      virtualNetworkType: 'unknown',
      unresolved: { subnetId: unknown, additionalLocations: unknown },
    });
    expect(tableOf(estate)?.unresolved).toEqual({ routes: unknown, disableBgpRoutePropagation: unknown });
    expect(estate.networkSecurityGroups.get(nsgId.toLowerCase())?.unresolved).toEqual({ securityRules: unknown });
    expect(estate.virtualNetworks.get(vnetId.toLowerCase())?.unresolved).toMatchObject({ subnets: unknown });
    expect(new Set(messages(estate))).toEqual(
      new Set(['what it holds is not known: the input gives the resource without its properties']),
    );
  });

  it('says nothing against another that has them', () => {
    expect(tableOf(read([listed(table), table]))).toMatchObject({ routes: [{}, {}], disableBgpRoutePropagation: true });
    expect(read([listed(service), service, listed(service)]).services[0]?.unresolved).toBeUndefined();
    expect(read([listed(service), service]).errors).toEqual([]);
  });

  it('may be a subnet that its network only names', () => {
    const estate = read([withProperties(network, { subnets: [{ id: subnetId }] })]);
    expect(Object.keys(subnetOf(estate)?.unresolved ?? {})).toEqual([
      'routeTable',
      'networkSecurityGroup',
      'serviceEndpoints',
    ]);
    expect(
      subnetOf(read([withProperties(network, { subnets: [{ id: subnetId }] }), subnet]))?.unresolved,
    ).toBeUndefined();
  });

  it('with empty properties is an empty one', () => {
    expect(tableOf(read([{ ...table, properties: {} }]))?.unresolved).toBeUndefined();
  });
});

describe('null', () => {
  it('is absent, everywhere', () => {
    const nulls = (resource: Json): Json => ({
      ...resource,
      properties: Object.fromEntries(Object.keys(resource.properties as Json).map((name) => [name, null])),
    });
    const estate = read([service, network, table, securityGroup, subnet].map(nulls));
    expect(estate.errors).toEqual([]);
    expect(estate.services[0]).toMatchObject({ additionalLocations: [] });
    expect(tableOf(estate)).toMatchObject({ routes: [] });
  });
});

describe('a service', () => {
  it('keeps the region as Azure spells it and its further locations', () => {
    const second = {
      location: 'North Europe',
      sku: { name: 'Premium' },
      virtualNetworkConfiguration: { subnetResourceId: `${subnetId}2` },
    };
    const [found] = read([withProperties(service, { additionalLocations: [second] })]).services;
    expect(found).toMatchObject({
      id: apimId,
      name: 'apim',
      location: 'West Europe',
      skuName: 'Premium',
      additionalLocations: [{ location: 'North Europe', skuName: 'Premium', subnetId: `${subnetId}2` }],
    });
  });

  it.each<[Json, string]>([
    [{ virtualNetworkConfiguration: 'x' }, 'subnetId'],
    [{ virtualNetworkConfiguration: { subnetResourceId: 5 } }, ''],
    [{ virtualNetworkConfiguration: { subnetResourceId: ['x'] } }, 'subnetId'],
    [{ virtualNetworkConfiguration: { subnetResourceId: "[parameters('s')]" } }, 'subnetId'],
    [{ additionalLocations: {} }, 'additionalLocations'],
    [{ virtualNetworkType: {} }, 'virtualNetworkType'],
  ])('with %j does not know it', (change, field) => {
    const [found] = read([withProperties(service, change)]).services;
    if (field === '') expect(found?.subnetId).toBe('5');
    else expect(found?.unresolved).toHaveProperty(field);
  });

  it('without a location is reported', () => {
    expect(messages(read([{ ...service, location: null }]))).toContain(
      'the service has no location: its regional service tags cannot be named',
    );
  });

  it('keeps values that are newer than this code', () => {
    const [found] = read([
      withProperties({ ...service, sku: { name: 'Ultra' } }, { virtualNetworkType: 'Mesh' }),
    ]).services;
    expect(found).toMatchObject({ skuName: 'Ultra', virtualNetworkType: 'Mesh' });
  });
});

describe('a route table', () => {
  it.each<[Json, string, string]>([
    [{ routes: 'none' }, 'routes', 'is not a list in the input'],
    [{ routes: [5] }, 'routes', 'is not a list of objects in the input'],
    [{ routes: "[variables('r')]" }, 'routes', 'expression "[variables(\'r\')]" was not evaluated'],
    [{ disableBgpRoutePropagation: 'maybe' }, 'disableBgpRoutePropagation', 'is not true or false in the input'],
  ])('with %j does not know it, and says so', (change, field, reason) => {
    const estate = read([withProperties(table, change)]);
    expect(tableOf(estate)?.unresolved).toEqual({ [field]: reason });
    expect(estate.errors).toEqual([{ resource: tableId, message: `${field}: ${reason}` }]);
  });

  it('takes a flag that was written as text', () => {
    expect(
      tableOf(read([withProperties(table, { disableBgpRoutePropagation: 'True' })]))?.disableBgpRoutePropagation,
    ).toBe(true);
  });

  it('does not know a route that lacks what it needs', () => {
    const estate = read([
      withProperties(table, { routes: [{ name: 'a', properties: { addressPrefix: ['x'] } }, { name: 'b' }, null] }),
    ]);
    expect(tableOf(estate)?.routes.map((route) => route.unresolved)).toEqual([
      { addressPrefix: 'is not text in the input', nextHopType: 'is missing' },
      { addressPrefix: 'is missing', nextHopType: 'is missing' },
    ]);
    expect(messages(estate)).toContain('route "a": nextHopType: is missing');
  });
});

describe('a security rule', () => {
  it('joins singular and plural, without empty ones and doubles', () => {
    expect(
      ruleOf({
        sourceAddressPrefix: '10.0.0.0/8',
        sourceAddressPrefixes: ['10.0.0.0/8', '', null, 'Internet'],
        sourcePortRange: '',
        sourcePortRanges: null,
        destinationAddressPrefix: '*',
        destinationAddressPrefixes: [],
        destinationPortRange: 443,
        destinationPortRanges: ['443', 80],
      }),
    ).toMatchObject({
      sourceAddressPrefixes: ['10.0.0.0/8', 'Internet'],
      sourcePortRanges: [],
      destinationAddressPrefixes: ['*'],
      destinationPortRanges: ['443', '80'],
    });
  });

  it('takes a priority that was written as text, and keeps odd texts for the evaluator to judge', () => {
    expect(
      ruleOf({ priority: '120', protocol: 'Quic', access: 'maybe', destinationPortRange: '80,443' }),
    ).toMatchObject({
      priority: 120,
      protocol: 'Quic',
      access: 'maybe',
      destinationPortRanges: ['80,443'],
    });
  });

  it.each<[Json, string]>([
    [{ priority: 'first' }, 'priority'],
    [{ priority: ' ' }, 'priority'],
    [{ sourceAddressPrefixes: '10.0.0.0/8' }, 'sourceAddressPrefixes'],
    [{ destinationPortRanges: [{}] }, 'destinationPortRanges'],
    [{ sourceApplicationSecurityGroups: [{}] }, 'sourceApplicationSecurityGroups'],
    [{ access: [] }, 'access'],
  ])('with %j does not know it', (change, field) => {
    expect(ruleOf(change)?.unresolved).toHaveProperty(field);
  });
});

describe('a subnet', () => {
  const readSubnetOf = (change: Json) => subnetOf(read([withProperties(subnet, change)]));

  it('joins addressPrefix and addressPrefixes', () => {
    expect(readSubnetOf({ addressPrefixes: ['10.0.0.0/24', 'fd00::/64'] })?.addressPrefixes).toEqual([
      '10.0.0.0/24',
      'fd00::/64',
    ]);
  });

  it('keeps its properties as Azure sent them', () => {
    expect(readSubnetOf({ sharingScope: 'Tenant' })?.properties).toMatchObject({
      sharingScope: 'Tenant',
      addressPrefix: '10.0.0.0/24',
    });
  });

  it.each<[Json, string]>([
    [{ routeTable: {} }, 'routeTable'],
    [{ routeTable: 'rt' }, 'routeTable'],
    [{ routeTable: { id: 5 } }, 'routeTable'],
    [{ routeTable: { id: '[x()]' } }, 'routeTable'],
    [{ networkSecurityGroup: [] }, 'networkSecurityGroup'],
    [{ serviceEndpoints: {} }, 'serviceEndpoints'],
    [{ serviceEndpoints: ['Microsoft.Storage'] }, 'serviceEndpoints'],
    [{ serviceEndpoints: [{ service: 'Microsoft.Storage', locations: 'westeurope' }] }, 'serviceEndpoints'],
    [{ serviceEndpoints: [{ service: "[variables('s')]" }] }, 'serviceEndpoints'],
    [{ serviceEndpoints: [{}] }, 'serviceEndpoints'],
  ])('with %j does not know it', (change, field) => {
    expect(readSubnetOf(change)?.unresolved).toHaveProperty(field);
  });

  it('inline without an id gets the one that Azure would give it', () => {
    const { id: _, type: __, ...inline } = subnet;
    const estate = read([withProperties(network, { subnets: [inline] })]);
    expect([...estate.subnets.keys()]).toEqual([subnetId.toLowerCase()]);
    expect(estate.virtualNetworks.get(vnetId.toLowerCase())?.subnetIds).toEqual([subnetId]);
  });

  it('inline without an id or a name makes the subnets of its network unknown', () => {
    const estate = read([withProperties(network, { subnets: [{ properties: {} }] })]);
    expect(estate.virtualNetworks.get(vnetId.toLowerCase())?.unresolved).toHaveProperty('subnets');
  });
});

describe('a peering', () => {
  const peeringOf = (properties: Json) =>
    read([withProperties(network, { virtualNetworkPeerings: [{ name: 'hub', properties }] })]).virtualNetworks.get(
      vnetId.toLowerCase(),
    )?.virtualNetworkPeerings[0];

  it('prefers the address space that the remote network has now', () => {
    const remoteAddressSpace = { addressPrefixes: ['10.1.0.0/16'] };
    const now = { addressPrefixes: ['10.2.0.0/16'] };
    expect(peeringOf({ remoteAddressSpace })?.remoteAddressPrefixes).toEqual(['10.1.0.0/16']);
    expect(peeringOf({ remoteAddressSpace, remoteVirtualNetworkAddressSpace: now })?.remoteAddressPrefixes).toEqual([
      '10.2.0.0/16',
    ]);
    expect(peeringOf({})).not.toHaveProperty('remoteAddressPrefixes');
  });

  it('that is only named may use the remote gateway', () => {
    const estate = read([
      withProperties(network, {
        virtualNetworkPeerings: [{ name: 'hub', id: `${vnetId}/virtualNetworkPeerings/hub` }],
      }),
    ]);
    const [peering] = estate.virtualNetworks.get(vnetId.toLowerCase())?.virtualNetworkPeerings ?? [];
    expect(peering?.unresolved).toHaveProperty('useRemoteGateways');
  });
});

describe('a firewall', () => {
  const type = 'Microsoft.Network/azureFirewalls';
  const firewallOf = (properties: Json) =>
    read([{ id: firewallId, type, properties }]).azureFirewalls.get(firewallId.toLowerCase());

  it('has its addresses in a network or in a hub, in either spelling', () => {
    const inNetwork = [
      { properties: { privateIPAddress: '10.1.0.4' } },
      { properties: { privateIpAddress: '10.1.0.5' } },
    ];
    expect(firewallOf({ ipConfigurations: inNetwork })?.privateIpAddresses).toEqual(['10.1.0.4', '10.1.0.5']);
    expect(firewallOf({ hubIPAddresses: { privateIPAddress: '10.2.0.4' } })?.privateIpAddresses).toEqual(['10.2.0.4']);
    expect(firewallOf({ hubIpAddresses: { privateIpAddress: '10.2.0.4' } })?.privateIpAddresses).toEqual(['10.2.0.4']);
  });

  it('has classic rules under the names of policies', () => {
    const found = firewallOf({
      networkRuleCollections: [
        {
          name: 'net',
          properties: {
            priority: 200,
            action: { type: 'Allow' },
            rules: [
              {
                name: 'a',
                protocols: ['TCP'],
                sourceAddresses: ['*'],
                destinationAddresses: ['Storage'],
                destinationPorts: ['443'],
                destinationFqdns: [],
                sourceIpGroups: ['/g'],
              },
            ],
          },
        },
      ],
      applicationRuleCollections: [
        {
          name: 'app',
          properties: {
            priority: 300,
            action: { type: 'Deny' },
            rules: [
              { name: 'b', protocols: [{ protocolType: 'Https', port: 443 }], targetFqdns: ['a.b'], fqdnTags: ['X'] },
            ],
          },
        },
      ],
    });
    expect(found?.networkRuleCollections).toMatchObject([
      {
        name: 'net',
        priority: 200,
        action: 'Allow',
        rules: [
          {
            ruleType: 'NetworkRule',
            ipProtocols: ['TCP'],
            protocols: [],
            destinationAddresses: ['Storage'],
            sourceIpGroups: ['/g'],
          },
        ],
      },
    ]);
    expect(found?.applicationRuleCollections).toMatchObject([
      {
        action: 'Deny',
        rules: [
          {
            ruleType: 'ApplicationRule',
            ipProtocols: [],
            protocols: [{ protocolType: 'Https', port: 443 }],
            targetFqdns: ['a.b'],
          },
        ],
      },
    ]);
  });

  it.each<[Json, string]>([
    [{ networkRuleCollections: 'x' }, 'networkRuleCollections'],
    [{ networkRuleCollections: [{ properties: { rules: 'x' } }] }, 'networkRuleCollections'],
    [{ networkRuleCollections: [{ properties: { action: 'Allow', rules: [] } }] }, 'networkRuleCollections'],
    [{ firewallPolicy: {} }, 'firewallPolicy'],
  ])('with %j does not know its rules', (properties, field) => {
    expect(firewallOf(properties)?.unresolved).toHaveProperty(field);
  });
});

describe('a firewall policy', () => {
  const groupId = `${policyId}/ruleCollectionGroups/g`;
  const policy = {
    id: policyId,
    type: 'Microsoft.Network/firewallPolicies',
    properties: { basePolicy: { id: '/base' }, ruleCollectionGroups: [{ id: groupId }] },
  };
  const group = (properties: unknown): Json => ({
    id: groupId,
    type: 'Microsoft.Network/firewallPolicies/ruleCollectionGroups',
    properties,
  });
  const rule = { ruleType: 'NetworkRule', name: 'r', ipProtocols: ['TCP'], destinationPorts: [443] };
  const groupOf = (properties: unknown) =>
    read([policy, group(properties)]).firewallPolicies.get(policyId.toLowerCase())?.ruleCollectionGroups[0];

  it('holds its groups, and knows those that are not there', () => {
    const found = groupOf({
      priority: 100,
      ruleCollections: [
        {
          name: 'c',
          priority: 1,
          action: { type: 'Allow' },
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          rules: [rule],
        },
      ],
    });
    expect(found).toMatchObject({
      id: groupId,
      name: 'g',
      priority: 100,
      ruleCollections: [{ action: 'Allow', rules: [{ destinationPorts: ['443'] }] }],
    });
    const alone = read([policy]).firewallPolicies.get(policyId.toLowerCase());
    expect(alone).toMatchObject({ basePolicyId: '/base', ruleCollectionGroups: [], ruleCollectionGroupIds: [groupId] });
  });

  it('does not know what it cannot read, at any depth', () => {
    expect(groupOf({ ruleCollections: 5 })?.unresolved).toHaveProperty('ruleCollections');
    expect(groupOf({ ruleCollections: [{ action: 5 }] })?.ruleCollections[0]?.unresolved).toHaveProperty('action');
    const odd = { ...rule, destinationPorts: '443', protocols: 'Https' };
    expect(groupOf({ ruleCollections: [{ rules: [odd] }] })?.ruleCollections[0]?.rules[0]?.unresolved).toEqual({
      destinationPorts: 'is not a list in the input',
      protocols: 'is not a list in the input',
    });
  });
});

describe('gateways and hubs', () => {
  it('name the networks that they serve', () => {
    const gatewayId = tableId.replace('routeTables/rt', 'virtualNetworkGateways/gw');
    const connectionId = tableId.replace('routeTables/rt', 'virtualHubs/hub/hubVirtualNetworkConnections/c');
    const estate = read([
      {
        id: gatewayId,
        type: 'Microsoft.Network/virtualNetworkGateways',
        properties: {
          gatewayType: 'Vpn',
          ipConfigurations: [{ properties: { subnet: { id: `${vnetId}/subnets/GatewaySubnet` } } }],
        },
      },
      { id: connectionId, properties: { remoteVirtualNetwork: { id: vnetId }, enableInternetSecurity: true } },
    ]);
    expect(estate.virtualNetworkGateways.get(gatewayId.toLowerCase())?.subnetIds).toEqual([
      `${vnetId}/subnets/GatewaySubnet`,
    ]);
    expect(estate.hubVirtualNetworkConnections.get(connectionId.toLowerCase())).toMatchObject({
      remoteVirtualNetworkId: vnetId,
      enableInternetSecurity: true,
    });
  });
});
