/** The simulated Azure is only worth something if it does what Azure does: Azure's own clients and documents say what that is. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { NetworkManagementClient } from '@azure/arm-network';
import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSnapshot } from '../../lib/azure/live.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';

const certificate = selfSigned();
const resources = brokenEstate([]).resources;
const before = { ...process.env };
const subscription = '22222222-2222-2222-2222-222222222222';
let azure: SimulatedAzure;

beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
afterAll(() => {
  setDefaultCACertificates([...rootCertificates]);
  process.env = { ...before };
});
beforeEach(async () => {
  azure = await startAzure({ resources, certificate, pageSize: 2 });
  Object.assign(process.env, azure.environment);
});
afterEach(() => azure.stop());

function client(): NetworkManagementClient {
  const { endpoint } = azure;
  return new NetworkManagementClient(new DefaultAzureCredential(), subscription, {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
  });
}

describe('Resource Manager', () => {
  it("is read and changed by Azure's network client, signed in by managed identity", async () => {
    const network = client();
    const table = await network.routeTables.get('rg-net', 'rt-one');
    expect(table.routes?.map(({ name }) => name)).toContain('control-plane');
    await network.routes.delete('rg-net', 'rt-one', 'control-plane');
    const after = await network.routeTables.get('rg-net', 'RT-ONE');
    expect(after.routes?.map(({ name }) => name)).not.toContain('control-plane');
    await network.routes.createOrUpdate('rg-net', 'rt-one', 'control-plane', {
      addressPrefix: 'ApiManagement',
      nextHopType: 'Internet',
    });
    expect((await network.routes.get('rg-net', 'rt-one', 'control-plane')).addressPrefix).toBe('ApiManagement');
    await expect(network.routeTables.get('rg-net', 'none')).rejects.toMatchObject({
      statusCode: 404,
      code: 'ResourceNotFound',
    });
  });

  it('refuses whoever has no token of its own', async () => {
    const attempts: Record<string, string>[] = [{}, { Authorization: 'Bearer made-up' }];
    for (const headers of attempts) {
      const response = await fetch(`${azure.endpoint}${ids.table}?api-version=2024-05-01`, { headers });
      expect([response.status, await response.json()]).toMatchObject([
        401,
        { error: { code: 'AuthenticationFailed' } },
      ]);
    }
  });

  it('takes out the subnets that a PUT of their network leaves out', async () => {
    const network = client();
    const { subnets: _left, ...rest } = await network.virtualNetworks.get('rg-net', 'vnet-one');
    await network.virtualNetworks.createOrUpdate('rg-net', 'vnet-one', rest);
    expect((await network.virtualNetworks.get('rg-net', 'vnet-one')).subnets ?? []).toEqual([]);
    await expect(network.subnets.get('rg-net', 'vnet-one', 'apim')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('gives lists in pages', async () => {
    const network = client();
    for (const name of ['a', 'b', 'c'])
      await network.routeTables.createOrUpdate('rg-net', `rt-${name}`, { location: 'westeurope' });
    const names: (string | undefined)[] = [];
    for await (const { name } of network.routeTables.listAll()) names.push(name);
    expect(names.sort()).toEqual(['rt-a', 'rt-b', 'rt-c', 'rt-one']);
  });

  it('shows a resource as Updating for a while after a change', async () => {
    await azure.stop();
    azure = await startAzure({ resources, certificate, updatingMs: 150 });
    Object.assign(process.env, azure.environment);
    const network = client();
    const token = (await new DefaultAzureCredential().getToken(`${azure.endpoint}/.default`)).token;
    // Azure's client waits until the change is done.
    const response = await fetch(`${azure.endpoint}${ids.table}/routes/x?api-version=2024-05-01`, {
      method: 'PUT',
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify({ properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' } }),
    });
    expect(await response.json()).toMatchObject({ properties: { provisioningState: 'Updating' } });
    expect((await network.routeTables.get('rg-net', 'rt-one')).provisioningState).toBe('Updating');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect((await network.routeTables.get('rg-net', 'rt-one')).provisioningState).toBe('Succeeded');
  });
});

describe('Resource Graph', () => {
  it('answers the query of the sweep page by page, with types in lower case', async () => {
    const { resources: rows } = await readSnapshot(
      { subscriptions: [], managementGroups: [] },
      { endpoint: azure.endpoint },
    );
    const types = rows.map((row) => (row as { type: string }).type);
    expect(rows.length).toBe(resources.length);
    expect(types).toEqual(types.map((type) => type.toLowerCase()));
    expect(types).toContain('microsoft.network/firewallpolicies/rulecollectiongroups');
  });

  it('refuses what it does not understand', async () => {
    const { token } = await new DefaultAzureCredential().getToken(`${azure.endpoint}/.default`);
    const response = await fetch(
      `${azure.endpoint}/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01`,
      {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
        body: JSON.stringify({ query: 'resources | summarize count() by type' }),
      },
    );
    expect(response.status).toBe(400);
  });
});

/** A subscriber that answers as it is told. */
async function subscriber(
  statuses: number[],
): Promise<{ readonly url: string; readonly bodies: unknown[]; readonly stop: () => Promise<void> }> {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      const [first] = body as { data?: { validationCode?: string } }[];
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        response.end(JSON.stringify({ validationResponse: first?.data?.validationCode }));
        return;
      }
      bodies.push(body);
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`,
    bodies,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('Event Grid', () => {
  it('tells of a route that is deleted as Azure does, again until it is taken', async () => {
    const receiver = await subscriber([500, 503]);
    await azure.events.subscribe({ endpoint: receiver.url, retryMs: [5, 5, 5] });
    await client().routes.delete('rg-net', 'rt-one', 'control-plane');
    await azure.events.idle();
    expect(receiver.bodies).toHaveLength(3);
    expect(receiver.bodies[2]).toMatchObject([
      {
        eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
        subject: expect.stringMatching(/\/routeTables\/rt-one\/routes\/control-plane$/i),
        eventTime: expect.stringMatching(/\.\d{7}Z$/),
        data: { operationName: 'Microsoft.Network/routeTables/routes/delete', status: 'Succeeded' },
      },
    ]);
    await receiver.stop();
  });

  it('keeps what the receiver refuses, and does not ask again', async () => {
    const receiver = await subscriber([400]);
    const subscription = await azure.events.subscribe({ endpoint: receiver.url, retryMs: [5, 5] });
    await client().routes.delete('rg-net', 'rt-one', 'control-plane');
    await azure.events.idle();
    expect(receiver.bodies).toHaveLength(1);
    expect(subscription.deadLetters.map(({ reason }) => reason)).toEqual(['400']);
    await receiver.stop();
  });

  it('does not subscribe an endpoint that does not answer the handshake', async () => {
    const server = createServer((_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await expect(azure.events.subscribe({ endpoint })).rejects.toThrow('does not answer the validation');
    await expect(azure.events.subscribe({ endpoint, schema: 'CloudEventSchemaV1_0' })).rejects.toThrow(
      'does not allow',
    );
    await new Promise((resolve) => server.close(resolve));
  });
});
