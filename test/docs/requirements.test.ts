/** The documentation of the requirements, held against the catalogue that the reports link from. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../../lib/requirements/catalogue.ts';
import { helpOf } from '../../lib/requirements/requirement.ts';

const root = new URL('../../', import.meta.url);
const folder = new URL('docs/requirements/', root);
const sections = ['What it demands', 'Why', 'What breaks', 'How it is decided', 'How to mend', 'Source'];

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** The rows of a page's two-column table: `Severity` -> `high`. */
function metadata(page: string): ReadonlyMap<string, string> {
  const rows = [...page.matchAll(/^\| (\w[^|]*?) \| ([^|]*?) \|$/gm)];
  return new Map(rows.map(([, name = '', value = '']) => [name, value]));
}

describe('the pages of the requirements', () => {
  it('are one for each requirement of the catalogue, and none else', () => {
    const pages = readdirSync(folder).filter((name) => name !== 'README.md');
    expect(pages.sort()).toEqual(catalogue.map(({ id }) => `${id}.md`).sort());
  });

  it.each(catalogue.map((requirement) => [requirement.id, requirement] as const))(
    '%s: has the sections, the title and the severity of the catalogue',
    (id, { severity, title, needsTunnel }) => {
      const page = read(helpOf(id));
      expect(page.startsWith(`# ${id}\n\n${title}.\n`)).toBe(true);
      expect([...page.matchAll(/^## (.+)$/gm)].map((match) => match[1])).toEqual(sections);
      expect(metadata(page).get('Severity')).toBe(severity);
      expect(/tunnel state `direct`/.test(metadata(page).get('Applies when') ?? '')).toBe(needsTunnel);
      expect(metadata(page).get('Changed to mend')).toMatch(/\w/);
    },
  );

  it.each(catalogue.map(({ id }) => [id]))('%s: has no section without text, and shows az and Bicep', (id) => {
    const page = read(helpOf(id));
    for (const section of page.split(/^## .+$/m).slice(1)) expect(section.trim()).not.toBe('');
    expect(page).toMatch(/```sh\n[^`]*\baz /);
    expect(page).toMatch(/```bicep\n/);
    expect(page.match(/```/g)?.length).toBe(4);
  });

  it.each(catalogue.map(({ id }) => [id]))('%s: links to nothing that is not there', (id) => {
    const links = [...read(helpOf(id)).matchAll(/\]\(([a-z0-9-]+\.md)\)/g)].map((match) => match[1] ?? '');
    for (const link of links) expect(catalogue.map((requirement) => `${requirement.id}.md`)).toContain(link);
  });
});

/** The rows of a table whose first cell links to a requirement's page. */
function listed(page: string, prefix: string): string[][] {
  const cell = new RegExp(`^\\| \\[([a-z0-9-]+)\\]\\(${prefix}([a-z0-9-]+)\\.md\\) \\| (\\w+) \\|`, 'gm');
  return [...page.matchAll(cell)].map(([, text = '', link = '', severity = '']) => [text, link, severity]);
}

describe('the lists of the requirements', () => {
  const order = catalogue.map(({ id, severity }) => [id, id, severity]);

  it('in the index, names all in the order of the catalogue with their severities', () => {
    expect(listed(read('docs/requirements/README.md'), '')).toEqual(order);
  });

  it('in the README, names all in the order of the catalogue with their severities', () => {
    expect(listed(read('README.md'), 'docs/requirements/')).toEqual(order);
  });
});
