/**
 * Recorded traffic of Resource Manager, served again: every recorded answer to a reading goes through the watcher's own reader, in the
 * order in which it was recorded, and arrives as it was sent; what decides is in the model then. Skips where the corpus is absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DefaultAzureCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { openArm } from '../../../lib/azure/arm/source.ts';
import { estateFromResources } from '../../../lib/azure/documents/read-estate.ts';
import type { ResourceSource } from '../../../lib/azure/source.ts';
import { systemClock } from '../../../lib/clock.ts';
import { parseResourceId } from '../../../local/azure/ids.ts';
import type { SimulatedAzure } from '../../../local/azure/index.ts';
import type { Exchange } from '../../../local/azure/recording.ts';
import { ask, codeOf, type Json, start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

const folder = fileURLToPath(new URL('../../../../shared/corpus/azure-cli-recordings/', import.meta.url));
const hasCorpus = existsSync(folder);
const files = hasCorpus ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];

function recorded(file: string): Exchange[] {
  return JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as Exchange[];
}

function arm({ endpoint }: SimulatedAzure): ResourceSource {
  return openArm({ endpoint, credential: new DefaultAzureCredential(), clock: systemClock, retryMilliseconds: 1 });
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Reading {
  readonly path: string;
  /** `undefined` where it was absent. */
  readonly body: Json | undefined;
}

/** The readings of one resource that were answered; the state of an operation is none. */
function readings(exchanges: readonly Exchange[]): Reading[] {
  return exchanges.flatMap(({ request, response }): Reading[] => {
    const { pathname, host } = new URL(request.uri);
    const id = parseResourceId(pathname);
    if (request.method !== 'GET' || host !== 'management.azure.com' || !id) return [];
    if (!/^Microsoft\.(Network|ApiManagement)\/(?!.*operation)/i.test(id.type)) return [];
    if (response.status === 404) return [{ path: pathname, body: undefined }];
    const isResource = response.status === 200 && isRecord(response.body) && typeof response.body.id === 'string';
    return isResource ? [{ path: pathname, body: response.body as Json }] : [];
  });
}

function listIn(resource: Json, name: string): Json[] {
  const list = isRecord(resource.properties) ? resource.properties[name] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** Routes, subnets, endpoints and delegations in a body: of each what decides. */
function factsOf(body: Json): string[] {
  const table = /\/routeTables\/[^/]+$/i.test(String(body.id));
  const routes = listIn(body, 'routes').map(({ name, properties }) => {
    const { addressPrefix, nextHopType, nextHopIpAddress } = properties as Json;
    return `route ${name} ${addressPrefix} ${nextHopType} ${nextHopIpAddress ?? ''}`;
  });
  const isNetwork = /\/virtualNetworks\/[^/]+$/i.test(String(body.id));
  const isSubnet = /\/virtualNetworks\/[^/]+\/subnets\/[^/]+$/i.test(String(body.id));
  const subnets = isNetwork ? listIn(body, 'subnets') : isSubnet ? [body] : [];
  const inSubnets = subnets.flatMap((subnet) => {
    const { addressPrefix, addressPrefixes } = subnet.properties as Json;
    const head = `subnet ${String(subnet.id).toLowerCase()}`;
    return [
      `${head} ${[addressPrefixes ?? addressPrefix].flat().join()}`,
      ...listIn(subnet, 'serviceEndpoints').map(
        ({ service, locations }) => `${head} ${service} ${[locations].flat().join()}`,
      ),
      ...listIn(subnet, 'delegations').map(({ properties }) => `${head} ${(properties as Json).serviceName}`),
    ];
  });
  return [...(table ? routes : []), ...inSubnets].sort();
}

/** The same out of the model. */
function factsInModel(body: Json): string[] {
  const { routeTables, subnets } = estateFromResources([body], { kind: 'arm', name: 'recording' });
  const routes = [...routeTables.values()].flatMap((table) =>
    table.routes.map(
      ({ name, addressPrefix, nextHopType, nextHopIpAddress }) =>
        `route ${name} ${addressPrefix} ${nextHopType} ${nextHopIpAddress ?? ''}`,
    ),
  );
  const inSubnets = [...subnets.values()].flatMap(({ id, addressPrefixes, serviceEndpoints, delegations }) => {
    const head = `subnet ${id.toLowerCase()}`;
    return [
      `${head} ${addressPrefixes.join()}`,
      ...serviceEndpoints.map(({ service, locations }) => `${head} ${service} ${[locations].flat().join()}`),
      ...delegations.map((delegation) => `${head} ${delegation}`),
    ];
  });
  return [...routes, ...inSubnets].sort();
}

describe.skipIf(!hasCorpus)('what was recorded', () => {
  it.each(files)('in %s is read as it was sent, and is in the model', async (file) => {
    const exchanges = recorded(file);
    const source = arm(await start({ resources: [], recording: exchanges }));
    for (const { path, body } of readings(exchanges)) {
      const answer = await source.get(path);
      expect(answer).toEqual(body ? { kind: 'found', resource: body } : { kind: 'absent' });
      if (body) expect(factsInModel(body)).toEqual(factsOf(body));
    }
  });

  it('holds routes, subnets, endpoints and delegations, and something that is absent', () => {
    const all = files.flatMap((file) => readings(recorded(file)));
    const facts = all.flatMap(({ body }) => (body ? factsOf(body) : []));
    for (const part of ['route ', 'subnet ', ' Microsoft.Storage ', ' Microsoft.Web/serverFarms']) {
      expect([part, facts.some((fact) => `${fact} `.includes(part))]).toEqual([part, true]);
    }
    expect(all.some(({ body }) => body === undefined)).toBe(true);
  });
});

describe('a recording', () => {
  const path = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/t';
  const uri = `https://management.azure.com${path}?api-version=2020-01-01`;
  const exchange = (method: string, status: number, body: unknown, headers = {}): Exchange => ({
    request: { method, uri },
    response: { status, headers, body },
  });

  it('is answered in its order, the last answer again and again, and the store stands behind it', async () => {
    const azure = await start({ recording: [exchange('GET', 404, { error: {} }), exchange('GET', 200, { id: path })] });
    const statuses: number[] = [];
    for (const spelled of [path, path.replace('routeTables', 'ROUTETABLES'), path]) {
      statuses.push((await ask(azure, 'GET', spelled)).status);
    }
    expect(statuses).toEqual([404, 200, 200]);
    const [known] = azure.store.all();
    expect((await ask(azure, 'GET', String(known?.id))).status).toBe(200);
    expect(codeOf(await ask(azure, 'GET', `${path}2`))).toEqual([404, 'SubscriptionNotFound']);
  });

  it('leads to no other host', async () => {
    const link = 'https://management.azure.com/subscriptions/s/operations/1?api-version=2020-01-01';
    const headers = { 'azure-asyncoperation': [link], location: [link] };
    const azure = await start({
      recording: [exchange('DELETE', 202, null, headers), exchange('GET', 200, { value: [], nextLink: link })],
    });
    const deleted = await ask(azure, 'DELETE', path);
    const own = link.replace('https://management.azure.com', azure.endpoint);
    expect(deleted.status).toBe(202);
    expect([deleted.headers.get('azure-asyncoperation'), deleted.headers.get('location')]).toEqual([own, own]);
    expect((await ask(azure, 'GET', path)).body.nextLink).toBe(own);
    expect(azure.events.raised).toEqual([]);
  });
});
