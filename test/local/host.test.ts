/** The local host, with an app that is written for it: what the real host promises of keys, queues, timers and bodies. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QueueServiceClient } from '@azure/storage-queue';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Host, startHost } from '../../local/host/index.ts';
import { type LocalStorage, startStorage } from '../../local/storage.ts';
import { root } from '../../local/watcher.ts';

const app = `
import { app } from '@azure/functions';
const seen = (globalThis.hostTest ??= { queue: [], timer: [] });
app.http('echo', { route: 'echo/{name}/{rest?}', methods: ['GET', 'POST'], authLevel: 'function', handler: async (request, context) => {
  context.info('echo was called');
  return { status: 201, headers: { 'x-name': request.params.name }, jsonBody: { query: request.query.get('q'), body: await request.text(), invocation: context.invocationId } };
} });
app.http('open', { methods: ['GET'], authLevel: 'anonymous', handler: async () => ({ body: 'open' }) });
app.http('broken', { methods: ['GET'], authLevel: 'anonymous', handler: async () => { throw new Error('on purpose'); } });
app.storageQueue('work', { queueName: 'work', connection: 'AzureWebJobsStorage', handler: async (message, context) => {
  seen.queue.push({ message, count: context.triggerMetadata.dequeueCount });
  if (message.fail) throw new Error('on purpose');
} });
app.timer('tick', { schedule: '0 0 0 1 1 *', handler: async (timer) => { seen.timer.push(timer); } });
app.eventGrid('onEvent', { handler: async () => {} });
`;

interface Seen {
  readonly queue: { readonly message: unknown; readonly count: number }[];
  readonly timer: { readonly isPastDue: boolean }[];
}

let folder: string;
let storage: LocalStorage;
let host: Host;
const log: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-host-'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main: 'dist/app.js' }));
  const queues = { visibilityTimeout: '00:00:01', maxDequeueCount: 2, batchSize: 4 };
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0', extensions: { queues } }));
  await build({
    stdin: { contents: app, resolveDir: root, loader: 'js' },
    outfile: join(folder, 'dist/app.js'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: ['@azure/functions-core'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  storage = await startStorage();
  host = await startHost({
    root: folder,
    environment: { AzureWebJobsStorage: storage.connectionString },
    onLog: ({ level, function: name, message }) => log.push(`${level} ${name} ${message}`),
  });
});
afterAll(async () => {
  await host?.stop();
  await storage?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const seen = (): Seen => (globalThis as unknown as { hostTest: Seen }).hostTest;

describe('HTTP', () => {
  it('has route parameters, query, headers and bodies, and the status that the function gave', async () => {
    const response = await fetch(`${host.url}/api/echo/kim?q=1&code=${host.key}`, { method: 'POST', body: 'hello' });
    expect([response.status, response.headers.get('x-name')]).toEqual([201, 'kim']);
    expect(await response.json()).toMatchObject({
      query: '1',
      body: 'hello',
      invocation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(log).toContain('information echo echo was called');
  });

  it('takes the key from the header too, and refuses others', async () => {
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${host.url}/api/echo/x`, { headers })).status;
    expect([
      await status({ 'x-functions-key': host.key }),
      await status({ 'x-functions-key': 'no' }),
      await status({}),
    ]).toEqual([201, 401, 401]);
    expect((await fetch(`${host.url}/api/open`)).status).toBe(200);
  });

  it('answers 500 without the reason, which is logged, and 404 for what is not there', async () => {
    const broken = await fetch(`${host.url}/api/broken`);
    expect([broken.status, await broken.text()]).toEqual([500, '']);
    expect(log).toContain('error broken Error: on purpose');
    expect((await fetch(`${host.url}/api/nothing`)).status).toBe(404);
    expect(
      (await fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=nothing`, { method: 'POST' })).status,
    ).toBe(404);
  });
});

describe('queues', () => {
  it('give JSON as an object, and a message that fails again, then to the poison queue as it was', async () => {
    const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('work');
    const encode = (message: unknown): string => Buffer.from(JSON.stringify(message)).toString('base64');
    await queue.sendMessage(encode({ good: 'one' }));
    await queue.sendMessage(encode({ fail: true }));
    const poison = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('work-poison');
    await expect
      .poll(async () => (await poison.peekMessages().catch(() => undefined))?.peekedMessageItems.length, {
        timeout: 10_000,
      })
      .toBe(1);
    const [message] = (await poison.peekMessages()).peekedMessageItems;
    expect(message?.messageText).toBe(encode({ fail: true }));
    expect(seen().queue.filter(({ message: each }) => (each as { good?: string }).good === 'one')).toEqual([
      { message: { good: 'one' }, count: 1 },
    ]);
    expect(
      seen()
        .queue.filter(({ message: each }) => (each as { fail?: boolean }).fail === true)
        .map(({ count }) => count),
    ).toEqual([1, 2]);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
  });
});

describe('timers', () => {
  it('run when they are asked to, with what the real host tells them', async () => {
    await host.invokeTimer('tick');
    expect(seen().timer).toMatchObject([{ isPastDue: false, scheduleStatus: { next: expect.any(String) } }]);
    await expect(host.invokeTimer('none')).rejects.toThrow('no timer function');
  });
});

describe('an app that cannot start', () => {
  it('says every setting that is wrong, at once, and leaves the environment as it was', async () => {
    const start = startHost({
      root,
      environment: { AzureWebJobsStorage: '', TUNNELWATCH_SETTLE_SECONDS: 'soon', TUNNELWATCH_CLOUD: 'Moon' },
    });
    await expect(start).rejects.toThrow(/AzureWebJobsStorage[\s\S]*TUNNELWATCH_/);
    await expect(start).rejects.toThrow(/TUNNELWATCH_CLOUD/);
    await expect(start).rejects.toThrow(/TUNNELWATCH_SETTLE_SECONDS/);
    expect(process.env.TUNNELWATCH_CLOUD).toBeUndefined();
  });
});
