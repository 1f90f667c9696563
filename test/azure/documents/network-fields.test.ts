/** Subnets and peerings as real exports write them. */
import { describe, expect, it } from 'vitest';
import { type Json, network, read, subnet, subnetId, vnetId, withProperties } from './reading.ts';

function subnetOf(estate: ReturnType<typeof read>) {
  return estate.subnets.get(subnetId.toLowerCase());
}

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
