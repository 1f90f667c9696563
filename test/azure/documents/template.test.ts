/** ARM templates as the resources that they would make. */
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../../lib/audit/audit.ts';
import { bundledTagsFor } from '../../../lib/azure/bundled-service-tags.ts';
import { defaultPolicy } from '../../../lib/policy/policy.ts';
import { comparable, type Json, messages, read, readFiles } from './reading.ts';
import { deploymentType, fixture, group, networkType, onlyTable, tables, tableType, template } from './templates.ts';

describe('a compiled template with modules', () => {
  it('is the network that it would make', async () => {
    const estate = await readFiles(
      { 'main.json': fixture('apim-modules') },
      {
        'values.json': JSON.stringify({ parameters: { prefix: { value: 'shop' }, location: { value: 'westeurope' } } }),
      },
    );
    expect(estate.sources).toEqual([{ kind: 'template', name: 'main.json' }]);
    expect(estate.errors).toEqual([]);
    const [service] = estate.services;
    expect(service).toMatchObject({
      location: 'westeurope',
      skuName: 'Premium',
      virtualNetworkType: 'Internal',
      subnetId: `${group}/${networkType}/shop-vnet/subnets/apim`,
    });
    expect(service?.name).toMatch(/^shop-apim-.*uniqueString$/);
    expect([...estate.subnets.values()]).toMatchObject([
      {
        id: service?.subnetId,
        addressPrefixes: ['10.20.3.0/24'],
        routeTableId: `${group}/${tableType}/shop-vnet-rt`,
        networkSecurityGroupId: group
          .replace('/resource-group/', '/shared/')
          .concat('/Microsoft.Network/networkSecurityGroups/shop-nsg'),
        serviceEndpoints: ['Storage', 'Sql', 'EventHub', 'KeyVault'].map((name) => ({ service: `Microsoft.${name}` })),
      },
    ]);
    expect(onlyTable(estate)?.routes).toMatchObject([
      { nextHopIpAddress: '10.1.0.4' },
      { addressPrefix: 'ApiManagement' },
    ]);
    expect(estate.networkSecurityGroups.size).toBe(0);
  });

  it('matches its ids also where its names are not known', () => {
    const estate = read(JSON.parse(fixture('apim-modules')));
    const [service] = estate.services;
    expect(service?.location).toBe('[resourceGroup().location]');
    expect(estate.subnets.get(String(service?.subnetId).toLowerCase())?.routeTableId).toBe(onlyTable(estate)?.id);
    expect(onlyTable(estate)).toMatchObject({ name: '{prefix}-vnet-rt', location: '[resourceGroup().location]' });
    const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0) });
    const statuses = Object.fromEntries(
      report.deployments[0]?.findings.map((each) => [each.requirement, each.status]) ?? [],
    );
    expect(statuses).toMatchObject({
      'control-plane-route': 'pass',
      'service-endpoint-sql': 'pass',
      'nsg-inbound-management': 'unknown',
    });
    expect(report.deployments[0]?.verdict).not.toBe('compliant');
  });

  it('takes what is given before its defaults', async () => {
    const values = { parameters: { firewallAddress: { value: '10.9.9.9' }, endpoints: { value: [] } } };
    const estate = await readFiles({ 'main.json': fixture('apim-modules') }, { 'values.json': JSON.stringify(values) });
    expect(onlyTable(estate)?.routes[0]?.nextHopIpAddress).toBe('10.9.9.9');
    expect([...estate.subnets.values()][0]?.serviceEndpoints).toEqual([]);
  });
});

describe('a classic template', () => {
  const estate = read(JSON.parse(fixture('apim-classic')));

  it('is the network that it would make', () => {
    expect(estate.errors).toEqual([]);
    expect(estate.services).toMatchObject([
      {
        name: 'apim-classic',
        location: 'West Europe',
        subnetId: `${group}/${networkType}/vnet-classic/subnets/apim`,
        additionalLocations: [
          { location: 'North Europe', subnetId: `${group}/${networkType}/vnet-classic/subnets/apim-northeurope` },
          { location: 'UK South', subnetId: `${group}/${networkType}/vnet-classic/subnets/apim-uksouth` },
        ],
      },
    ]);
    expect([...estate.subnets.values()]).toMatchObject([
      { routeTableId: `${group}/${tableType}/rt-classic`, addressPrefixes: ['10.0.0.0/24'] },
    ]);
    expect(onlyTable(estate)?.routes.map(({ name }) => name)).toEqual(['default', 'kms']);
    const [rules] = [...estate.networkSecurityGroups.values()].map((each) => each.securityRules);
    expect(
      rules?.map(({ name, priority, destinationPortRanges }) => [name, priority, ...destinationPortRanges]),
    ).toEqual([
      ['rule0', 100, '3443'],
      ['rule1', 110, '3444'],
      ['rule2', 120, '3445'],
    ]);
  });

  it.each([['template'], ['properties']])('is the same when it is wrapped in %s, with the values beside it', (wrap) => {
    const inner = JSON.parse(fixture('apim-classic')) as Json;
    const parameters = { withKms: { value: false } };
    const wrapped =
      wrap === 'template' ? { template: inner, parameters } : { properties: { template: inner, parameters } };
    expect(onlyTable(read(wrapped))?.routes.map(({ name }) => name)).toEqual(['default']);
    expect(comparable(read({ template: inner }))).toEqual(comparable(estate));
  });
});

