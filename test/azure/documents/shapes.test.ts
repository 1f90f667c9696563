/** Every shape in which an estate may come, told apart by its content; and what is refused, in which words. */
import { describe, expect, it } from 'vitest';
import { estateFromResources, readEstate } from '../../../lib/azure/documents/read-estate.ts';
import {
  apimId,
  comparable,
  messages,
  network,
  read,
  readFiles,
  readText,
  refusal,
  resources,
  service,
  subnetId,
  table,
  tableId,
} from './reading.ts';

const whole = comparable(read(resources));
const lines = resources.map((resource) => JSON.stringify(resource)).join('\n');

describe('a shape', () => {
  it.each<[string, string]>([
    ['a bare list', JSON.stringify(resources)],
    ['a bare list, indented', JSON.stringify(resources, null, 2)],
    ['a Resource Graph result', JSON.stringify({ data: resources })],
    [
      'a Resource Graph result with its list last',
      JSON.stringify({ count: 4, facets: [], skip_token: null, total_records: 4, data: resources }),
    ],
    ['a list of Resource Manager', JSON.stringify({ value: resources, nextLink: null })],
    ['lists in a list', JSON.stringify([resources.slice(0, 1), resources.slice(1)])],
    ['pages in a list', JSON.stringify([{ value: resources.slice(0, 2) }, { data: resources.slice(2) }])],
    [
      'pages, one a line',
      [resources.slice(0, 3), resources.slice(3)].map((value) => JSON.stringify({ value })).join('\n'),
    ],
    ['resources, one a line', lines],
    ['resources, one a line, with empty lines and Windows ends', `\r\n${lines.replaceAll('\n', '\r\n\r\n')}\r\n`],
    [
      'the older table of Resource Graph',
      JSON.stringify({
        data: {
          columns: ['id', 'name', 'type', 'location', 'sku', 'properties'].map((name) => ({ name, type: 'string' })),
          rows: resources.map(({ id, name, type, location, sku, properties }) => [
            id,
            name,
            type,
            location,
            sku,
            properties,
          ]),
        },
      }),
    ],
  ])('is read: %s', (_, text) => {
    expect(comparable(readText(text))).toEqual(whole);
  });

  it('is read: one resource', () => {
    expect([...read(table).routeTables.keys()]).toEqual([tableId.toLowerCase()]);
  });

  it.each([['[]'], ['{"data":[]}'], ['{"value":[]}'], ['{"count":0,"data":[],"skip_token":null}']])(
    'is an empty estate: %s',
    (text) => {
      expect(readText(text).resourceCounts.size).toBe(0);
      expect(messages(readText(text))).toEqual([]);
    },
  );

  it('is the same in several files as in one', async () => {
    const files = Object.fromEntries(resources.map((resource, index) => [`${index}.json`, JSON.stringify(resource)]));
    expect(comparable(await readFiles(files))).toEqual(whole);
  });

  it('is the same from memory', () => {
    expect(comparable(estateFromResources(resources, { kind: 'arm', name: 'management.azure.com' }))).toEqual(whole);
  });

  it('counts all resources by type, also those it has no use for', () => {
    const address = { id: `${apimId}/x`, type: 'Microsoft.Network/publicIPAddresses' };
    const estate = read([...resources, address, { ...address, type: 'MICROSOFT.NETWORK/PUBLICIPADDRESSES' }]);
    expect(estate.resourceCounts.get('microsoft.network/publicipaddresses')).toBe(2);
    expect(estate.resourceCounts.get('microsoft.apimanagement/service')).toBe(1);
  });

  it('takes the type from the id where none is given', () => {
    const { type: _, ...untyped } = service;
    expect(read([{ ...untyped, type: null }]).services.map(({ id }) => id)).toEqual([apimId]);
  });

  it('names the file and line of each resource', () => {
    const estate = readText(JSON.stringify(resources, null, 1));
    const name = JSON.stringify(resources, null, 1)
      .split('\n')
      .findIndex((line) => line.includes('"name": "rt"'));
    expect(estate.routeTables.get(tableId.toLowerCase())?.origin).toEqual({ source: 0, line: name - 1 });
    expect(readText(lines).routeTables.get(tableId.toLowerCase())?.origin?.line).toBe(3);
    expect(readText(`{"data":\n\n${JSON.stringify(resources)}}`).services[0]?.origin?.line).toBe(3);
  });

  it('leaves out what is no resource beside resources, and says how many', () => {
    const estate = read([null, ...resources, 5, { hello: 'world' }, 'text']);
    expect(comparable({ ...estate, errors: [] })).toEqual(whole);
    expect(messages(estate)).toEqual(['4 entries that are no Azure resource: left out']);
    expect(messages(readText(`${lines}\nnull`))).toEqual(['1 entry that is no Azure resource: left out']);
  });
});

describe('pages', () => {
  const next = 'names a next page that was not read: what stands there is not known';
  it.each([
    [{ value: resources, nextLink: 'https://next' }],
    [{ data: resources, skip_token: 'abc' }],
    [{ data: resources, $skipToken: 'abc' }],
  ])('that are not the last are reported', (document) => {
    expect(messages(read(document))).toEqual([next]);
  });

  it('are whole when the last one is there', () => {
    const pages = [{ value: resources.slice(0, 1), nextLink: 'https://next' }, { value: resources.slice(1) }];
    expect(messages(read(pages))).toEqual([]);
  });

  it('that hold less than the whole list are reported', () => {
    expect(messages(read({ data: resources, total_records: 90, count: 4 }))).toEqual([
      'holds 4 of 90 resources: what stands on the other pages is not known',
    ]);
  });
});

