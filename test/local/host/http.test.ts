/** HTTP of the local host: routes, keys, bodies, cookies and streams as the real host has them. */
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../local/host/core.ts';
import { type Host, startHost } from '../../../local/host/index.ts';
import { appFolder, removeAppFolders } from './app-folder.ts';

const source = `
const open = (name, route, more) => app.http(name, { route, methods: ['GET'], handler: async (request) =>
  ({ jsonBody: { name, params: request.params } }), ...more });
open('any', 'things/{id}');
open('number', 'things/{id:int}');
open('fixed', 'things/new');
open('rest', 'files/{*path}');
open('maybe', 'reports/{year}/{month?}');
open('noRoute');
open('own', 'key/function', { authLevel: 'function' });
open('admin', 'key/admin', { authLevel: 'admin' });
app.http('query', { methods: ['GET'], handler: async ({ query }) => ({ jsonBody: [...query] }) });
app.http('echo', { methods: ['PUT'], handler: async (request) => ({
  body: new Uint8Array(await request.arrayBuffer()), headers: { 'x-type': request.headers.get('content-type') } }) });
app.http('nothing', { methods: ['GET'], handler: async () => {} });
app.http('cookies', { methods: ['GET'], handler: async () => ({ status: 202, cookies: [
  { name: 'a', value: '1', path: '/x', httpOnly: true, sameSite: 'Strict', maxAge: 60 }, { name: 'b', value: '2' }] }) });
app.http('stream', { methods: ['GET'], handler: async () => ({ body: new ReadableStream({ start(controller) {
  for (const part of ['one ', 'two ', 'three']) controller.enqueue(new TextEncoder().encode(part));
  controller.close(); } }) }) });
app.http('log', { methods: ['GET'], handler: async (_, context) => {
  context.log('log'); context.trace('trace'); context.debug('debug'); context.info('info %d', 1); context.warn('warn'); context.error('error');
  return { body: context.invocationId }; } });
app.http('fails', { methods: ['GET'], handler: async () => { throw new TypeError('on purpose'); } });
`;

let host: Host;
const log: LogLine[] = [];

beforeAll(async () => {
  host = await startHost({ root: await appFolder(source), key: 'the-key', onLog: (line) => log.push(line) });
});
afterAll(async () => {
  await host?.stop();
  removeAppFolders();
});

