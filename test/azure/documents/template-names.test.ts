/** References, nested deployments and symbolic names of ARM templates; templates as files, and in any state. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/azure/documents/read-estate.ts';
import { places, replaced } from './mutation.ts';
import { type Json, messages, network, read, readFiles, refusal, table } from './reading.ts';
import { deploymentType, fixture, group, onlyTable, schema, tables, tableType, template } from './templates.ts';

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
    const namesake = { type: 'Microsoft.Network/networkSecurityGroups', name: 'one', properties: {} };
    expect(unknown([one, namesake, ask(expression)])).toContain('was not evaluated');
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
