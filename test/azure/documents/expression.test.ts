/** Template expressions: what each function gives, and what stays unknown with its expression named. */
import { describe, expect, it } from 'vitest';
import { type Json, read } from './reading.ts';

const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';

/** The value of an expression, as it comes out in a subnet's properties. */
function result(expression: unknown, template: Json = {}): unknown {
  const subnet = {
    type: 'Microsoft.Network/virtualNetworks/subnets',
    name: 'vnet/apim',
    properties: { value: expression },
  };
  const others = (template.resources as Json[] | undefined) ?? [];
  const estate = read({ $schema: schema, contentVersion: '1', ...template, resources: [subnet, ...others] });
  const found = [...estate.subnets.values()].find((each) => each.name === 'apim');
  return found?.properties.value;
}

describe('an expression', () => {
  it.each<[string, unknown]>([
    ["[concat('a', 1, 'b')]", 'a1b'],
    ['[concat(createArray(1), createArray(2, 3))]', [1, 2, 3]],
    ["[CONCAT ( 'it''s' , ' ok' )]", "it's ok"],
    ["[format('{0}-{1:D3}-{{x}}', 'a', 7)]", 'a-007-{x}'],
    ["[toLower('AbC')]", 'abc'],
    ["[toUpper('AbC')]", 'ABC'],
    ["[trim(' a ')]", 'a'],
    ["[replace('aXbX', 'X', '-')]", 'a-b-'],
    ["[substring('abcdef', 1, 3)]", 'bcd'],
    ["[split('a,b;c', createArray(',', ';'))]", ['a', 'b', 'c']],
    ["[join(createArray('a', 'b'), '+')]", 'a+b'],
    ["[startsWith('ABC', 'ab')]", true],
    ["[endsWith('ABC', 'bc')]", true],
    ["[indexOf('abcabc', 'C')]", 2],
    ["[lastIndexOf('abcabc', 'C')]", 5],
    ["[padLeft('7', 3, '0')]", '007'],
    ["[length('abc')]", 3],
    ["[first('abc')]", 'a'],
    ['[last(createArray(1, 2))]', 2],
    ["[take('abc', 2)]", 'ab'],
    ['[skip(createArray(1, 2, 3), 1)]', [2, 3]],
    ["[contains(createObject('Key', 1), 'key')]", true],
    ["[contains('abc', 'B')]", false],
    ["[empty('')]", true],
    ['[empty(null())]', true],
    ['[union(createArray(1, 2), createArray(2, 3))]', [1, 2, 3]],
    [
      "[union(createObject('a', createObject('x', 1)), createObject('a', createObject('y', 2)))]",
      { a: { x: 1, y: 2 } },
    ],
    ['[intersection(createArray(1, 2, 3), createArray(2, 3, 4))]', [2, 3]],
    ['[range(5, 3)]', [5, 6, 7]],
    ['[flatten(createArray(createArray(1), createArray(2)))]', [1, 2]],
    ["[array('a')]", ['a']],
    ['[min(3, 1, 2)]', 1],
    ['[max(createArray(3, 1))]', 3],
    ['[add(1, 2)]', 3],
    ['[sub(1, 2)]', -1],
    ['[mul(3, 4)]', 12],
    ['[div(7, 2)]', 3],
    ['[mod(7, 2)]', 1],
    ["[int('42')]", 42],
    ['[string(42)]', '42'],
    ["[string(createObject('a', 1))]", '{"a":1}'],
    ["[bool('true')]", true],
    ['[json(\'{"a":[1,null]}\')]', { a: [1, null] }],
    ["[if(equals('a', 'a'), 'yes', 'no')]", 'yes'],
    ['[and(true(), not(false()))]', true],
    ['[or(false(), false())]', false],
    ['[less(1, 2)]', true],
    ['[greaterOrEquals(2, 2)]', true],
    ["[coalesce(null(), 'b')]", 'b'],
    ["[createObject('a', 1).a]", 1],
    ["[createArray('a', 'b')[1]]", 'b'],
    ["[createObject('a', createArray(1, 2))['a'][0]]", 1],
    ["[createObject('a', 1).?b]", null],
    ["[tryGet(createObject('a', createArray(5)), 'a', 0)]", 5],
    ["[cidrSubnet('10.20.0.0/16', 24, 3)]", '10.20.3.0/24'],
    ["[cidrHost('10.20.3.0/24', 3)]", '10.20.3.4'],
    ["[parseCidr('10.20.0.0/20').lastUsable]", '10.20.15.254'],
    ["[parseCidr('10.20.0.0/20').netmask]", '255.255.240.0'],
    ["[map(createArray(1, 2), lambda('x', mul(lambdaVariables('x'), 2)))]", [2, 4]],
    ["[filter(createArray(1, 2, 3), lambda('x', greater(lambdaVariables('x'), 1)))]", [2, 3]],
    ["[reduce(createArray(1, 2, 3), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))]", 6],
    ["[sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))]", [1, 2, 3]],
    ["[toObject(createArray('a'), lambda('x', lambdaVariables('x')), lambda('x', 1))]", { a: 1 }],
    [
      "[items(createObject('b', 2, 'a', 1))]",
      [
        { key: 'a', value: 1 },
        { key: 'b', value: 2 },
      ],
    ],
    ["[subscriptionResourceId('A.B/c', 'd')]", '/subscriptions/00000000-0000-0000-0000-000000000000/providers/A.B/c/d'],
    [
      "[resourceId('g', 'A.B/c/d', 'x', 'y')]",
      '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/A.B/c/x/d/y',
    ],
    ["[resourceId('s', 'g', 'A.B/c', 'x')]", '/subscriptions/s/resourceGroups/g/providers/A.B/c/x'],
    ["[extensionResourceId('/subscriptions/s', 'A.B/c', 'x')]", '/subscriptions/s/providers/A.B/c/x'],
    ['[resourceGroup().name]', 'resource-group'],
    ['[environment().suffixes.storage]', 'core.windows.net'],
    ['[[not an expression]', '[not an expression]'],
    ['no [expression] either', 'no [expression] either'],
  ])('%s', (expression, value) => {
    expect(result(expression)).toEqual(value);
  });

  it('may use parameters and variables in any case, and variables in any order', () => {
    const template = {
      parameters: { Name: { type: 'string', defaultValue: 'a' } },
      variables: { one: "[concat(variables('TWO'), '!')]", two: "[parameters('name')]" },
    };
    expect(result("[variables('ONE')]", template)).toBe('a!');
  });

  it('may use functions of the template', () => {
    const functions = [
      {
        namespace: 'my',
        members: {
          tag: {
            parameters: [{ name: 'service', type: 'string' }],
            output: { type: 'string', value: "[concat(parameters('service'), '.WestEurope')]" },
          },
        },
      },
    ];
    expect(result("[My.Tag('Storage')]", { functions })).toBe('Storage.WestEurope');
  });

  it('is the same made-up text for the same arguments of uniqueString, and says that it is made up', () => {
    const value = result("[createArray(uniqueString('a'), uniqueString('a'), uniqueString('b'))]") as string[];
    expect(value[0]).toBe(value[1]);
    expect(value[0]).not.toBe(value[2]);
    expect(value[0]).toContain('uniqueString');
  });
});

