/** Firewalls, their policies, gateways and hubs as real exports write them. */
import { describe, expect, it } from 'vitest';
import { type Json, policyId, read, tableId, vnetId } from './reading.ts';

const firewallId = tableId.replace('routeTables/rt', 'azureFirewalls/fw');

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
