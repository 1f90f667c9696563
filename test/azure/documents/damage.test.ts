/** Damaged and odd input: whatever comes, an estate that lacks nothing in silence, or a refusal in one line. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../../lib/audit/audit.ts';
import type { Report } from '../../../lib/audit/report.ts';
import { bundledTagsFor } from '../../../lib/azure/bundled-service-tags.ts';
import { DocumentError } from '../../../lib/azure/documents/read-estate.ts';
import { defaultPolicy } from '../../../lib/policy/policy.ts';
import { places, replaced } from './mutation.ts';
import {
  comparable,
  type Json,
  network,
  read,
  readFiles,
  readText,
  refusal,
  resources,
  securityGroup,
  service,
  subnet,
  table,
  withProperties,
} from './reading.ts';

const whole = comparable(read(resources));

function audit(document: unknown): Report {
  return auditEstate(read(document), { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0) });
}

describe('a file cut short', () => {
  it.each<[string, string]>([
    ['a list', JSON.stringify(resources)],
    ['an indented Resource Graph result', JSON.stringify({ count: 4, data: resources, skip_token: null }, null, 1)],
    ['one resource', JSON.stringify(table)],
  ])('is refused wherever it is cut: %s', (_, text) => {
    for (let cut = 0; cut < text.length; cut++) {
      const error = refusal(() => readText(text.slice(0, cut)));
      expect(error.message).toMatch(cut === 0 ? /is empty/ : /truncated|ends too early/);
      if (cut > 0) expect(error.place).toMatch(/^line \d+, column \d+$/);
    }
  });

  it('is refused at the place where it ends', () => {
    const error = refusal(() => readText('[\n {"id": "abc"},\n {"id": "de'));
    expect(error.place).toBe('line 3, column 12');
  });

  it('is refused also in the middle of a character', async () => {
    const bytes = Buffer.from(JSON.stringify([{ ...service, name: 'é' }]));
    const middle = bytes.indexOf(0xc3) + 1;
    await expect(readFiles({ 'cut.json': bytes.subarray(0, middle) })).rejects.toBeInstanceOf(DocumentError);
  });

  it('is refused in the middle of a line of resources', () => {
    const lines = resources.map((resource) => JSON.stringify(resource)).join('\n');
    for (let cut = lines.lastIndexOf('\n') + 2; cut < lines.length; cut++) {
      expect(refusal(() => readText(lines.slice(0, cut))).place).toMatch(/^line 4,/);
    }
  });
});

describe('nesting', () => {
  it.each([['['], ['{"a":']])('that is too deep is refused: %s', (open) => {
    const text = `[{"id":"x","deep":${open.repeat(100_000)}`;
    expect(refusal(() => readText(text)).message).toContain('nested deeper than 500 levels');
  });

  it('of three hundred levels is read', () => {
    const deep = JSON.parse(`${'['.repeat(300)}1${']'.repeat(300)}`) as unknown;
    expect(comparable(read([{ ...service, tags: deep }, network, table, securityGroup]))).toEqual(whole);
  });
});

describe('the order of resources', () => {
  const child = (id: unknown, type: string, properties: Json): Json => ({ id, type, properties });
  const crowd = [
    ...resources,
    subnet,
    withProperties(subnet, { routeTable: undefined, natGateway: { id: '/nat' } }),
    withProperties(subnet, { networkSecurityGroup: { id: '/other' } }),
    withProperties(table, { disableBgpRoutePropagation: false }),
    child(`${table.id}/routes/apim`, 'Microsoft.Network/routeTables/routes', {
      addressPrefix: '1.2.3.4/32',
      nextHopType: 'None',
    }),
    child(`${table.id}/routes/b`, 'Microsoft.Network/routeTables/routes', {
      addressPrefix: '1.2.3.0/24',
      nextHopType: 'None',
    }),
    child(`${table.id}/routes/b`, 'Microsoft.Network/routeTables/routes', {
      addressPrefix: '1.2.4.0/24',
      nextHopType: 'None',
    }),
    child(`${table.id}/routes/a`, 'Microsoft.Network/routeTables/routes', {
      addressPrefix: '1.2.9.0/24',
      nextHopType: 'None',
    }),
    child(`${table.id}x/routes/c`, 'Microsoft.Network/routeTables/routes', {
      addressPrefix: '1.2.4.0/24',
      nextHopType: 'None',
    }),
    { ...service, properties: { virtualNetworkType: 'External' } },
    { id: network.id, type: network.type },
    null,
  ];

  it('does not change the estate', () => {
    const expected = comparable(read(crowd));
    fc.assert(
      fc.property(fc.shuffledSubarray(crowd, { minLength: crowd.length }), (shuffled) => {
        expect(comparable(read(shuffled))).toEqual(expected);
      }),
      { seed: 5, numRuns: 200 },
    );
  });

  it('does not change the estate where they come in several files', async () => {
    const expected = comparable(read(crowd.slice(0, -1)));
    const files = crowd.slice(0, -1).map((each, index): [string, string] => [`${index}.json`, JSON.stringify(each)]);
    expect(comparable(await readFiles(Object.fromEntries(files)))).toEqual(expected);
    expect(comparable(await readFiles(Object.fromEntries(files.reverse())))).toEqual(expected);
  });
});

describe('a value of another kind', () => {
  const every = places(resources);

  const tolerated = (action: () => unknown): void => {
    try {
      action();
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
    }
  };

  it('anywhere never breaks the reader', () => {
    const hostile = fc.constantFrom('__proto__', 'constructor', '\ud800', '[x]', '[', '', '/', -1, 1e300);
    fc.assert(
      fc.property(fc.constantFrom(...every), fc.oneof(fc.jsonValue(), hostile), (path, value) => {
        tolerated(() => read(replaced(resources, path, value)));
      }),
      { seed: 7, numRuns: 4000 },
    );
  });

  it('anywhere never breaks the audit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...every), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        tolerated(() => audit(replaced(resources, path, value)));
      }),
      { seed: 7, numRuns: 1500 },
    );
  });

  /** Far from compliant: it lacks a control plane route, an NSG rule and three endpoints. */
  const faulty = [
    service,
    network,
    withProperties(table, { routes: [(table.properties as { routes: Json[] }).routes[0]] }),
    withProperties(securityGroup, { securityRules: [] }),
  ];

  it.each([[{}], [[]], [5], [true], ['text'], [[5]], [{ id: 5 }]])(
    'in the network never makes a faulty deployment compliant: %j',
    (value) => {
      for (const path of places(faulty)) {
        const isNetwork = path[0] !== 0 && path.length > 1;
        if (!isNetwork || path[1] === 'id' || path[1] === 'type') continue;
        const [deployment] = audit(replaced(faulty, path, value)).deployments;
        expect(`${path.join('.')}: ${deployment?.verdict}`).toMatch(/: (nonCompliant|unknown)$/);
      }
    },
  );

  it.each(
    resources.flatMap((resource) =>
      [[], 5, 'text', true, null, undefined].map((value): [string, unknown, Json] => [
        String(resource.name),
        value,
        resource,
      ]),
    ),
  )('in place of the properties of %s (%j) leaves what they hold unknown', (_, value, resource) => {
    const others = resources.filter((each) => each !== resource);
    const [deployment] = audit([...others, { ...resource, properties: value }]).deployments;
    expect(deployment?.verdict).not.toBe('compliant');
    expect(deployment?.scope).toBe('in');
    expect(deployment?.tunnel?.state === 'unknown' || resource === securityGroup).toBe(true);
  });
});

