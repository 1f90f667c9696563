/** Exports of the size that whole tenants have: read one resource at a time, in linear time. */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { estateFromText, readEstate } from '../../../lib/azure/documents/read-estate.ts';
import { type Json, network, readText, resources, service } from './reading.ts';

const group = 'resourceGroups/rg/';

/** The small estate again and again, each time in another resource group. */
function copies(count: number): string[] {
  const text = resources
    .map((resource) => JSON.stringify({ ...resource, tags: { filler: 'x'.repeat(2000) } }))
    .join(',\n');
  return Array.from({ length: count }, (_, index) => text.replaceAll(group, `resourceGroups/rg${index}/`));
}

describe('a file of 200 MB', () => {
  it('is read, with its progress told and its memory bounded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'large-'));
    const path = join(folder, 'large.json');
    try {
      const file = openSync(path, 'w');
      let bytes = writeSync(file, '{"count":0,"data":[');
      let written = 0;
      const block = copies(1)[0] ?? '';
      while (bytes < 200_000_000) {
        const part = Array.from({ length: 100 }, () =>
          block.replaceAll('resourceGroups/rg0/', `resourceGroups/rg${written++}/`),
        );
        bytes += writeSync(file, `${bytes > 100 ? ',' : ''}${part.join(',\n')}`);
      }
      bytes += writeSync(file, ']}');
      closeSync(file);
      const progress: [number, number][] = [];
      const estate = await readEstate([{ name: 'large', path }], {
        onProgress: (read, total) => progress.push([read, total]),
      });
      expect(estate.services).toHaveLength(written);
      expect(estate.errors).toEqual([]);
      expect(progress.length).toBeGreaterThan(10);
      expect(progress.every(([read, total], index) => total === bytes && read > (progress[index - 1]?.[0] ?? 0))).toBe(
        true,
      );
      expect(process.memoryUsage().rss).toBeLessThan(6 * bytes);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a page as large as a file', () => {
  it('is looked into, wherever it stands', () => {
    const page = { value: resources.map((resource) => ({ ...resource, tags: { filler: 'x'.repeat(600_000) } })) };
    const estate = estateFromText(JSON.stringify([page, null]), { kind: 'file', name: 'pages' });
    expect(estate.services).toHaveLength(1);
    expect(estate.errors).toHaveLength(1);
  });

  it('may be a single resource', () => {
    const huge: Json = { ...service, tags: { filler: 'x'.repeat(3_000_000) } };
    expect(readText(JSON.stringify([huge, network])).services).toHaveLength(1);
  });
});
