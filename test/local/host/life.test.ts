/** From load to stop: kinds of apps, hooks, environment, and that nothing of a host is left in the process. */
import { createServer } from 'node:http';
import Module, { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../local/host/core.ts';
import { type Host, startHost } from '../../../local/host/index.ts';
import { appFolder, type Kind, removeAppFolders, seenBy } from './app-folder.ts';

const required = Object.getOwnPropertyDescriptor(Module.prototype, 'require');
const hosts: Host[] = [];

async function start(options: Parameters<typeof startHost>[0]): Promise<Host> {
  const host = await startHost(options);
  hosts.push(host);
  return host;
}
beforeEach(() => void hosts.splice(0));
afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop()));
  // Whatever a test did, it left the process as it was.
  expect(Object.getOwnPropertyDescriptor(Module.prototype, 'require')).toEqual(required);
  expect(() => createRequire(import.meta.url)('@azure/functions-core')).toThrow('Cannot find module');
});
afterAll(removeAppFolders);

async function textOf(host: Host, path = '/api/hello'): Promise<string> {
  return (await fetch(`${host.url}${path}`)).text();
}

const hello = "app.http('hello', { methods: ['GET'], handler: async () => ({ body: 'hello ' + process.env.WHO }) });";

describe('an app', () => {
  it.each<Kind>(['ES bundle', 'CommonJS bundle', 'TypeScript file', 'ES file', 'CommonJS file'])(
    'in an %s is loaded, and loaded again with other settings',
    async (kind) => {
      const root = await appFolder(
        kind === 'TypeScript file' ? `${hello} const typed: number = 1; void typed;` : hello,
        { kind },
      );
      for (const WHO of ['Ada', 'Grace']) {
        const host = await start({ root, environment: { WHO } });
        expect(await textOf(host)).toBe(`hello ${WHO}`);
        await host.stop();
      }
    },
  );

  it('may run beside another, and after it', async () => {
    const [one, two] = await Promise.all(
      ['one', 'two'].map(async (name) => {
        const root = await appFolder(
          `app.http('${name}', { methods: ['GET'], handler: async () => ({ body: '${name}' }) });`,
        );
        return start({ root });
      }),
    );
    if (!one || !two) throw new Error('two were started');
    expect([await textOf(one, '/api/one'), await textOf(two, '/api/two')]).toEqual(['one', 'two']);
    expect([one, two].map(({ functions }) => functions.map(({ name }) => name))).toEqual([['one'], ['two']]);
    await two.stop();
    expect(await textOf(one, '/api/one')).toBe('one');
  });

  it.each([
    ['nothing at all', '', 'registered no function'],
    [
      'a trigger of another kind',
      "app.cosmosDB('x', { connection: 'a', databaseName: 'b', containerName: 'c', handler: async () => {} });",
      'the function x has a cosmosDBTrigger',
    ],
    [
      'an input',
      "app.http('x', { handler: async () => ({}), extraInputs: [input.storageBlob({ path: 'a/b', connection: 'c' })] });",
      'the function x has the binding',
    ],
    [
      'another output',
      "app.http('x', { handler: async () => ({}), extraOutputs: [output.storageBlob({ path: 'a/b', connection: 'c' })] });",
      'the function x has the binding',
    ],
    ['an error', "throw new Error('broken app');", 'broken app'],
    ['a hook that fails', `${hello} app.hook.appStart(() => { throw new Error('broken start'); });`, 'broken start'],
  ])('with %s is refused, and leaves nothing behind', async (_, source, message) => {
    const root = await appFolder(source);
    await expect(start({ root, environment: { WHO: 'nobody' } })).rejects.toThrow(message);
    expect(process.env.WHO).toBeUndefined();
  });

  it('on a port that is taken is refused, and leaves nothing behind', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const root = await appFolder(hello);
    await expect(start({ root, port, environment: { WHO: 'nobody' } })).rejects.toThrow('EADDRINUSE');
    expect(process.env.WHO).toBeUndefined();
    other.close();
  });
});

