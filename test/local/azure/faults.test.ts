/** How the simulated Azure fails when it is told to. */
import { describe, expect, it } from 'vitest';
import type { SimulatedAzure } from '../../../local/azure/index.ts';
import { ids } from '../../support/broken-estate.ts';
import { type Answer, ask, codeOf, type Json, start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

const subscription = '/subscriptions/22222222-2222-2222-2222-222222222222';
const group = `${subscription}/resourceGroups/rg-net`;
const tables = `${subscription}/providers/Microsoft.Network/routeTables`;

function get(azure: SimulatedAzure, path: string = ids.table): Promise<Answer> {
  return ask(azure, 'GET', path);
}

/** Route tables beside the one of the estate. */
async function addTables(azure: SimulatedAzure, ...names: string[]): Promise<void> {
  for (const name of names) await ask(azure, 'PUT', ids.table.replace('rt-one', name), { properties: {} });
}

describe('a fault', () => {
  it('hits what it is meant for, as often as it is told', async () => {
    const azure = await start();
    azure.faults.add({ match: /^GET .*routeTables/i, kind: 'status', status: 503, times: 2 });
    const statuses = [];
    for (const path of [ids.network, ids.table, ids.table, ids.table]) statuses.push((await get(azure, path)).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  it('may be meant for whatever a function says', async () => {
    const azure = await start();
    azure.faults.add({ match: (method, path) => method === 'PUT' && path.includes('rt-one'), kind: 'status' });
    expect((await get(azure)).status).toBe(200);
    const put = await ask(azure, 'PUT', `${ids.table}/routes/x`, { properties: {} });
    expect(put.status).toBe(500);
    expect(azure.events.raised).toEqual([]);
    expect((await get(azure, `${ids.table}/routes/x`)).status).toBe(404);
  });

  it('is the same for the same seed, whatever the others do', async () => {
    const azure = await start();
    const statuses = async (): Promise<number[]> => {
      azure.faults.clear();
      azure.faults.add({ match: /networkSecurityGroups/, kind: 'status', probability: 0.5 });
      azure.faults.add({ match: /routeTables/, kind: 'status', probability: 0.5, seed: 7 });
      const found: number[] = [];
      for (let request = 0; request < 12; request++) {
        if (request % 3 === 0) await get(azure, ids.securityGroup);
        found.push((await get(azure)).status);
      }
      return found;
    };
    const first = await statuses();
    expect(new Set(first)).toEqual(new Set([200, 500]));
    expect(await statuses()).toEqual(first);
  });

  it('is over when it is cleared', async () => {
    const azure = await start();
    azure.faults.add({ match: /./, kind: 'status' });
    azure.faults.deny(group);
    azure.faults.clear();
    expect((await get(azure)).status).toBe(200);
  });
});

describe('each kind', () => {
  it('throttles with and without saying for how long', async () => {
    const azure = await start();
    azure.faults.add({ match: /./, kind: 'throttle', retryAfter: 17, times: 1 });
    azure.faults.add({ match: /./, kind: 'throttle', times: 1 });
    const [told, untold] = [await get(azure), await get(azure)];
    expect([told.status, told.headers.get('retry-after')]).toEqual([429, '17']);
    expect([untold.status, untold.headers.get('retry-after')]).toEqual([429, null]);
  });

  it('breaks the body off in the middle of what was asked for', async () => {
    const azure = await start();
    const whole = JSON.stringify((await get(azure)).body);
    azure.faults.add({ match: /routeTables/, kind: 'truncate' });
    const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = azure.environment;
    const signIn = await fetch(`${IDENTITY_ENDPOINT}?resource=${azure.endpoint}&api-version=2019-08-01`, {
      headers: { 'X-IDENTITY-HEADER': IDENTITY_HEADER },
    });
    const { access_token } = (await signIn.json()) as { access_token: string };
    const response = await fetch(`${azure.endpoint}${ids.table}?api-version=2024-05-01`, {
      headers: { Authorization: `Bearer ${access_token}` },
    });
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(whole.startsWith(text)).toBe(true);
    expect(text.length).toBe(Math.ceil(whole.length / 2));
  });

  it('cuts the connection', async () => {
    const azure = await start();
    azure.faults.add({ match: /./, kind: 'reset' });
    await expect(get(azure)).rejects.toThrow('fetch failed');
  });

  it('does not answer in time', async () => {
    const azure = await start();
    azure.faults.add({ match: /./, kind: 'timeout', milliseconds: 30 });
    expect(codeOf(await get(azure))).toEqual([504, 'GatewayTimeout']);
  });

  it('gives half a list, whose next page is answered with 500', async () => {
    const azure = await start();
    await addTables(azure, 'a', 'b', 'c');
    azure.faults.add({ match: /routeTables\?/, kind: 'halfPage' });
    const { body } = await get(azure, tables);
    expect((body.value as Json[]).map(({ name }) => name)).toEqual(['a', 'b']);
    const next = await get(azure, String(body.nextLink).replace(azure.endpoint, ''));
    expect(next.status).toBe(500);
  });

  it('gives half a page of Resource Graph, whose next page is answered with 500', async () => {
    const azure = await start();
    azure.faults.add({ match: /ResourceGraph/, kind: 'halfPage', times: 1 });
    const path = '/providers/Microsoft.ResourceGraph/resources';
    const { body } = await ask(azure, 'POST', path, { query: 'resources' });
    expect((body.data as Json[]).length).toBe(Math.floor(azure.store.all().length / 2));
    const options = { $skipToken: body.$skipToken };
    expect((await ask(azure, 'POST', path, { query: 'resources', options })).status).toBe(500);
  });

  it('plants a link to elsewhere', async () => {
    const azure = await start();
    azure.faults.add({ match: /routeTables\?/, kind: 'link', link: 'https://elsewhere.example/next' });
    const { body } = await get(azure, tables);
    expect([(body.value as Json[]).length, body.nextLink]).toEqual([1, 'https://elsewhere.example/next']);
  });
});

describe('a right that is taken away', () => {
  it.each([
    ['of the resource', ids.table],
    ['of its group', group.toUpperCase()],
    ['of its subscription', subscription],
  ])('%s is told with the action and the scope that it is about', async (_what, scope) => {
    const azure = await start();
    azure.faults.deny(scope);
    const answer = await get(azure, `${ids.table}/routes/default`);
    expect(codeOf(answer)).toEqual([403, 'AuthorizationFailed']);
    expect(JSON.stringify(answer.body)).toContain(
      `perform action 'Microsoft.Network/routeTables/routes/read' over scope '${ids.table}/routes/default'`,
    );
  });

  it('takes the resource out of lists, and leaves its neighbours', async () => {
    const azure = await start();
    await addTables(azure, 'a', 'rt-one-more');
    azure.faults.deny(ids.table);
    const { body } = await get(azure, tables);
    expect((body.value as Json[]).map(({ name }) => name)).toEqual(['a', 'rt-one-more']);
    expect((await get(azure, ids.table.replace('rt-one', 'rt-one-more'))).status).toBe(200);
  });
});
