/** What Resource Graph answers, as Azure's own client sees it. */
import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { DefaultAzureCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { parseResourceId } from '../../../local/azure/ids.ts';
import type { SimulatedAzure } from '../../../local/azure/index.ts';
import { laggingView } from '../../../local/azure/lagging-view.ts';
import { ResourceStore } from '../../../local/azure/store.ts';
import { brokenEstate, ids } from '../../support/broken-estate.ts';
import { ask, type Json, start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

type Request = Omit<Parameters<ResourceGraphClient['resources']>[0], 'query'>;

async function query(azure: SimulatedAzure, text: string, request: Request = {}) {
  const { endpoint } = azure;
  const client = new ResourceGraphClient(new DefaultAzureCredential(), {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
    retryOptions: { maxRetries: 0 },
  });
  const answer = await client.resources({ query: text, ...request });
  return { ...answer, data: answer.data as Json[] };
}

const all = 'resources | project id, type | order by id asc';
const one = '22222222-2222-2222-2222-222222222222';
const other = ids.table.replaceAll(one, 'other');
const twoSubscriptions = [
  ...brokenEstate([]).resources,
  { id: other, name: 'rt-one', type: 'Microsoft.Network/routeTables', properties: {} },
];

describe('a query', () => {
  it('names types and ids without regard to case, and has the columns that it asks for', async () => {
    const azure = await start();
    const byType = await query(
      azure,
      "Resources | where type in~ ('Microsoft.Network/RouteTables', 'none') | project id, sku",
    );
    expect(byType.data).toEqual([{ id: ids.table, sku: null }]);
    const byId = await query(azure, `resources | where id in~ ('${ids.table.toUpperCase()}') | project name`);
    expect(byId.data).toEqual([{ name: 'rt-one' }]);
    const both = `resources | where type =~ 'microsoft.network/virtualnetworks' | where id =~ '${ids.table}'`;
    expect((await query(azure, both)).data).toEqual([]);
    expect((await query(azure, 'resources | where id in~ ()')).data).toEqual([]);
  });

  it('has types in lower case, and rule collection groups as resources', async () => {
    const { data } = await query(await start(), all);
    const types = data.map(({ type }) => String(type));
    expect(types).toEqual(types.map((type) => type.toLowerCase()));
    expect(types).toContain('microsoft.network/firewallpolicies/rulecollectiongroups');
  });

  it.each([
    'resources | summarize count() by type',
    "resources | where name == 'x'",
    "resources | where type in~ ('a'",
    'advisorresources',
    '',
  ])('that is not understood is refused: %s', async (text) => {
    const refused = query(await start(), text);
    await expect(refused).rejects.toMatchObject({ statusCode: 400, code: 'BadRequest' });
    await expect(refused).rejects.toThrow('Please provide below info when asking for support');
  });

  it('that is none at all is refused too', async () => {
    const azure = await start();
    const answer = await ask(azure, 'POST', '/providers/Microsoft.ResourceGraph/resources', ['none']);
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'BadRequest', details: [{ code: 'InvalidInput' }] } },
    });
  });
});

describe('pages', () => {
  it('are as long as asked for, and the next is had by the token of this one', async () => {
    const azure = await start();
    const whole = (await query(azure, all)).data;
    const read: Json[] = [];
    let skipToken: string | undefined;
    do {
      const page = await query(azure, all, { options: { top: 3, ...(skipToken && { skipToken }) } });
      expect(page.data.length).toBeLessThanOrEqual(3);
      expect([page.totalRecords, page.resultTruncated]).toEqual([whole.length, page.skipToken ? 'true' : 'false']);
      read.push(...page.data);
      skipToken = page.skipToken;
    } while (skipToken);
    expect(read).toEqual(whole);
  });

  it('are never longer than Azure gives them', async () => {
    const page = await query(await start({ pageSize: 2 }), all, { options: { top: 1000 } });
    expect(page.data).toHaveLength(2);
  });

  it('of another query are not had by the token', async () => {
    const azure = await start();
    const { skipToken } = await query(azure, all, { options: { top: 1 } });
    await expect(query(azure, 'resources', { options: { skipToken } })).rejects.toMatchObject({ statusCode: 400 });
    await expect(query(azure, all, { options: { skipToken: '3' } })).rejects.toMatchObject({ statusCode: 400 });
  });
});

describe('the scope', () => {
  it('is everything, or some subscriptions', async () => {
    const azure = await start({ resources: twoSubscriptions });
    const count = async (request: Request) => (await query(azure, all, request)).totalRecords;
    expect(await count({})).toBe(twoSubscriptions.length);
    expect(await count({ subscriptions: ['OTHER'] })).toBe(1);
    expect(await count({ subscriptions: ['other', one] })).toBe(twoSubscriptions.length);
    expect(await count({ subscriptions: ['nobody'] })).toBe(0);
  });

  it('is what is in some management groups', async () => {
    const azure = await start({
      resources: twoSubscriptions,
      managementGroups: { root: ['other', one], leaf: ['other'] },
    });
    const count = async (request: Request) => (await query(azure, all, request)).totalRecords;
    expect(await count({ managementGroups: ['Leaf'] })).toBe(1);
    expect(await count({ managementGroups: ['leaf', 'root'] })).toBe(twoSubscriptions.length);
    await expect(count({ managementGroups: ['none'] })).rejects.toMatchObject({
      statusCode: 403,
      code: 'AccessDenied',
    });
  });

  it('silently lacks what may not be seen', async () => {
    const azure = await start({ resources: twoSubscriptions });
    azure.faults.deny('/subscriptions/other');
    expect((await query(azure, all)).data.map(({ id }) => id)).not.toContain(other);
    azure.faults.clear();
    expect((await query(azure, all)).data.map(({ id }) => id)).toContain(other);
  });
});

describe('what it shows', () => {
  it('is older than the truth', async () => {
    const azure = await start({ graphLagMs: 3_600_000 });
    await ask(azure, 'DELETE', ids.table);
    expect((await ask(azure, 'GET', ids.table)).status).toBe(404);
    expect((await query(azure, all)).data.map(({ id }) => id)).toContain(ids.table);
  });

  it('is as old as the lag, however often things change meanwhile', () => {
    const store = new ResourceStore(brokenEstate([]).resources);
    let now = 0;
    const view = laggingView(store, 1_000, () => now);
    const seen: number[] = [];
    const route = parseResourceId(`${ids.table}/routes/counting`);
    for (; now <= 5_000; now += 20) {
      if (route) store.put(route, { properties: { now } });
      const table = view.read().find(({ id }) => id === ids.table) as { properties: { routes: Json[] } };
      const shown = table.properties.routes.find(({ name }) => name === 'counting')?.properties as
        | { now: number }
        | undefined;
      if (shown) seen.push(now - shown.now);
    }
    expect(seen.length).toBeGreaterThan(150);
    expect(Math.min(...seen)).toBeGreaterThan(900);
    expect(Math.max(...seen)).toBeLessThan(1_100);
    view.stop();
    now += 10_000;
    expect(store.listeners.size).toBe(0);
  });
});
