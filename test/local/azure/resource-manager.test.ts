/** What Resource Manager does with resources, as Azure's own client and anybody with a token see it. */
import { NetworkManagementClient } from '@azure/arm-network';
import { DefaultAzureCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import type { SimulatedAzure } from '../../../local/azure/index.ts';
import { readResources } from '../../../local/watcher.ts';
import { brokenEstate, ids } from '../../support/broken-estate.ts';
import { ask, codeOf, type Json, start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

const subscription = '22222222-2222-2222-2222-222222222222';
const group = `/subscriptions/${subscription}/resourceGroups/rg-net`;
const network = `${group}/providers/Microsoft.Network`;

function client(azure: SimulatedAzure): NetworkManagementClient {
  const { endpoint } = azure;
  return new NetworkManagementClient(new DefaultAzureCredential(), subscription, {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
  });
}

describe('what is absent', () => {
  it.each([
    ['a resource', `${network}/routeTables/none`, 'ResourceNotFound'],
    ['a child of it', `${network}/routeTables/none/routes/r`, 'ResourceNotFound'],
    ['a child of one that is there', `${ids.table}/routes/none`, 'NotFound'],
    ['a rule collection group', `${ids.policy}/ruleCollectionGroups/none`, 'NotFound'],
    ['a list of children', `${network}/virtualNetworks/none/subnets`, 'ResourceNotFound'],
    [
      'a group',
      `${group.replace('rg-net', 'none')}/providers/Microsoft.Network/routeTables/rt-one`,
      'ResourceGroupNotFound',
    ],
    [
      'a list of a group',
      `${group.replace('rg-net', 'none')}/providers/Microsoft.Network/routeTables`,
      'ResourceGroupNotFound',
    ],
    ['a subscription', '/subscriptions/none/providers/Microsoft.Network/routeTables', 'SubscriptionNotFound'],
  ])('is told of %s in the words of Azure', async (_what, path, code) => {
    expect(codeOf(await ask(await start(), 'GET', path))).toEqual([404, code]);
  });

  it('names the resource and its group', async () => {
    const { body } = await ask(await start(), 'GET', `${network}/routeTables/none/routes/r`);
    expect(body).toEqual({
      error: {
        code: 'ResourceNotFound',
        message:
          "The Resource 'Microsoft.Network/routeTables/none' under resource group 'rg-net' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
      },
    });
  });

  it('is deleted without an error and without an event', async () => {
    const azure = await start();
    expect((await ask(azure, 'DELETE', `${network}/routeTables/none`)).status).toBe(204);
    expect((await ask(azure, 'DELETE', `${ids.table}/routes/none`)).status).toBe(204);
    expect(azure.events.raised).toEqual([]);
  });

  it('holds no children', async () => {
    const azure = await start();
    const body = { properties: { addressPrefix: '10.0.0.0/8', nextHopType: 'None' } };
    const answer = await ask(azure, 'PUT', `${network}/routeTables/none/routes/r`, body);
    expect(codeOf(answer)).toEqual([404, 'ParentResourceNotFound']);
    expect(azure.events.raised).toEqual([]);
  });

  it('does not take its group and its subscription along', async () => {
    const azure = await start();
    for (const { id } of azure.store.all()) await ask(azure, 'DELETE', String(id));
    expect(codeOf(await ask(azure, 'GET', ids.table))).toEqual([404, 'ResourceNotFound']);
    expect(
      (await ask(azure, 'GET', `/subscriptions/${subscription}/providers/Microsoft.Network/routeTables`)).body,
    ).toEqual({
      value: [],
    });
  });
});

describe('what is there', () => {
  it.each([
    ['a resource', ids.table],
    ['a route', `${ids.table}/routes/default`],
    ['a subnet', ids.subnet],
    ['a rule', `${ids.securityGroup}/securityRules/management`],
    ['a service', ids.service],
  ])('is found however its id is spelled: %s', async (_what, id) => {
    const azure = await start();
    const [spelled, shouted] = await Promise.all([
      ask(azure, 'GET', id),
      ask(azure, 'GET', id.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions')),
    ]);
    expect([spelled.status, shouted.status]).toEqual([200, 200]);
    expect(shouted.body).toEqual(spelled.body);
  });

  it('is read child by child: subnets, peerings, rules, rule collection groups, hub connections', async () => {
    const peering = { name: 'to-hub', properties: { useRemoteGateways: true } };
    const child = (parent: string, type: string, name: string): Json => ({
      id: `${network}/${parent}/${name}`,
      name,
      type: `Microsoft.Network/${type}`,
      properties: { name },
    });
    const azure = await start({
      resources: [
        ...brokenEstate([]).resources.map((resource) =>
          resource.id === ids.network
            ? { ...resource, properties: { ...(resource.properties as Json), virtualNetworkPeerings: [peering] } }
            : resource,
        ),
        child('firewallPolicies/fwp-one/ruleCollectionGroups', 'firewallPolicies/ruleCollectionGroups', 'g'),
        child('virtualHubs', 'virtualHubs', 'hub'),
        child('virtualHubs/hub/hubVirtualNetworkConnections', 'virtualHubs/hubVirtualNetworkConnections', 'c'),
        child('ipGroups', 'ipGroups', 'i'),
      ],
    });
    const azureNetwork = client(azure);
    expect((await azureNetwork.virtualNetworkPeerings.get('rg-net', 'vnet-one', 'to-hub')).useRemoteGateways).toBe(
      true,
    );
    expect((await azureNetwork.firewallPolicyRuleCollectionGroups.get('rg-net', 'fwp-one', 'g')).name).toBe('g');
    expect((await azureNetwork.hubVirtualNetworkConnections.get('rg-net', 'hub', 'c')).name).toBe('c');
    expect((await azureNetwork.ipGroups.get('rg-net', 'i')).name).toBe('i');
    const names: (string | undefined)[] = [];
    for await (const { name } of azureNetwork.subnets.list('rg-net', 'vnet-one')) names.push(name);
    for await (const { name } of azureNetwork.virtualNetworkPeerings.list('rg-net', 'vnet-one')) names.push(name);
    for await (const { name } of azureNetwork.routeTables.list('rg-net')) names.push(name);
    expect(names).toEqual(['apim', 'to-hub', 'rt-one']);
  });

  it('has types as its id spells them, also out of an export of Resource Graph', async () => {
    const azure = await start({ resources: readResources('samples/estate.json') });
    const table = azure.store.all().find(({ id }) => String(id).includes('/routeTables/'));
    expect((await ask(azure, 'GET', String(table?.id))).body.type).toBe('Microsoft.Network/routeTables');
  });
});

describe('a change', () => {
  it('of a parent replaces what is inline in it, and its children have its ids', async () => {
    const azure = await start();
    const azureNetwork = client(azure);
    const subnet = await azureNetwork.subnets.get('rg-net', 'vnet-one', 'apim');
    expect(subnet.serviceEndpoints).toHaveLength(4);
    // As a pipeline does that knows of the prefix alone.
    await azureNetwork.virtualNetworks.createOrUpdate('rg-net', 'vnet-one', {
      location: 'westeurope',
      addressSpace: { addressPrefixes: ['10.1.0.0/16'] },
      subnets: [{ name: 'apim', id: `${network}/virtualNetworks/other/subnets/apim`, addressPrefix: '10.1.0.0/24' }],
    });
    const { body } = await ask(azure, 'GET', ids.subnet);
    expect(body).toMatchObject({ id: ids.subnet, properties: { addressPrefix: '10.1.0.0/24' } });
    expect(Object.keys(body.properties as Json).sort()).toEqual(['addressPrefix', 'provisioningState']);
    expect(azure.events.raised.map(({ type, data }) => [type, data.operationName ?? ''])).toEqual([
      ['Microsoft.Resources.ResourceWriteSuccess', 'Microsoft.Network/virtualNetworks/write'],
      ['Microsoft.ResourceNotifications.Resources.CreatedOrUpdated', ''],
    ]);
  });

  it('of a child changes its parent, and the ETags of both', async () => {
    const azure = await start();
    const etags = async (): Promise<unknown[]> =>
      Promise.all([ids.table, `${ids.table}/routes/x`].map(async (id) => (await ask(azure, 'GET', id)).body.etag));
    const route = { properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' } };
    const path = `${ids.table}/routes/x`;
    expect((await ask(azure, 'PUT', path, route)).status).toBe(201);
    const first = await etags();
    expect((await ask(azure, 'PUT', path, route)).status).toBe(200);
    const second = await etags();
    expect(new Set([...first, ...second]).size).toBe(4);
    const { properties } = (await ask(azure, 'GET', ids.table)).body as { properties: { routes: Json[] } };
    expect(properties.routes.map(({ name }) => name)).toContain('x');
  });

  it('keeps the spelling that a resource was created with', async () => {
    const azure = await start();
    await ask(azure, 'PUT', ids.table.toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'), {
      properties: { routes: [] },
    });
    expect((await ask(azure, 'GET', ids.table)).body).toMatchObject({ id: ids.table, name: 'rt-one' });
  });

  it('by PATCH is of tags in the network, and of properties in API Management', async () => {
    const azure = await start();
    const patch = { tags: { by: 'test' }, properties: { routes: [], virtualNetworkType: 'Internal' } };
    await ask(azure, 'PATCH', ids.table, patch);
    const table = (await ask(azure, 'GET', ids.table)).body as { tags: Json; properties: { routes: Json[] } };
    expect([table.tags, table.properties.routes.length > 0]).toEqual([patch.tags, true]);
    await ask(azure, 'PATCH', ids.service, { properties: { virtualNetworkType: 'Internal' } });
    expect((await ask(azure, 'GET', ids.service)).body).toMatchObject({
      sku: { name: 'Premium' },
      properties: { virtualNetworkType: 'Internal', platformVersion: 'stv2' },
    });
    expect(codeOf(await ask(azure, 'PATCH', `${network}/routeTables/none`, {}))).toEqual([404, 'ResourceNotFound']);
  });

  it('is waited for by the client, while it is Updating', async () => {
    const azure = await start({ updatingMs: 100 });
    const waiting = client(azure).routes.createOrUpdate(
      'rg-net',
      'rt-one',
      'x',
      {
        addressPrefix: '10.9.0.0/16',
        nextHopType: 'VnetLocal',
      },
      { updateIntervalInMs: 20 },
    );
    expect((await waiting).provisioningState).toBe('Succeeded');
    const asked = azure.requests.filter(({ path }) => path.endsWith('/routes/x'));
    expect(asked.filter(({ method }) => method === 'GET').length).toBeGreaterThan(0);
  });

  it('is refused where the body is none', async () => {
    const azure = await start();
    expect(codeOf(await ask(azure, 'PUT', ids.table, ['no', 'resource']))).toEqual([400, 'InvalidRequestContent']);
    expect(azure.events.raised).toEqual([]);
  });
});
