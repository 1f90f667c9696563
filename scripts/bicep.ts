/**
 * Compiles infra/main.bicep and infra/trigger.bicep with the real compiler, and fails on any warning: `npm run infra`. With `--check`
 * the committed files must be what they compile to. The compiler is the one that BICEP names, else `bicep` on the path (`az bicep install`).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bicep = process.env.BICEP ?? 'bicep';
const infra = fileURLToPath(new URL('../infra/', import.meta.url));
/** Those whose compiled form is used without the compiler: by the portal's button, by the hooks of azure.yaml. */
const templates = ['main', 'trigger'] as const;

/** @throws Error with what the compiler says, warnings included */
function run(...args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(bicep, args, { cwd: infra, encoding: 'utf8' });
  if (error) throw new Error(`${bicep} cannot be run: install it with "az bicep install", or name it with BICEP`);
  if (status !== 0 || stderr.trim() !== '') throw new Error(stderr.trim() || `${bicep} ended with ${status}`);
}

/** The compiled text without the compiler's version and its hashes, which say nothing of the template. */
function contentOf(path: string): string {
  const withoutGenerator = (name: string, value: unknown): unknown => (name === '_generator' ? undefined : value);
  return JSON.stringify(JSON.parse(readFileSync(path, 'utf8')), withoutGenerator);
}

const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-'));
try {
  run('build', 'management-group.bicep', '--outfile', join(folder, 'management-group.json'));
  run('build-params', 'main.bicepparam', '--outfile', join(folder, 'parameters.json'));
  for (const name of templates) {
    run('lint', `${name}.bicep`);
    const committed = join(infra, `${name}.json`);
    if (process.argv.includes('--check')) {
      const fresh = join(folder, `${name}.json`);
      run('build', `${name}.bicep`, '--outfile', fresh);
      if (contentOf(fresh) !== contentOf(committed))
        throw new Error(`infra/${name}.json is stale: run "npm run infra"`);
    } else run('build', `${name}.bicep`, '--outfile', committed);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
