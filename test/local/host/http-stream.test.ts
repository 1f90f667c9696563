/** HTTP of an app that asks for streams: pieces travel as they come, in both directions. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../local/host/core.ts';
import { type Host, startHost } from '../../../local/host/index.ts';
import { appFolder, removeAppFolders } from './app-folder.ts';

const source = `
app.setup({ enableHttpStream: true });
const bytes = (text) => new TextEncoder().encode(text);
app.http('pieces', { route: 'pieces/{name}', methods: ['GET'], handler: async (request) => ({
  headers: { 'x-name': request.params.name, 'x-query': request.query.get('q'), 'x-own': request.headers.get('x-own') },
  body: new ReadableStream({ async start(controller) {
    controller.enqueue(bytes('first '));
    await new Promise((resolve) => { globalThis.goOn = resolve; });
    controller.enqueue(bytes('second'));
    controller.close();
  } }),
}) });
app.http('breaks', { methods: ['GET'], handler: async () => ({ body: new ReadableStream({ async start(controller) {
  controller.enqueue(bytes('first '));
  await new Promise((resolve) => { globalThis.goOn = resolve; });
  controller.error(new Error('in the middle'));
} }) }) });
app.http('upper', { methods: ['POST'], authLevel: 'function', handler: async (request) =>
  ({ status: 201, body: (await request.text()).toUpperCase(), cookies: [{ name: 'a', value: '1' }] }) });
app.http('fails', { methods: ['GET'], handler: async () => { throw new Error('at once'); } });
app.http('nothing', { methods: ['GET'], handler: async () => {} });
`;

let host: Host;
const log: LogLine[] = [];

function goOn(): void {
  (globalThis as unknown as { goOn: () => void }).goOn();
}

async function firstPiece(response: Response): Promise<ReadableStreamDefaultReader<Uint8Array>> {
  const reader = response.body?.getReader();
  if (!reader) throw new Error('the answer has no body');
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('first ');
  return reader;
}

beforeAll(async () => {
  host = await startHost({ root: await appFolder(source), onLog: (line) => log.push(line) });
});
afterAll(async () => {
  await host?.stop();
  removeAppFolders();
});

describe('with streams', () => {
  it('the first piece is here before there is a second', async () => {
    const response = await fetch(`${host.url}/api/pieces/kim?q=1`, { headers: { 'x-own': 'mine' } });
    const named = ['x-name', 'x-query', 'x-own'].map((name) => response.headers.get(name));
    expect([response.status, ...named]).toEqual([200, 'kim', '1', 'mine']);
    const reader = await firstPiece(response);
    goOn();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('second');
    expect((await reader.read()).done).toBe(true);
  });

  it('bodies, statuses, cookies and keys are as without', async () => {
    const post = (headers: Record<string, string>) =>
      fetch(`${host.url}/api/upper`, { method: 'POST', body: 'hello', headers });
    const response = await post({ 'x-functions-key': host.key });
    expect([response.status, await response.text()]).toEqual([201, 'HELLO']);
    expect(response.headers.getSetCookie()).toEqual(['a=1']);
    expect((await post({})).status).toBe(401);
  });

  it('what throws at once is a 500, what returns nothing a 204', async () => {
    expect((await fetch(`${host.url}/api/fails`)).status).toBe(500);
    expect(log.map(({ message }) => message)).toContain('Error: at once');
    expect((await fetch(`${host.url}/api/nothing`)).status).toBe(204);
  });

  it('what throws in the middle breaks the answer off and is logged', async () => {
    const reader = await firstPiece(await fetch(`${host.url}/api/breaks`));
    goOn();
    await expect(reader.read()).rejects.toThrow();
    await host.idle();
    expect(log.map(({ message }) => message)).toContain('Error: in the middle');
  });
});