describe('an encoding', () => {
  const text = JSON.stringify([{ ...service, tags: { owner: 'Zoë 🚇' } }, network, table, resources[3]]);
  it.each<[string, Buffer]>([
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-16, little end first', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16, big end first', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ])('is read: %s', async (_, bytes) => {
    expect(comparable(await readFiles({ 'estate.json': bytes }))).toEqual(whole);
  });

  it('that is not UTF-8 is refused at its line', async () => {
    const bytes = Buffer.concat([Buffer.from('[\n{"id":"'), Buffer.from([0xe9]), Buffer.from('"}]')]);
    await expect(readFiles({ 'latin.json': bytes })).rejects.toThrow(
      'latin.json: line 2: is not UTF-8 text; save it as UTF-8',
    );
  });

  it('that is compressed is refused', async () => {
    await expect(readFiles({ 'a.json.gz': Buffer.from([0x1f, 0x8b, 8, 0]) })).rejects.toThrow(
      'a.json.gz: is compressed',
    );
  });
});

describe('what is no estate', () => {
  it.each<[string, string]>([
    ['', 'estate.json: is empty'],
    [' \n ', 'estate.json: is empty'],
    ['5', 'line 1, column 1: neither a list nor an object'],
    ['null', 'neither a list nor an object'],
    ['{}', 'it holds no Azure resource'],
    ['[null]', 'no element of the list is an Azure resource'],
    ['[{"request":{},"response":{}}]', 'recorded requests and responses'],
    ['{"changeNumber":1,"cloud":"Public","values":[]}', 'a list of service tags: give it to --service-tags'],
    ['{"schemaVersion":"1","deployments":[]}', 'a report of an audit'],
    ['{"error":{"code":"AuthorizationFailed"}}', 'an error that Azure answered (AuthorizationFailed)'],
    [
      '{"$schema":"https://x/deploymentParameters.json#","parameters":{}}',
      'template parameters: give them to --parameters',
    ],
    ['{"value":[{"name":"a"}]}', 'no element of the list is an Azure resource'],
    ['{"data":{"columns":[{"name":"a"}],"rows":[[1]]}}', 'it holds no Azure resource'],
  ])('is refused: %s', (text, message) => {
    expect(refusal(() => readText(text)).message).toContain(message);
  });

  it.each<[string, string, string]>([
    ['[{"id":1},\n {"id":2]', 'line 2, column 9', 'a comma or "}" is expected, not "]"'],
    ['[{"id":1},\n]', 'line 2, column 1', 'a list ends with a comma'],
    ['[{"a":1 "b":2}]', 'line 1, column 9', 'a comma or "}" is expected'],
    ["[{'a':1}]", 'line 1, column 3', 'a name in double quotes is expected'],
    ['[{"a":nope}]', 'line 1, column 7', 'a value is expected'],
    ['[{"a":01}]', 'line 1, column 7', 'a value is expected'],
    ['[{"a":"x\ty"}]', 'line 1, column 9', 'a text is not closed on its line'],
    ['[{"a":"\\x"}]', 'line 1, column 8', 'a backslash begins no known escape'],
    ['[] // done', 'line 1, column 4', 'a value is expected'],
    ['[{"id":"ä"},\n{"ä":}]', 'line 2, column 6', 'a value is expected'],
    ['{"count":oops,"data":[]}', 'line 1, column 10', 'a value is expected'],
    ['{"data":[],"data":[]}', 'line 1, column 12', '"data" is given twice in one object'],
  ])('is refused at its place: %s', (text, place, problem) => {
    const error = refusal(() => readText(text));
    expect(error).toMatchObject({ file: 'estate.json', place });
    expect(error.message).toContain(problem);
    expect(error.message).not.toContain('\n');
  });

  it.each<[string, string, string]>([
    ['a file that is not there', '/nonexistent/estate.json', 'estate: no such file'],
    ['a directory', '/tmp', 'estate: is a directory; name a file'],
  ])('is refused: %s', async (_, path, message) => {
    await expect(readEstate([{ name: 'estate', path }])).rejects.toThrow(message);
  });
});

describe('an id', () => {
  it('is compared without case and kept as Azure spells it', () => {
    const shouted = { ...table, id: tableId.toUpperCase(), type: 'MICROSOFT.NETWORK/ROUTETABLES' };
    const estate = read([network, shouted]);
    expect(estate.routeTables.get(tableId.toLowerCase())?.id).toBe(tableId.toUpperCase());
    expect(estate.subnets.get(subnetId.toLowerCase())?.routeTableId).toBe(tableId);
  });

  it('that is missing leaves the resource out, with a word', () => {
    const { id: _, ...nameless } = table;
    const estate = read([service, nameless]);
    expect(estate.routeTables.size).toBe(0);
    expect(estate.errors).toContainEqual({
      resource: 'rt',
      message: 'a microsoft.network/routetables without an id cannot be placed and is left out',
    });
  });
});
