/**
 * The one direction that data flows: doors -> audit -> requirements -> network -> address. Held by reading the imports:
 * what is imported for its type only costs nothing at run time and is allowed from the report's types.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../lib/requirements/catalogue.ts';
import { helpOf } from '../lib/requirements/requirement.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Import {
  readonly from: string;
  readonly line: number;
  readonly to: string;
  readonly typeOnly: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [...text.matchAll(/^(import|export)( type)?\s[^;]*?from '([^']+)'|import\('([^']+)'\)/gms)];
  return found.map((match) => {
    const target = match[3] ?? match[4] ?? '';
    const to = target.startsWith('.') ? normalize(join(dirname(file), target)) : target;
    return { from: file, line: text.slice(0, match.index).split('\n').length, to, typeOnly: match[2] !== undefined };
  });
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

/** Room -> the rooms that it may import at run time. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  'lib/address': ['lib/address'],
  'lib/network': ['lib/network', 'lib/address'],
  'lib/requirements': ['lib/requirements', 'lib/network', 'lib/address', 'lib/policy/policy.ts'],
  'lib/audit': ['lib/audit', 'lib/requirements', 'lib/policy', 'lib/network', 'lib/address'],
  'lib/report': ['lib/report', 'lib/audit', 'lib/requirements'],
  'lib/azure': ['lib/azure', 'lib/network', 'lib/address', 'lib/clock.ts'],
  'lib/events': ['lib/events', 'lib/network'],
  'lib/drift': ['lib/drift', 'lib/events/change.ts', 'lib/audit', 'lib/settings.ts', 'lib/clock.ts'],
  'lib/alerts': ['lib/alerts', 'lib/drift', 'lib/audit', 'lib/clock.ts'],
};

/** Rooms without I/O and without Azure's SDKs: what works in a test works in the watcher. */
const pure = ['lib/address', 'lib/network', 'lib/requirements', 'lib/audit'];

function describeImport({ from, line, to }: Import): string {
  return `${from}:${line} imports ${to}`;
}

describe('the layers', () => {
  it.each(Object.entries(allowed))('%s imports only what is below it', (room, below) => {
    const wrong = filesIn(room)
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => to.startsWith('lib/') && !(typeOnly && to.startsWith('lib/audit/report')))
      .filter(({ to }) => !below.some((each) => to === each || to.startsWith(`${each}/`)));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it.each(pure)('%s does no I/O and needs no SDK', (room) => {
    const wrong = filesIn(room)
      .flatMap(importsOf)
      .filter(({ to, typeOnly }) => !typeOnly && (to.startsWith('node:') || to.startsWith('@azure/')));
    expect(wrong.map(describeImport)).toEqual([]);
  });

  it('see the imports that they judge', () => {
    expect(importsOf('lib/audit/evaluate.ts').length).toBeGreaterThan(8);
    expect(filesIn('lib').length).toBeGreaterThan(80);
  });
});

describe('the doors', () => {
  it('are functions of a few lines that hold no logic of their own', () => {
    const long = filesIn('functions').filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 60);
    expect(long).toEqual([]);
  });

  it('are never asked for by the rooms behind them, nor is what only local runs need', () => {
    const wrong = filesIn('lib')
      .flatMap(importsOf)
      .filter(({ to }) => ['functions/', 'cli/', 'local/', 'test/'].some((door) => to.startsWith(door)));
    expect(wrong.map(describeImport)).toEqual([]);
  });
});

describe('the house', () => {
  it('has a page for each requirement', () => {
    expect(catalogue.filter(({ id }) => !existsSync(join(root, helpOf(id)))).map(({ id }) => id)).toEqual([]);
  });

  it('says in the first comment of every file what it is for', () => {
    const files = ['lib', 'functions', 'cli', 'local', 'scripts', 'bench'].flatMap(filesIn);
    const silent = files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(readFileSync(join(root, file), 'utf8')));
    expect(silent).toEqual([]);
  });

  it('has no file that is many things', () => {
    const long = ['lib', 'functions', 'cli', 'local', 'scripts', 'bench']
      .flatMap(filesIn)
      .filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 350);
    expect(long.map((file) => relative(root, join(root, file)))).toEqual([]);
  });
});
