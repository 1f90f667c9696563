/** The same thing met more than once: inline and alone, in several files; children apart from their parents. */
import { describe, expect, it } from 'vitest';
import {
  apimId,
  comparable,
  type Json,
  messages,
  network,
  nsgId,
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

const twice = 'is given twice with different values';
const lost = 'is given in one place and absent in another, fuller one';
const without = withProperties(network, { subnets: undefined });
const bare = withProperties(network, {
  subnets: [{ id: subnetId, name: 'apim', properties: { addressPrefix: '10.0.0.0/24' } }],
});

function subnetOf(document: unknown) {
  return read(document).subnets.get(subnetId.toLowerCase());
}
function routesOf(document: unknown) {
  return read(document).routeTables.get(tableId.toLowerCase())?.routes;
}

describe('a subnet', () => {
  it('may stand inline, alone, or both', () => {
    const inline = subnetOf([network]);
    expect(subnetOf([without, subnet])).toEqual({ ...inline, origin: expect.anything() });
    expect(subnetOf([network, subnet])).toMatchObject({ routeTableId: tableId, networkSecurityGroupId: nsgId });
    expect(read([network, subnet]).errors).toEqual([]);
  });

  it('belongs to its network wherever it stands', () => {
    expect(read([without, subnet]).virtualNetworks.get(vnetId.toLowerCase())?.subnetIds).toEqual([subnetId]);
  });

  it('may stand without its network', () => {
    expect(subnetOf([subnet])?.routeTableId).toBe(tableId);
    expect(read([subnet]).errors).toEqual([]);
  });

  it.each([
    ['inline', [bare, subnet]],
    ['alone', [network, { ...subnet, properties: { addressPrefix: '10.0.0.0/24' } }]],
  ])('that is barer %s gives way to the fuller', (_, document) => {
    expect(subnetOf(document)).toMatchObject({ routeTableId: tableId, networkSecurityGroupId: nsgId });
    expect(subnetOf(document)?.unresolved).toBeUndefined();
    expect(read(document).errors).toEqual([]);
  });

  it.each<[Json, string, string]>([
    [{ routeTable: { id: `${tableId}2` } }, 'routeTable', twice],
    [{ networkSecurityGroup: { id: `${nsgId}2` } }, 'networkSecurityGroup', twice],
    [{ serviceEndpoints: [{ service: 'Microsoft.Sql' }] }, 'serviceEndpoints', twice],
    [{ serviceEndpoints: [] }, 'serviceEndpoints', twice],
    [{ addressPrefix: '10.0.1.0/24' }, 'addressPrefixes', twice],
    [{ routeTable: undefined, networkSecurityGroup: undefined, natGateway: { id: '/n' } }, 'natGateway', lost],
  ])('that contradicts itself in %j is not known there, and it is said', (change, field, reason) => {
    const estate = read([network, withProperties(subnet, change)]);
    expect(estate.subnets.get(subnetId.toLowerCase())?.unresolved).toMatchObject({ [field]: reason });
    expect(estate.errors).toContainEqual({ resource: subnetId, message: `${field} ${reason}` });
  });

  it('does not contradict itself by case, order or state', () => {
    const [endpoint] = (subnet.properties as { serviceEndpoints: Json[] }).serviceEndpoints;
    const endpoints = [{ ...endpoint, locations: ['westeurope', 'northeurope'] }, { service: 'Microsoft.Sql' }];
    const other = [
      { service: 'microsoft.sql' },
      { ...endpoint, locations: ['northeurope', 'westeurope'], provisioningState: 'Updating' },
    ];
    const shouted = withProperties(subnet, {
      serviceEndpoints: other,
      routeTable: { id: tableId.toUpperCase() },
      provisioningState: 'Updating',
    });
    const estate = read([
      withProperties(network, { subnets: [withProperties(subnet, { serviceEndpoints: endpoints })] }),
      shouted,
    ]);
    expect(estate.errors).toEqual([]);
  });
});

describe('a resource met twice', () => {
  it('and the same is one', () => {
    const doubled = read([...resources, ...resources]);
    const { resourceCounts: _, ...rest } = comparable(doubled) as Json;
    const { resourceCounts: __, ...single } = comparable(read(resources)) as Json;
    expect(rest).toEqual(single);
    expect(doubled.resourceCounts.get('microsoft.network/routetables')).toBe(2);
  });

  it('and different is not known where it differs', () => {
    const changed = withProperties(table, { disableBgpRoutePropagation: false });
    const estate = read([table, changed]);
    expect(estate.routeTables.get(tableId.toLowerCase())?.unresolved).toEqual({ disableBgpRoutePropagation: twice });
    expect(messages(estate)).toEqual([`disableBgpRoutePropagation ${twice}`]);
  });

  it('is not known also when one of them lists nothing', () => {
    const estate = read([table, withProperties(table, { routes: [] })]);
    expect(estate.routeTables.get(tableId.toLowerCase())?.unresolved).toEqual({ routes: twice });
  });

  it('may be a service', () => {
    const moved = withProperties(service, { virtualNetworkConfiguration: { subnetResourceId: `${subnetId}2` } });
    const [found, ...others] = read([service, { ...moved, id: apimId.toUpperCase() }]).services;
    expect(others).toEqual([]);
    expect(found?.unresolved).toEqual({ subnetId: twice });
  });
});

describe('a child of its own', () => {
  const child = (id: string, properties: Json): Json => ({ id, name: id.slice(id.lastIndexOf('/') + 1), properties });
  const kms = child(`${tableId}/routes/kms`, { addressPrefix: '20.118.99.224/32', nextHopType: 'Internet' });

  it('joins its parent, wherever it comes', () => {
    expect(routesOf([table, kms])?.map(({ name }) => name)).toEqual(['all', 'apim', 'kms']);
    expect(routesOf([kms, table])).toEqual(routesOf([table, kms]));
    const shouted = { ...kms, id: String(kms.id).toUpperCase() };
    expect(routesOf([table, shouted])?.map(({ name }) => name)).toEqual(['all', 'apim', 'KMS']);
  });

  it('that is inline as well is one', () => {
    const inline = child(`${tableId}/routes/apim`, { addressPrefix: 'ApiManagement', nextHopType: 'Internet' });
    expect(routesOf([table, inline])).toHaveLength(2);
    expect(read([table, inline]).errors).toEqual([]);
  });

  it('that contradicts the inline one is not known', () => {
    const other = child(`${tableId}/routes/apim`, { addressPrefix: 'ApiManagement', nextHopType: 'None' });
    expect(routesOf([table, other])?.[1]?.unresolved).toEqual({ nextHopType: twice });
    expect(messages(read([table, other]))).toEqual([`nextHopType ${twice}`]);
  });

  it('without its parent is reported, and its parent stays absent', () => {
    const estate = read([service, kms]);
    expect(estate.routeTables.size).toBe(0);
    expect(estate.errors).toEqual([
      { resource: kms.id, message: 'its parent rt is not in the estate: it is not used' },
    ]);
  });

  it('may be a security rule, a peering', () => {
    const rule = child(`${nsgId}/securityRules/deny`, {
      priority: 4096,
      access: 'Deny',
      direction: 'Inbound',
      protocol: '*',
    });
    const peering = child(`${vnetId}/virtualNetworkPeerings/hub`, { useRemoteGateways: true });
    const estate = read([rule, peering, securityGroup, network]);
    expect(estate.networkSecurityGroups.get(nsgId.toLowerCase())?.securityRules.at(-1)).toMatchObject({
      name: 'deny',
      priority: 4096,
    });
    expect(estate.virtualNetworks.get(vnetId.toLowerCase())?.virtualNetworkPeerings).toMatchObject([
      { useRemoteGateways: true },
    ]);
  });
});
