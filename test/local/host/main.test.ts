/** The local host as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { root } from '../../../local/watcher.ts';
import { appFolder, removeAppFolders } from './app-folder.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));
afterAll(removeAppFolders);

const source = `app.http('slow', { methods: ['GET'], authLevel: 'function', handler: async (_, context) => {
  context.info('slow was called');
  await new Promise((resolve) => setTimeout(resolve, 500));
  return { body: 'done ' + process.env.WHO };
} });`;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function run(...options: string[]) {
  const env = { PATH: process.env.PATH ?? '', WHO: 'Ada' };
  const started = spawn(process.execPath, [join(root, 'local/host/main.ts'), ...options], { env });
  child = started;
  let output = '';
  let errors = '';
  started.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    started.once('close', (code, signal) => resolve({ code, signal, output, errors }));
  });
  const ready = new Promise<{ url: string; key: string }>((resolve) => {
    started.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.endsWith('\n')) resolve(JSON.parse(output));
    });
  });
  return { started, ready, ended, errors: () => errors };
}

describe('the process', () => {
  it('says in one line that it is ready, logs elsewhere, and ends on SIGTERM when what runs is done', async () => {
    const folder = await appFolder(source);
    const { started, ready, ended, errors } = run(
      '--root',
      folder,
      '--entry',
      join(folder, 'dist/app.mjs'),
      '--port',
      '0',
    );
    const { url, key, ...more } = await ready;
    expect(more).toEqual({ ready: true });
    expect((await fetch(`${url}/api/slow`)).status).toBe(401);
    const answer = fetch(`${url}/api/slow?code=${key}`).then((response) => response.text());
    await expect.poll(errors, { timeout: 10_000 }).toContain('information slow: slow was called');
    started.kill('SIGTERM');
    expect(await answer).toBe('done Ada');
    const { code, output } = await ended;
    expect([code, output.trim().split('\n').length]).toEqual([0, 1]);
  });

  it('takes the key and the port that it is given', async () => {
    const { ready } = run('--root', await appFolder(source), '--key', 'the-key', '--port', '0');
    const { url, key } = await ready;
    expect(key).toBe('the-key');
    const { port } = new URL(url);
    child?.kill('SIGKILL');
    const second = await run('--root', await appFolder(source), '--port', port).ready;
    expect(second.url).toBe(url);
  });

  it('says on standard error why it does not start', async () => {
    const { ended } = run('--root', await appFolder("throw new Error('broken app');"));
    expect(await ended).toMatchObject({ code: 1, output: '', errors: 'broken app\n' });
  });
});
