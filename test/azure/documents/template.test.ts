/** ARM templates as the resources that they would make. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../../lib/audit/audit.ts';
import { bundledTagsFor } from '../../../lib/azure/bundled-service-tags.ts';
import { DocumentError } from '../../../lib/azure/documents/read-estate.ts';
import type { Estate } from '../../../lib/network/model.ts';
import { defaultPolicy } from '../../../lib/policy/policy.ts';
import { places, replaced } from './mutation.ts';
import { comparable, type Json, messages, network, read, readFiles, refusal, table } from './reading.ts';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/resource-group/providers';
const networkType = 'Microsoft.Network/virtualNetworks';
const tableType = 'Microsoft.Network/routeTables';
const deploymentType = 'Microsoft.Resources/deployments';

function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/documents/${name}.json`, import.meta.url), 'utf8');
}

function template(resources: unknown, more: Json = {}): Json {
  return { $schema: schema, contentVersion: '1.0.0.0', resources, ...more };
}

function names(map: ReadonlyMap<string, { readonly name: string }>): string[] {
  return [...map.values()].map(({ name }) => name);
}

function tables(estate: Estate): string[] {
  return names(estate.routeTables);
}

function onlyTable(estate: Estate) {
  const [found, ...others] = estate.routeTables.values();
  expect(others).toEqual([]);
  return found;
}

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

describe('a reference', () => {
  const one = {
    type: tableType,
    name: 'one',
    location: 'westeurope',
    properties: { disableBgpRoutePropagation: true },
  };
  const ask = (expression: string): Json => ({
    type: tableType,
    name: 'two',
    properties: { disableBgpRoutePropagation: expression },
  });
  const answer = (resources: Json[]): unknown =>
    [...read(template(resources)).routeTables.values()].find(({ name }) => name === 'two')?.disableBgpRoutePropagation;

  it.each([
    ["[reference('one').disableBgpRoutePropagation]"],
    [`[reference(resourceId('${tableType}', 'one')).disableBgpRoutePropagation]`],
    ["[reference('one', '2020-05-01', 'Full').properties.disableBgpRoutePropagation]"],
    ["[equals(reference('one', '2020-05-01', 'Full').location, 'westeurope')]"],
  ])('gives what the template declares, whichever comes first: %s', (expression) => {
    expect(answer([one, ask(expression)])).toBe(true);
    expect(answer([ask(expression), one])).toBe(true);
  });

  it('to what Azure alone knows, to itself, or to what is not deployed stays unknown', () => {
    const unknown = (resources: Json[], name = 'two'): unknown =>
      [...read(template(resources)).routeTables.values()].find((each) => each.name === name)?.unresolved
        ?.disableBgpRoutePropagation;
    const expression = "[reference('one').disableBgpRoutePropagation]";
    expect(unknown([one, ask("[reference('one').etag]")])).toContain('was not evaluated');
    expect(unknown([ask("[reference('two').disableBgpRoutePropagation]")])).toContain('was not evaluated');
    expect(unknown([{ ...one, condition: false }, ask(expression)])).toContain('was not evaluated');
  });

  it('to the output of a deployment finds it, whichever comes first', () => {
    const inner = template([], { outputs: { flag: { type: 'bool', value: true } } });
    const nested = {
      type: deploymentType,
      name: 'd',
      properties: { template: inner, expressionEvaluationOptions: { scope: 'inner' } },
    };
    expect(answer([nested, ask("[reference('d').outputs.flag.value]")])).toBe(true);
    expect(answer([ask("[reference('d').outputs.flag.value]"), nested])).toBe(true);
  });

  it('between deployments does not depend on their order', () => {
    const giving = template([], { outputs: { n: { type: 'string', value: 'rt-out' } } });
    const taking = template([{ type: tableType, name: "[parameters('n')]", properties: {} }], {
      parameters: { n: { type: 'string' } },
    });
    const module = (name: string, inner: Json, parameters: Json = {}): Json => ({
      type: deploymentType,
      name,
      properties: { template: inner, parameters, expressionEvaluationOptions: { scope: 'inner' } },
    });
    const second = module('a', taking, { n: { value: "[reference('b').outputs.n.value]" } });
    expect(tables(read(template([second, module('b', giving)])))).toEqual(['rt-out']);
    expect(tables(read(template([module('b', giving), second])))).toEqual(['rt-out']);
  });
});

describe('a nested deployment', () => {
  const module = (parameters: Json, inner: Json, more: Json = {}): Json => ({
    type: deploymentType,
    name: 'd',
    ...more,
    properties: { template: inner, parameters, expressionEvaluationOptions: { scope: 'inner' } },
  });
  const inner = template(
    [{ type: tableType, name: 'rt', properties: { disableBgpRoutePropagation: "[parameters('flag')]" } }],
    {
      parameters: { flag: { type: 'bool', defaultValue: true } },
    },
  );

  it('has its defaults where nothing is given', () => {
    expect(onlyTable(read(template([module({}, inner)])))?.disableBgpRoutePropagation).toBe(true);
  });

  it('does not fall back to a default for what is given but not known', () => {
    const found = onlyTable(read(template([module({ flag: { value: "[parameters('outer')]" } }, inner)])));
    expect(found?.disableBgpRoutePropagation).toBeUndefined();
    expect(found?.unresolved?.disableBgpRoutePropagation).toContain("[parameters('outer')]");
    const secret = { flag: { reference: { keyVault: { id: '/kv' }, secretName: 's' } } };
    expect(onlyTable(read(template([module(secret, inner)])))?.disableBgpRoutePropagation).toBeUndefined();
  });

  it('keeps apart what two of them are given under one name', () => {
    const named = template([{ type: tableType, name: "[parameters('name')]", properties: {} }], {
      parameters: { name: { type: 'string' } },
    });
    const first = { ...module({ name: { value: "[parameters('a')]" } }, named), name: 'first' };
    const second = { ...module({ name: { value: "[parameters('b')]" } }, named), name: 'second' };
    expect(tables(read(template([first, second])))).toEqual(['{a}', '{b}']);
  });

  it('may go into another group', () => {
    const found = onlyTable(read(template([module({}, inner, { resourceGroup: 'other' })])));
    expect(found?.id).toBe(`${group.replace('/resource-group/', '/other/')}/${tableType}/rt`);
  });

  it('of a subscription makes groups and deployments into them', () => {
    const $schema = 'https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#';
    const made = { type: 'Microsoft.Resources/resourceGroups', name: 'spoke', location: 'westeurope' };
    const estate = read({
      ...template([made, module({}, inner, { resourceGroup: 'spoke', location: 'westeurope' })]),
      $schema,
    });
    expect(onlyTable(estate)?.id).toContain('/resourceGroups/spoke/');
  });

  it('that is linked is reported: its resources are not in the estate', () => {
    const linked = { type: deploymentType, name: 'd', properties: { templateLink: { uri: 'https://x/y.json' } } };
    expect(messages(read(template([linked])))).toEqual([
      'a linked template is not read: its resources are not in the estate',
    ]);
  });

  it('may be nested too deep', () => {
    let deep = template([{ type: tableType, name: 'rt', properties: {} }]);
    for (let level = 0; level < 40; level++) deep = template([module({}, deep)]);
    const estate = read(deep);
    expect(tables(estate)).toEqual([]);
    expect(messages(estate).join()).toContain('nested too deep');
  });
});

describe('symbolic names', () => {
  it('are known to references, and what exists already is not made', () => {
    const estate = read(
      template(
        {
          theirs: { existing: true, type: tableType, name: 'theirs' },
          mine: { type: tableType, name: "[format('{0}-copy', resourceInfo('theirs').name)]", properties: {} },
          loop: {
            type: tableType,
            name: "[format('l{0}', copyIndex())]",
            copy: { name: 'loop', count: 2 },
            properties: { disableBgpRoutePropagation: true },
          },
          asks: {
            type: tableType,
            name: 'asks',
            properties: { disableBgpRoutePropagation: "[reference('loop[1]').disableBgpRoutePropagation]" },
          },
        },
        { languageVersion: '2.0' },
      ),
    );
    expect(tables(estate)).toEqual(['asks', 'l0', 'l1', 'theirs-copy']);
    expect(estate.routeTables.get(`${group}/${tableType}/asks`.toLowerCase())?.disableBgpRoutePropagation).toBe(true);
  });
});

describe('a template with anything in place of anything', () => {
  it.each([['apim-modules'], ['apim-classic']])('never breaks its reader: %s', (name) => {
    const whole = JSON.parse(fixture(name)) as unknown;
    const odd = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        '[x()]',
        "[parameters('prefix')]",
        "[variables('vnetName')]",
        "[reference('network')]",
        '[copyIndex()]',
        '[',
        '[]',
        '__proto__',
        'a/b/c',
        { copy: [{ name: 'a', count: 2, input: '[copyIndex("a")]' }] },
        null,
      ),
    );
    fc.assert(
      fc.property(fc.constantFrom(...places(whole)), odd, (path, value) => {
        try {
          read(replaced(whole, path, value));
        } catch (error) {
          if (!(error instanceof DocumentError)) throw error;
        }
      }),
      { seed: 17, numRuns: 1500 },
    );
  });
});

describe('a template file', () => {
  it('may stand beside an export', async () => {
    const estate = await readFiles({
      'main.json': fixture('apim-classic'),
      'export.json': JSON.stringify([network, table]),
    });
    expect(estate.sources.map(({ kind }) => kind)).toEqual(['template', 'file']);
    expect(estate.routeTables.size).toBe(2);
  });

  it('without resources is an empty estate', () => {
    expect(read(template([])).resourceCounts.size).toBe(0);
  });

  it('has parameters that are refused when they are none', async () => {
    const main = { 'main.json': fixture('apim-classic') };
    await expect(readFiles(main, { 'p.json': '[]' })).rejects.toThrow('p.json: is no parameter file');
    await expect(readFiles(main, { 'p.json': '{"parameters":{' })).rejects.toThrow(
      /p\.json: line 1, column 16: .*truncated/,
    );
    await expect(readFiles(main, { 'p.json': '' })).rejects.toThrow('p.json: is empty');
    expect(
      refusal(() => read({ $schema: schema.replace('deploymentTemplate', 'deploymentParameters'), parameters: {} }))
        .message,
    ).toContain('--parameters');
  });
});
