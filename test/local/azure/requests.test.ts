/** What holds for every request to Resource Manager: its version, its count, its share of what may be asked. */
import { describe, expect, it } from 'vitest';
import { ids } from '../../support/broken-estate.ts';
import { ask, codeOf, start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

describe('a request', () => {
  it('needs a version', async () => {
    const azure = await start();
    expect(codeOf(await ask(azure, 'GET', `${ids.table}?x=1`))).toEqual([400, 'MissingApiVersionParameter']);
  });

  it('is counted: its method, its path, its version and its status', async () => {
    const azure = await start();
    await ask(azure, 'GET', `${ids.table}-none`);
    await ask(azure, 'PUT', `${ids.table}/routes/x`, { properties: {} });
    await ask(azure, 'POST', '/providers/Microsoft.ResourceGraph/resources', { query: 'resources' });
    expect(azure.requests[0]).toEqual({
      method: 'GET',
      path: `${ids.table}-none`,
      apiVersion: '2024-05-01',
      status: 404,
    });
    expect([azure.requests.length, azure.reads()]).toEqual([3, 2]);
    azure.reset();
    expect([azure.requests.length, azure.reads()]).toEqual([0, 0]);
  });

  it('takes out of the bucket of its subscription, and is refused when that is empty', async () => {
    const azure = await start({ quota: { size: 3, perSecond: 0.01 } });
    const left: (string | null)[] = [];
    for (let read = 0; read < 3; read++) {
      left.push((await ask(azure, 'GET', ids.table)).headers.get('x-ms-ratelimit-remaining-subscription-reads'));
    }
    expect(left).toEqual(['2', '1', '0']);
    const refused = await ask(azure, 'GET', ids.table);
    expect(codeOf(refused)).toEqual([429, 'SubscriptionRequestsThrottled']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(90);
    // Writes have buckets of their own.
    expect((await ask(azure, 'PUT', `${ids.table}/routes/x`, { properties: {} })).status).toBe(201);
  });
});