async function get(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${host.url}${path}`, init);
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text };
}

describe('a route', () => {
  it.each([
    ['/api/things/new', 'fixed', {}],
    ['/api/things/12', 'number', { id: '12' }],
    ['/api/things/12a', 'any', { id: '12a' }],
    ['/api/things/a%20b%2Fc', 'any', { id: 'a b/c' }],
    ['/API/Things/NEW', 'fixed', {}],
    ['/api/things/new/', 'fixed', {}],
    ['/api/files/a/b/c.txt', 'rest', { path: 'a/b/c.txt' }],
    ['/api/files', 'rest', {}],
    ['/api/reports/2026', 'maybe', { year: '2026' }],
    ['/api/reports/2026/11', 'maybe', { year: '2026', month: '11' }],
    ['/api/noRoute', 'noRoute', {}],
  ])('%s leads to %s', async (path, name, params) => {
    expect(await get(path)).toEqual({ status: 200, body: { name, params } });
  });

  it.each(['/api/things', '/api/reports/2026/11/3', '/things/new', '/api', '/', '/api/thingsXnew'])(
    '%s leads nowhere',
    async (path) => {
      expect((await get(path)).status).toBe(404);
    },
  );

  it('takes no other method than its own', async () => {
    for (const method of ['POST', 'DELETE', 'HEAD', 'OPTIONS'])
      expect([method, (await get('/api/things/new', { method })).status]).toEqual([method, 404]);
  });

  it('stands below the prefix of host.json', async () => {
    const only = "app.http('one', { route: 'here', methods: ['GET'], handler: async () => ({ body: 'here' }) });";
    for (const [routePrefix, path] of [
      ['v1/x', '/v1/x/here'],
      ['', '/here'],
    ]) {
      const other = await startHost({ root: await appFolder(only, { extensions: { http: { routePrefix } } }) });
      expect(other.functions).toMatchObject([{ path, route: 'here', methods: ['GET'], authLevel: 'anonymous' }]);
      expect((await fetch(`${other.url}${path}`)).status).toBe(200);
      expect((await fetch(`${other.url}/api/here`)).status).toBe(404);
      await other.stop();
    }
  });

  it('that this host does not know is refused at the start', async () => {
    for (const route of ['a/{id:regex(x)}', 'a/{id:float}', 'a-{id}']) {
      const root = await appFolder(`app.http('one', { route: '${route}', handler: async () => ({}) });`);
      await expect(startHost({ root }), route).rejects.toThrow('does not know');
    }
  });
});

describe('a key', () => {
  it.each(['/api/key/function', '/api/key/admin'])('is asked for at %s', async (path) => {
    const statuses = [
      await get(path),
      await get(`${path}?code=the-ke`),
      await get(`${path}?code=`),
      await get(path, { headers: { 'x-functions-key': 'the-key2' } }),
      await get(`${path}?code=the-key`),
      await get(path, { headers: { 'x-functions-key': 'the-key' } }),
    ].map(({ status }) => status);
    expect(statuses).toEqual([401, 401, 401, 401, 200, 200]);
  });

  it('that is made up is another at each start', async () => {
    const root = await appFolder("app.http('one', { handler: async () => ({}) });");
    const keys: string[] = [];
    for (let start = 0; start < 2; start++) {
      const other = await startHost({ root });
      keys.push(other.key);
      await other.stop();
    }
    expect(new Set(keys).size).toBe(2);
    for (const key of keys) expect(key.length).toBeGreaterThanOrEqual(32);
  });
});

describe('a request', () => {
  it('has one value for a name of the query that stands twice, as in the real host', async () => {
    expect((await get('/api/query?a=1&b=&a=2')).body).toEqual([
      ['a', '1,2'],
      ['b', ''],
    ]);
  });

  it('carries bytes there and back unchanged', async () => {
    const bytes = new Uint8Array(70_000).map((_, index) => index % 256);
    const response = await fetch(`${host.url}/api/echo`, {
      method: 'PUT',
      body: bytes,
      headers: { 'content-type': 'x/y' },
    });
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('x-type')).toBe('x/y');
  });

  it('of more than 100 MB is refused before it is read', async () => {
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-length': String(100 * 1024 * 1024 + 1) };
      const sent = request(`${host.url}/api/echo`, { method: 'PUT', headers }, (response) => {
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.once('error', reject);
      sent.flushHeaders();
    });
    expect(status).toBe(413);
  });
});

describe('an answer', () => {
  it('is 204 where the function returns nothing, and 500 without a word where it throws', async () => {
    expect(await get('/api/nothing')).toEqual({ status: 204, body: '' });
    expect(await get('/api/fails')).toEqual({ status: 500, body: '' });
    expect(log).toContainEqual({
      level: 'error',
      function: 'fails',
      invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      message: 'TypeError: on purpose',
    });
  });

  it('sets its cookies', async () => {
    const response = await fetch(`${host.url}/api/cookies`);
    expect(response.status).toBe(202);
    const [first, second, ...more] = response.headers.getSetCookie().map((cookie) => cookie.split('; ').toSorted());
    expect(first).toEqual(['HttpOnly', 'Max-Age=60', 'Path=/x', 'SameSite=Strict', 'a=1']);
    expect(second).toEqual(['b=2']);
    expect(more).toEqual([]);
  });

  it('comes whole where it is a stream that nobody asked for', async () => {
    expect((await get('/api/stream')).body).toBe('one two three');
  });

  it('comes after what the function logged, at its levels and under its invocation', async () => {
    const { body } = await get('/api/log');
    const lines = log.filter(({ invocationId }) => invocationId === body);
    expect(new Set(lines.map(({ function: name }) => name))).toEqual(new Set(['log']));
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      'information log',
      'trace trace',
      'debug debug',
      'information info 1',
      'warning warn',
      'error error',
    ]);
  });
});