describe('the environment', () => {
  it("is the app's while it runs, and as before when it has stopped", async () => {
    process.env.WHO = 'before';
    const host = await start({ root: await appFolder(hello), environment: { WHO: 'while', NEW: '1' } });
    expect([await textOf(host), process.env.NEW]).toEqual(['hello while', '1']);
    await host.stop();
    expect([process.env.WHO, process.env.NEW]).toEqual(['before', undefined]);
    delete process.env.WHO;
  });
});

describe('a request that is under way', () => {
  it('is answered before the host has stopped, and none after it', async () => {
    const source =
      "app.http('slow', { methods: ['GET'], handler: () => new Promise((resolve) => { seen.push({ resolve }); }) });";
    const root = await appFolder(source);
    const host = await start({ root });
    const answer = textOf(host, '/api/slow');
    await expect.poll(() => seenBy(root).length).toBe(1);
    const stopped = host.stop();
    (seenBy(root)[0] as { resolve: (answer: unknown) => void }).resolve({ body: 'done' });
    expect(await answer).toBe('done');
    await stopped;
    await expect(textOf(host, '/api/slow')).rejects.toThrow('fetch failed');
  });

  it('without end is broken off in the end', async () => {
    const source =
      "app.http('slow', { methods: ['GET'], handler: () => { seen.push({}); return new Promise(() => {}); } });";
    const root = await appFolder(source);
    const host = await start({ root, longestStopMs: 100 });
    const answer = expect(textOf(host, '/api/slow')).rejects.toThrow('fetch failed');
    await expect.poll(() => seenBy(root).length).toBe(1);
    await host.stop();
    await answer;
  });
});

describe('hooks', () => {
  const source = `
    const note = (what) => (context) => { seen.push({ what, own: { ...context.hookData } }); };
    app.hook.appStart((context) => { context.hookData.started = true; note('start')(context); });
    app.hook.preInvocation((context) => { context.hookData.order = ['pre 1']; });
    app.hook.preInvocation((context) => {
      context.hookData.order.push('pre 2');
      note('pre ' + context.invocationContext.functionName)(context);
      if (context.inputs[0].query?.has('replace')) {
        context.inputs = ['replaced input'];
        context.functionHandler = async (input) => ({ body: 'replaced function, ' + input });
      }
    });
    app.hook.postInvocation((context) => {
      note('post ' + (context.error?.message ?? context.result?.body))(context);
      if (context.error) { context.error = null; context.result = { status: 418, body: 'mended' }; }
      else if (context.result.body === 'spoil') context.error = new Error('spoilt');
    });
    app.hook.appTerminate(note('end'));
    app.http('hook', { methods: ['GET'], handler: async (request, context) => {
      seen.push({ trace: context.traceContext, retry: context.retryContext });
      if (request.query.has('fail')) throw new Error('on purpose');
      return { body: request.query.get('say') };
    } });`;

  it('see start, calls and end in order, and share what they keep', async () => {
    const root = await appFolder(source);
    const host = await start({ root });
    expect(await textOf(host, '/api/hook?say=hi')).toBe('hi');
    await host.stop();
    const app = { started: true };
    const call = { order: ['pre 1', 'pre 2'] };
    const traceParent = expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(seenBy(root)).toEqual([
      { what: 'start', own: app },
      { what: 'pre hook', own: call },
      { trace: { traceParent, traceState: '', attributes: {} }, retry: undefined },
      { what: 'post hi', own: call },
      { what: 'end', own: app },
    ]);
  });

  it('may change inputs, function, result and error', async () => {
    const log: LogLine[] = [];
    const host = await start({ root: await appFolder(source), onLog: (line) => log.push(line) });
    expect(await textOf(host, '/api/hook?replace')).toBe('replaced function, replaced input');
    const mended = await fetch(`${host.url}/api/hook?fail`);
    expect([mended.status, await mended.text()]).toEqual([418, 'mended']);
    expect(log).toEqual([]);
    expect((await fetch(`${host.url}/api/hook?say=spoil`)).status).toBe(500);
    expect(log.map(({ message }) => message)).toEqual(['Error: spoilt']);
  });

  it('of a name that the worker does not know stop the start', async () => {
    const root = await appFolder(`${hello} app.hook.log(() => {});`);
    await expect(start({ root })).rejects.toThrow('Log hooks require');
  });
});
