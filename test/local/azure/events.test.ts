/** What Event Grid tells of changes: one event each, in the real envelope. */
import { afterEach, describe, expect, it } from 'vitest';
import { parseEvents } from '../../../lib/events/parse.ts';
import { madeUpPrincipal } from '../../../local/azure/events.ts';
import { ids } from '../../support/broken-estate.ts';
import { ask, type Json, start, trustSimulatedAzure } from './started.ts';
import { stopSubscribers, subscriber } from './subscriber.ts';

trustSimulatedAzure();
afterEach(stopSubscribers);

const operations = [
  ['PUT', `${ids.table}/routes/x`, 'Write', 'Microsoft.Network/routeTables/routes/write'],
  ['PUT', ids.table, 'Write', 'Microsoft.Network/routeTables/write'],
  ['PUT', ids.subnet, 'Write', 'Microsoft.Network/virtualNetworks/subnets/write'],
  ['PATCH', ids.service, 'Write', 'Microsoft.ApiManagement/service/write'],
  ['DELETE', `${ids.table}/routes/default`, 'Delete', 'Microsoft.Network/routeTables/routes/delete'],
  ['DELETE', ids.firewall, 'Delete', 'Microsoft.Network/azureFirewalls/delete'],
  [
    'POST',
    `${ids.service}/applynetworkconfigurationupdates`,
    'Action',
    'Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action',
  ],
] as const;

describe('an event', () => {
  it.each(operations)('of %s %s is one, named as in Azure', async (method, path, kind, operationName) => {
    const azure = await start();
    const told: Json[] = [];
    await azure.events.subscribe({ endpoint: async (event) => void told.push(event) });
    await ask(azure, method, path, method === 'DELETE' ? undefined : { properties: {} });
    await azure.events.idle();
    const id = kind === 'Action' ? ids.service : path;
    expect(told).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        eventType: `Microsoft.Resources.Resource${kind}Success`,
        subject: id,
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/),
        topic: '/subscriptions/22222222-2222-2222-2222-222222222222',
        data: expect.objectContaining({ operationName, resourceUri: id, status: 'Succeeded' }),
        dataVersion: '2',
        metadataVersion: '1',
      },
    ]);
    const [{ data } = { data: {} }] = told as { data: Json }[];
    expect(data).toMatchObject({
      authorization: { scope: id, action: operationName, evidence: { principalType: 'User' } },
      resourceProvider: operationName.split('/')[0],
      correlationId: expect.any(String),
      tenantId: expect.any(String),
    });
    // Azure tells of the request only where it was no write.
    expect('httpRequest' in data).toBe(kind !== 'Write');
  });

  it('is not of what was read or refused', async () => {
    const azure = await start();
    await ask(azure, 'GET', ids.table);
    await ask(azure, 'POST', '/providers/Microsoft.ResourceGraph/resources', { query: 'resources' });
    await ask(azure, 'DELETE', `${ids.table}/routes/none`);
    expect(azure.events.raised).toEqual([]);
  });

  it('holds the canary in its claims, under addresses as names and inside of texts', async () => {
    const azure = await start({ canary: 'canary-1' });
    await ask(azure, 'DELETE', ids.table);
    const [event] = azure.events.raised;
    const claims = event?.data.claims as Record<string, string>;
    expect(claims['http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn']).toContain('canary-1');
    expect(JSON.stringify(JSON.parse(claims._claim_sources ?? ''))).toContain('canary-1');
    expect(JSON.stringify(event?.data.httpRequest)).toContain('canary-1');
  });

  it('is told by Resource Notifications with the resource in it, where that is subscribed to', async () => {
    const azure = await start();
    const told: Json[] = [];
    const accepts = (type: string): boolean => type.startsWith('Microsoft.ResourceNotifications.');
    await azure.events.subscribe({ endpoint: async (event) => void told.push(event), accepts });
    const properties = { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' };
    await ask(azure, 'PUT', `${ids.table}/routes/x`, { properties });
    await azure.events.idle();
    await ask(azure, 'DELETE', `${ids.table}/routes/x`);
    await ask(azure, 'POST', `${ids.service}/applynetworkconfigurationupdates`, {});
    await azure.events.idle();
    expect(told).toMatchObject([
      {
        eventType: 'Microsoft.ResourceNotifications.Resources.CreatedOrUpdated',
        data: { resourceInfo: { id: `${ids.table}/routes/x`, name: 'x', properties }, apiVersion: expect.any(String) },
      },
      { eventType: 'Microsoft.ResourceNotifications.Resources.Deleted' },
    ]);
    const [, deleted] = told as { data: { resourceInfo: Json } }[];
    expect(Object.keys(deleted?.data.resourceInfo ?? {}).sort()).toEqual(['id', 'name', 'type']);
  });

  it.each(['EventGridSchema', 'CloudEventSchemaV1_0'] as const)(
    'in the %s is understood by the watcher',
    async (schema) => {
      const azure = await start();
      const { url, deliveries } = await subscriber();
      await azure.events.subscribe({ endpoint: url, schema });
      await ask(azure, 'DELETE', `${ids.table}/routes/default`);
      await azure.events.idle();
      const change = {
        eventId: azure.events.raised[0]?.id,
        resourceId: `${ids.table}/routes/default`,
        operation: 'Microsoft.Network/routeTables/routes/delete',
        kind: 'delete',
        principal: { id: madeUpPrincipal.principalId, type: 'User' },
      };
      expect(await parseEvents(deliveries[0]?.body)).toMatchObject([{ kind: 'change', change }]);
    },
  );
});