describe('an expression that cannot be evaluated', () => {
  it.each([
    "[listKeys('x', '2020-01-01').key]",
    '[utcNow()]',
    '[newGuid()]',
    '[resourceGroup().location]',
    "[reference('elsewhere').address]",
    "[parameters('missing')]",
    "[variables('missing')]",
    "[concat('a', parameters('missing'))]",
    "[format('{0:X}', 5)]",
    '[div(1, 0)]',
    "[int('')]",
    "[cidrSubnet('fd00::/48', 64, 0)]",
    '[broken(]',
    "[concat('a'",
    '[]',
    '[copyIndex()]',
    '[createArray(1)[5]]',
  ])('stays as it is: %s', (expression) => {
    expect(result(expression)).toBe(expression);
  });

  it('does not keep the rest of a value from being known', () => {
    const template = { variables: { both: { known: 'a', unknown: '[utcNow()]' } } };
    expect(result("[variables('both').known]", template)).toBe('a');
    expect(result("[variables('both').unknown]", template)).toBe('[utcNow()]');
    expect(result("[concat(variables('both').unknown, 'x')]", template)).toBe(
      "[concat(variables('both').unknown, 'x')]",
    );
    expect(result("[string(variables('both'))]", template)).toBe("[string(variables('both'))]");
    expect(result("[equals(variables('both'), variables('both'))]", template)).toMatch(/^\[equals/);
  });

  it('need not be, where another decides', () => {
    expect(result("[or(true(), equals(parameters('x'), 1))]")).toBe(true);
    expect(result("[and(equals(parameters('x'), 1), false())]")).toBe(false);
    expect(result("[and(equals(parameters('x'), 1), true())]")).toMatch(/^\[and/);
    expect(result("[if(true(), 'a', utcNow())]")).toBe('a');
  });

  it('may go in a circle', () => {
    const template = { variables: { a: "[variables('b')]", b: "[variables('a')]" } };
    expect(result("[variables('a')]", template)).toMatch(/^\[variables/);
    const parameters = { a: { type: 'string', defaultValue: "[parameters('a')]" } };
    expect(result("[parameters('a')]", { parameters })).toMatch(/^\[parameters/);
  });
});

describe('a template that is made to cost', () => {
  const doubling = (make: (before: string) => string): Json =>
    Object.fromEntries(
      Array.from({ length: 64 }, (_, index) => [`v${index}`, index === 0 ? 'x' : make(`variables('v${index - 1}')`)]),
    );

  it.each<[string, unknown, Json]>([
    ['by doubling a text', "[variables('v63')]", { variables: doubling((v) => `[concat(${v}, ${v})]`) }],
    ['by doubling a list', "[variables('v63')]", { variables: doubling((v) => `[createArray(${v}, ${v})]`) }],
    [
      'by writing out shared lists',
      "[string(variables('v63'))]",
      { variables: doubling((v) => `[createArray(${v}, ${v})]`) },
    ],
    [
      'by comparing shared lists',
      "[equals(variables('v63'), variables('v63'))]",
      { variables: doubling((v) => `[createArray(${v}, ${v})]`) },
    ],
    [
      'by writing out shared objects',
      "[string(variables('v63'))]",
      {
        variables: Object.fromEntries(
          Object.entries(doubling((v) => `[${v}]`)).map(([name, value]) => [
            name,
            name === 'v0' ? 'x' : { a: value, b: value },
          ]),
        ),
      },
    ],
    [
      'by making a long text',
      "[format('{0}{0}{0}', variables('v19'))]",
      { variables: doubling((v) => `[concat(${v}, ${v})]`) },
    ],
    ['by a long loop', { copy: [{ name: 'list', count: 1_000_000, input: 'x' }] }, {}],
    [
      'by loops in loops',
      {
        copy: [
          {
            name: 'a',
            count: 9999,
            input: {
              copy: [
                { name: 'b', count: 9999, input: { copy: [{ name: 'c', count: 9999, input: "[copyIndex('c')]" }] } },
              ],
            },
          },
        ],
      },
      {},
    ],
    ['by depth', `[${'not('.repeat(5000)}true()${')'.repeat(5000)}]`, {}],
    ['by length', `[concat('${'a'.repeat(100_000)}')]`, {}],
    ['by width', "[padLeft('x', 2000000000)]", {}],
  ])('is given up: %s', (_, expression, template) => {
    const started = performance.now();
    expect(JSON.stringify(result(expression, template) ?? '').length).toBeLessThan(1_000_000);
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