describe('a document that is already parsed', () => {
  it('is refused when it is no JSON, or too deep', () => {
    const circle: Json = {};
    circle.self = circle;
    expect(refusal(() => read(circle)).message).toContain('is no JSON document');
    let deep: unknown = [];
    for (let level = 0; level < 200_000; level++) deep = [deep];
    expect(refusal(() => read(deep)).message).toContain('nested');
    expect(refusal(() => read(undefined)).message).toContain('not an estate');
  });
});

describe('names of the language', () => {
  it('are only names', () => {
    const text = JSON.stringify(resources).replace(
      '"properties":{',
      '"__proto__":{"polluted":1},"constructor":5,"properties":{"toString":1,"__proto__":{"routes":[]},',
    );
    expect(comparable(readText(text))).toEqual(whole);
    expect(({} as Json).polluted).toBeUndefined();
  });

  it('are no types', () => {
    const estate = read([
      ...resources,
      { type: '__proto__/constructor', id: '/x' },
      { type: 'constructor/', id: '/y' },
    ]);
    expect(comparable({ ...estate, resourceCounts: read(resources).resourceCounts })).toEqual(whole);
  });
});

describe('random text', () => {
  it('is refused in one line, or is an estate', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '\\',
      ' ',
      '\n',
      '1',
      '-',
      'e',
      'true',
      'null',
      '"data"',
      '"id"',
      'ä',
      '\u0000',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 25 }), (parts) => {
        try {
          readText(parts.join(''));
        } catch (error) {
          if (!(error instanceof DocumentError)) throw error;
          expect(error.message).not.toContain('\n');
        }
      }),
      { seed: 11, numRuns: 5000 },
    );
  });

  it('that is no JSON is never taken for an estate', () => {
    const text = JSON.stringify({ data: resources.slice(2), count: 2 });
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'{}[],:"x\\0-'), (at, character) => {
        const damaged = text.slice(0, at) + character + text.slice(at + 1);
        let isJson = true;
        try {
          JSON.parse(damaged);
        } catch {
          isJson = false;
        }
        // Two values after one another are read as lines.
        if (!isJson) expect(() => readText(damaged), damaged).toThrow(DocumentError);
      }),
      { seed: 13, numRuns: 3000 },
    );
  });
});
