/** What README.md shows is what the program prints, and what it names is there. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { readEstate } from '../../lib/azure/documents/read-estate.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { formats } from '../../lib/report/index.ts';
import { catalogue } from '../../lib/requirements/catalogue.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const readme = read('README.md');

/** The table of the sample estate, as it is printed where no terminal says how wide it is. */
async function printedTable(): Promise<string> {
  const known = catalogue.map(({ id }) => id);
  const policy = parsePolicy(read('samples/policy.json'), 'samples/policy.json', known);
  const estate = await readEstate([
    { name: 'samples/estate.json', path: fileURLToPath(new URL('samples/estate.json', root)) },
  ]);
  const now = new Date('2026-11-23T15:00:00Z');
  const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy, now });
  const format = await formats.find(({ name }) => name === 'table')?.load();
  if (!format) throw new Error('there is no table format');
  const context = { width: 100, colour: false, toolVersion: '0.0.0', locate: () => undefined };
  return [...format(report, context)].join('');
}

describe('the README', () => {
  it('shows an excerpt of what is really printed', async () => {
    const excerpt = /^```\n(\d+ services,[\s\S]+?)\n```$/m.exec(readme)?.[1] ?? '';
    const printed = await printedTable();
    expect(excerpt).not.toBe('');
    const [first = '', ...others] = excerpt.split('\n\n');
    const lines = first.split('\n');
    const parts = [lines.slice(0, 3).join('\n'), lines.slice(3).join('\n'), ...others];
    for (const part of parts) expect(printed).toContain(part);
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
    const missing = links.filter((link) => !/^https?:/.test(link) && !existsSync(new URL(link, root)));
    expect(links.length).toBeGreaterThan(catalogue.length);
    expect(missing).toEqual([]);
  });

  it('names only scripts that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script = ''] of readme.matchAll(/npm run ([a-z]+)/g)) expect(Object.keys(scripts)).toContain(script);
  });
});