describe('a condition', () => {
  const route = (condition: unknown): Json => ({
    type: `${tableType}/routes`,
    name: 'rt/kms',
    condition,
    properties: { addressPrefix: '20.118.99.224/32', nextHopType: 'Internet' },
  });
  const plain = { type: tableType, name: 'rt', properties: {} };

  it('that is false leaves a resource out', () => {
    expect(onlyTable(read(template([plain, route(false)])))?.routes).toEqual([]);
    expect(tables(read(template([{ ...plain, condition: "[equals('a', 'b')]" }])))).toEqual([]);
    expect(tables(read(template([{ ...plain, condition: true }])))).toEqual(['rt']);
  });

  it('that is not known leaves a resource out, and says so', () => {
    const estate = read(template([{ ...plain, condition: "[parameters('x')]" }]));
    expect(tables(estate)).toEqual([]);
    expect(messages(estate)).toEqual(["condition [parameters('x')] is not known: nor is whether it exists"]);
  });

  it('that is not known makes the list that the child would join doubtful', () => {
    const [found] = onlyTable(read(template([plain, route("[parameters('x')]")])))?.routes ?? [];
    expect(found).toMatchObject({ name: 'kms', addressPrefix: "[parameters('x')]", nextHopType: "[parameters('x')]" });
  });

  it('that is not known leaves open what a subnet would become', () => {
    const alone = {
      type: `${networkType}/subnets`,
      name: 'vnet/apim',
      condition: "[parameters('x')]",
      properties: { routeTable: { id: '/rt' } },
    };
    const inline = {
      type: networkType,
      name: 'vnet',
      properties: { subnets: [{ name: 'apim', properties: { addressPrefix: '10.0.0.0/24' } }] },
    };
    const [subnet] = [...read(template([inline, alone])).subnets.values()];
    expect(Object.keys(subnet?.unresolved ?? {})).toEqual(
      expect.arrayContaining(['routeTable', 'networkSecurityGroup', 'serviceEndpoints']),
    );
  });

  it('that is not known leaves a gateway in: it may be there', () => {
    const gateway = {
      type: 'Microsoft.Network/virtualNetworkGateways',
      name: 'gw',
      condition: "[parameters('x')]",
      properties: {},
    };
    expect(read(template([gateway])).virtualNetworkGateways.size).toBe(1);
  });
});

describe('a loop', () => {
  it('makes a resource each turn', () => {
    const copy = { name: 'each', count: "[length(variables('names'))]" };
    const resource = { type: tableType, name: "[variables('names')[copyIndex()]]", copy, properties: {} };
    expect(tables(read(template([resource], { variables: { names: ['a', 'b'] } })))).toEqual(['a', 'b']);
  });

  it('may hold a nested deployment that uses its index', () => {
    const inner = template([{ type: tableType, name: "[concat('rt', copyIndex('each'))]", properties: {} }]);
    const nested = {
      type: deploymentType,
      name: "[concat('d', copyIndex('each'))]",
      copy: { name: 'each', count: 3 },
      properties: { template: inner },
    };
    expect(tables(read(template([nested])))).toEqual(['rt0', 'rt1', 'rt2']);
  });

  it('of unknown length makes every list that it could add to doubtful', () => {
    const routes = {
      type: `${tableType}/routes`,
      name: "[concat('rt/', parameters('routes')[copyIndex()].name)]",
      copy: { name: 'routes', count: "[length(parameters('routes'))]" },
      properties: { addressPrefix: '10.0.0.0/8', nextHopType: 'None' },
    };
    const estate = read(template([{ type: tableType, name: 'rt', properties: {} }, routes]));
    expect(onlyTable(estate)?.routes).toHaveLength(1);
    expect(onlyTable(estate)?.routes[0]?.addressPrefix).toMatch(/^\[/);
    expect(messages(estate)[0]).toContain('cannot be expanded');
  });

  it('of unknown length in a property makes the property unknown', () => {
    const copy = [{ name: 'routes', count: "[length(parameters('routes'))]", input: {} }];
    const found = onlyTable(read(template([{ type: tableType, name: 'rt', properties: { copy } }])));
    expect(found?.unresolved?.routes).toBe('expression "[length(parameters(\'routes\'))]" was not evaluated');
  });

  it('of too many turns is given up', () => {
    const estate = read(
      template([
        { type: tableType, name: "[concat('rt', copyIndex())]", copy: { name: 'l', count: 10_001 }, properties: {} },
      ]),
    );
    expect(tables(estate)).toEqual([]);
    expect(messages(estate)[0]).toContain('more than 10000 turns');
  });
});
