/**
 * Real Resource Manager traffic, recorded from Microsoft's command line: each recorded answer is put into the simulated Resource
 * Manager, read back through the watcher's own reader over TLS, and has to arrive in the model without loss. Skips where the corpus
 * is absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openArm } from '../../lib/azure/arm/source.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { systemClock } from '../../lib/clock.ts';
import { parseResourceId } from '../../local/azure/ids.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';

type Json = Record<string, unknown>;

const folder = fileURLToPath(new URL('../../../shared/corpus/azure-cli-recordings/', import.meta.url));
const hasCorpus = existsSync(folder);
const certificate = selfSigned();
const before = { ...process.env };

beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
afterAll(() => {
  setDefaultCACertificates([...rootCertificates]);
  process.env = { ...before };
});

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last state of each top-level resource that a recording shows, by id. */
function resourcesOf(file: string): Map<string, Json> {
  const exchanges = JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as {
    request: { uri: string };
    response: { status: number; body: unknown };
  }[];
  const found = new Map<string, Json>();
  for (const { response } of exchanges) {
    const { body } = response;
    const list =
      isRecord(body) && Array.isArray(body.value) ? body.value.filter(isRecord) : isRecord(body) ? [body] : [];
    for (const resource of list) {
      const id = typeof resource.id === 'string' ? parseResourceId(resource.id) : undefined;
      const isKnown = id && id.parent === undefined && /^Microsoft\.(Network|ApiManagement)\//i.test(id.type);
      if (id && isKnown && isRecord(resource.properties)) found.set(id.key, { type: id.type, ...resource });
    }
  }
  return found;
}

function inline(resource: Json, name: string): Json[] {
  const list = isRecord(resource.properties) ? resource.properties[name] : undefined;
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

async function readThrough(resources: Map<string, Json>): Promise<Json[]> {
  const azure: SimulatedAzure = await startAzure({ resources: resources.values(), certificate });
  try {
    Object.assign(process.env, azure.environment);
    const { DefaultAzureCredential } = await import('@azure/identity');
    const source = openArm({ endpoint: azure.endpoint, credential: new DefaultAzureCredential(), clock: systemClock });
    const read: Json[] = [];
    for (const { id } of resources.values()) {
      const answer = await source.get(String(id));
      if (answer.kind === 'found') read.push(answer.resource);
    }
    return read;
  } finally {
    await azure.stop();
  }
}

describe.skipIf(!hasCorpus)('recorded traffic', () => {
  it.each(hasCorpus ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [])(
    '%s is read without loss',
    async (file) => {
      const resources = resourcesOf(file);
      const read = await readThrough(resources);
      expect(read.length).toBe(resources.size);
      const estate = estateFromResources(read, { kind: 'arm', name: 'recording' });
      for (const [key, resource] of resources) {
        const type = String(resource.type).toLowerCase();
        if (type === 'microsoft.network/routetables') {
          const table = estate.routeTables.get(key);
          const routes = inline(resource, 'routes').map(({ name, properties }) => {
            const { addressPrefix, nextHopType, nextHopIpAddress } = properties as Json;
            return [name, addressPrefix, nextHopType, nextHopIpAddress];
          });
          expect(
            table?.routes.map((route) => [route.name, route.addressPrefix, route.nextHopType, route.nextHopIpAddress]),
          ).toEqual(routes);
          expect(table?.disableBgpRoutePropagation).toBe((resource.properties as Json).disableBgpRoutePropagation);
        }
        if (type === 'microsoft.network/virtualnetworks') {
          const network = estate.virtualNetworks.get(key);
          expect(network?.addressPrefixes).toEqual(
            ((resource.properties as Json).addressSpace as Json).addressPrefixes,
          );
          for (const { id, properties } of inline(resource, 'subnets')) {
            const subnet = estate.subnets.get(String(id).toLowerCase());
            const raw = properties as Json;
            expect(subnet?.addressPrefixes).toEqual(raw.addressPrefixes ?? [raw.addressPrefix]);
            expect(subnet?.serviceEndpoints.map(({ service }) => service)).toEqual(
              inline({ properties: raw }, 'serviceEndpoints').map(({ service }) => service),
            );
            expect(subnet?.delegations).toEqual(
              inline({ properties: raw }, 'delegations').map(
                (delegation) => (delegation.properties as Json).serviceName,
              ),
            );
            expect(subnet?.routeTableId).toBe((raw.routeTable as Json | undefined)?.id);
            expect(subnet?.networkSecurityGroupId).toBe((raw.networkSecurityGroup as Json | undefined)?.id);
          }
        }
        if (type === 'microsoft.apimanagement/service') {
          const service = estate.services.find(({ id }) => id.toLowerCase() === key);
          expect([service?.location, service?.skuName]).toEqual([resource.location, (resource.sku as Json).name]);
        }
      }
    },
  );

  it('holds something of each kind that is looked at', () => {
    const types = new Set(
      readdirSync(folder).flatMap((file) =>
        [...resourcesOf(file).values()].map(({ type }) => String(type).toLowerCase()),
      ),
    );
    for (const type of ['routetables', 'virtualnetworks']) expect(types).toContain(`microsoft.network/${type}`);
    expect(types).toContain('microsoft.apimanagement/service');
  });
});
