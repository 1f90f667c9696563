/** Resources as real exports write them: flattened, with nulls, numbers for texts, singular beside plural. */
import { describe, expect, it } from 'vitest';
import type { Estate } from '../../../lib/network/model.ts';
import {
  apimId,
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

  it('does not know a further location that it cannot read, and says so', () => {
    const odd = { location: 'UK South', virtualNetworkConfiguration: 'x' };
    const estate = read([withProperties(service, { additionalLocations: [odd, {}] })]);
    expect(
      estate.services[0]?.additionalLocations.map(({ unresolved }) => Object.keys(unresolved ?? {}).at(-1)),
    ).toEqual(['subnetId', 'location']);
    expect(messages(estate)).toContain('location "UK South": subnetId: is not an object in the input');
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
