/** The estates that `npm start -- --file` takes. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readResources } from '../../local/watcher.ts';

const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const one = { id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/a', name: 'a' };
const other = { ...one, id: `${one.id}b`, name: 'b' };

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a file of resources', () => {
  it.each([
    ['graph.json', JSON.stringify({ data: [one, other] })],
    ['list.json', JSON.stringify({ value: [one, other] })],
    ['array.json', JSON.stringify([one, other])],
    ['lines.ndjson', `${JSON.stringify(one)}\n${JSON.stringify(other)}\n`],
  ])('%s is read whatever printed it', (name, text) => {
    expect(readResources(file(name, text))).toEqual([one, other]);
  });

  it.each([
    ['nothing.json', '[]', 'holds no resource'],
    ['broken.json', '{"data": [', 'is no JSON'],
  ])('%s is refused by name', (name, text, message) => {
    expect(() => readResources(file(name, text))).toThrow(new RegExp(`${name}: ${message}`));
  });

  it('that is not there is said to be not there', () => {
    expect(() => readResources(join(folder, 'none.json'))).toThrow('none.json: no such file');
  });
});
