/**
 * One deployment read live, over the real client and TLS: what is read, what is remembered, and what becomes of the verdict where
 * something may not be read.
 */
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEstate } from '../../../lib/audit/audit.ts';
import type { Finding } from '../../../lib/audit/report.ts';
import { Copies, withCopies } from '../../../lib/azure/arm/copies.ts';
import { openArm } from '../../../lib/azure/arm/source.ts';
import { bundledTagsFor } from '../../../lib/azure/bundled-service-tags.ts';
import { type Closure, readClosure } from '../../../lib/azure/closure.ts';
import { graphSource } from '../../../lib/azure/graph-source.ts';
import { LiveReadError } from '../../../lib/azure/pipeline.ts';
import type { ResourceSource } from '../../../lib/azure/source.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { Policy } from '../../../lib/policy/policy.ts';
import { type SimulatedAzure, startAzure } from '../../../local/azure/index.ts';
import { selfSigned } from '../../../local/certificate.ts';
import { brokenEstate, ids } from '../../support/broken-estate.ts';

const certificate = selfSigned();
const sound = brokenEstate([]);
const before = { ...process.env };
let azure: SimulatedAzure;

beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
afterAll(() => {
  setDefaultCACertificates([...rootCertificates]);
  process.env = { ...before };
});
beforeEach(async () => {
  azure = await startAzure({ resources: sound.resources, certificate });
  Object.assign(process.env, azure.environment);
});
afterEach(() => azure.stop());

async function arm(options: { timeoutMilliseconds?: number } = {}): Promise<ResourceSource> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential();
  return openArm({ endpoint: azure.endpoint, credential, clock: systemClock, retryMilliseconds: 2, ...options });
}

async function read(): Promise<Closure> {
  return readClosure(await arm(), { service: ids.service, region: 'westeurope' });
}

function findingsOf({ estate }: Closure, policy: Policy = sound.policy): readonly Finding[] {
  const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date() });
  return report.deployments[0]?.findings ?? [];
}

const groups = `${ids.policy}/ruleCollectionGroups`;

describe('the closure of a deployment', () => {
  it('holds what the verdict can depend on, and nothing else was asked', async () => {
    const { readSet, service, unreadable, updating } = await read();
    expect(service).toBe('found');
    expect([unreadable, updating]).toEqual([[], []]);
    const subscription = '/subscriptions/22222222-2222-2222-2222-222222222222';
    const expected = [
      ids.service,
      `${ids.service}/networkstatus`,
      ids.network,
      ids.table,
      ids.securityGroup,
      ids.policy,
      groups,
      `${subscription}/providers/Microsoft.Network/azureFirewalls`,
    ];
    expect(readSet).toEqual(expected.map((id) => id.toLowerCase()).sort());
    expect(azure.requests).toHaveLength(expected.length);
  });

  it('gives the verdict that an export of everything gives', async () => {
    const { view } = await arm();
    const graph = await readClosure(graphSource({ resources: azure.store.all(), name: 'graph' }, { view }), {
      service: ids.service,
    });
    const whole = await read();
    const timeless = (closure: Closure): string =>
      JSON.stringify(findingsOf(closure)).replace(/network status read at [^"]+/, '');
    expect(timeless(whole)).toEqual(timeless(graph));
    expect(graph.readSet).toEqual(whole.readSet);
  });

  it('says every key before it is asked for', async () => {
    const said: string[] = [];
    const seen: string[] = [];
    const source = await arm();
    const watched: ResourceSource = {
      ...source,
      get: (id) => {
        seen.push(id.toLowerCase());
        expect(said).toContain(id.toLowerCase());
        return source.get(id);
      },
    };
    const onRead = async (key: string): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      said.push(key);
    };
    await readClosure(watched, { service: ids.service }, { onRead });
    expect(seen.length).toBeGreaterThan(4);
  });

  it('remembers what was not there, so that its coming is noticed', async () => {
    await fetchless(ids.table);
    const { readSet, estate } = await read();
    expect(readSet).toContain(ids.table.toLowerCase());
    expect(estate.routeTables.size).toBe(0);
  });

  it('is absent with its service', async () => {
    await fetchless(ids.service);
    expect((await read()).service).toBe('absent');
  });

  it('names what is being changed right now', async () => {
    const table = azure.store.all().find(({ id }) => id === ids.table);
    await azure.stop();
    azure = await startAzure({
      resources: [
        ...sound.resources.filter(({ id }) => id !== ids.table),
        { ...table, properties: { ...(table?.properties as object), provisioningState: 'Updating' } },
      ],
      certificate,
    });
    Object.assign(process.env, azure.environment);
    expect((await read()).updating).toEqual([ids.table]);
  });
});

/** Takes a resource out of the store, without an event. */
async function fetchless(id: string): Promise<void> {
  const resources = azure.store.all().filter((resource) => String(resource.id).toLowerCase() !== id.toLowerCase());
  await azure.stop();
  azure = await startAzure({ resources, certificate });
  Object.assign(process.env, azure.environment);
}

/** What may not be read -> a fault that hides there, which must then not pass, and the findings that may not. */
const forbidden = [
  [
    'the virtual network',
    /virtualNetworks/i,
    'no security group',
    ['nsg-attached'],
    'Microsoft.Network/virtualNetworks/read',
  ],
  [
    'the route table',
    /routeTables/i,
    'no control plane route',
    ['control-plane-route'],
    'Microsoft.Network/routeTables/read',
  ],
  [
    'the security group',
    /networkSecurityGroups/i,
    'no management rule',
    ['nsg-inbound-management'],
    'Microsoft.Network/networkSecurityGroups/read',
  ],
  [
    'the list of firewalls',
    /azureFirewalls/i,
    'firewall without Azure Monitor',
    ['firewall-azure-monitor'],
    'Microsoft.Network/azureFirewalls/read',
  ],
  [
    'the firewall policy',
    /firewallPolicies\/[^/?]+\?/i,
    'firewall without Azure Monitor',
    ['firewall-azure-monitor'],
    'Microsoft.Network/firewallPolicies/read',
  ],
  [
    'the rule collection groups',
    /ruleCollectionGroups/i,
    'firewall without Azure Monitor',
    ['firewall-azure-monitor'],
    'Microsoft.Network/firewallPolicies/ruleCollectionGroups/read',
  ],
] as const;

describe('where a permission is missing', () => {
  it.each(forbidden)(
    'for %s, what it would show is unknown, graver than a remark, and the action is named',
    async (_name, match, fault, hidden, action) => {
      await azure.stop();
      azure = await startAzure({ resources: brokenEstate([fault]).resources, certificate });
      Object.assign(process.env, azure.environment);
      const open = findingsOf(await read());
      expect(open.filter(({ status }) => status === 'fail').map(({ requirement }) => requirement)).toEqual(
        expect.arrayContaining([...hidden]),
      );
      azure.faults.add({ match, kind: 'status', status: 403, code: 'AuthorizationFailed' });
      const closure = await read();
      expect(closure.unreadable.map(({ reason }) => reason).join()).toContain(action);
      expect(closure.estate.errors.map(({ message }) => message).join()).toContain(action);
      const findings = findingsOf(closure);
      for (const requirement of hidden) {
        const finding = findings.find((each) => each.requirement === requirement);
        expect([requirement, finding?.status]).toEqual([requirement, 'unknown']);
        expect(finding?.severity).not.toBe('info');
      }
      // Nothing is green that was not green before.
      const passed = new Set(open.filter(({ status }) => status === 'pass').map(({ requirement }) => requirement));
      const newlyGreen = findings.filter(({ status, requirement }) => status === 'pass' && !passed.has(requirement));
      expect(newlyGreen.map(({ requirement }) => requirement)).toEqual([]);
    },
  );

  it('for the service itself, it is no absence', async () => {
    azure.faults.add({ match: /Microsoft\.ApiManagement/i, kind: 'status', status: 403 });
    const closure = await read();
    expect(closure.service).toBe('unreadable');
    expect(closure.unreadable[0]?.reason).toContain('Microsoft.ApiManagement/service/read');
  });
});

describe('what may pass', () => {
  it.each([
    ['an outage', { kind: 'status', status: 503 }],
    ['throttling without end', { kind: 'throttle', retryAfter: 0 }],
    ['an answer that breaks off', { kind: 'truncate' }],
    ['a cut connection', { kind: 'reset' }],
    ["a 404 that is not Azure's", { kind: 'status', status: 404, code: 'SomeProxy' }],
  ] as const)('%s is an error of the whole reading, not an absence', async (_name, fault) => {
    azure.faults.add({ match: /^GET .*routeTables/i, ...fault });
    await expect(read()).rejects.toThrow(LiveReadError);
  });

  it('no answer at all within the time limit', async () => {
    azure.faults.add({ match: /^GET .*routeTables/i, kind: 'timeout', milliseconds: 2_000 });
    const source = await arm({ timeoutMilliseconds: 60 });
    await expect(readClosure(source, { service: ids.service })).rejects.toThrow(LiveReadError);
  });

  it('half a list, whose next page fails', async () => {
    azure.faults.add({ match: /^GET .*azureFirewalls\?/i, kind: 'halfPage' });
    azure.faults.add({ match: /^GET \/broken/, kind: 'status', status: 500 });
    await expect(read()).rejects.toThrow(LiveReadError);
  });

  it('is tried again and then forgotten', async () => {
    azure.faults.add({ match: /^GET .*routeTables/i, kind: 'status', status: 500, times: 2 });
    expect((await read()).service).toBe('found');
  });
});

describe('lists', () => {
  it('are read to their last page', async () => {
    await azure.stop();
    azure = await startAzure({ resources: [...sound.resources, ...decoys()], certificate, pageSize: 2 });
    Object.assign(process.env, azure.environment);
    expect((await read()).estate.azureFirewalls.size).toBe(1);
    expect(azure.requests.filter(({ path }) => path.endsWith('azureFirewalls')).length).toBeGreaterThan(2);
  });
});

/** Firewalls that sort before the one on the path, with other addresses. */
function decoys(): Record<string, unknown>[] {
  return Array.from({ length: 5 }, (_, index) => ({
    id: `${ids.firewall.replace('fw-one', `a-${index}`)}`,
    name: `a-${index}`,
    type: 'Microsoft.Network/azureFirewalls',
    properties: { ipConfigurations: [{ properties: { privateIPAddress: `10.7.0.${index}` } }] },
  }));
}

describe('copies of what is shared', () => {
  it("spare all but what is the deployment's own", async () => {
    const source = await arm();
    const copies = new Copies();
    const once = (notBefore: (key: string) => number) =>
      readClosure(withCopies(source, copies, systemClock, notBefore), { service: ids.service });
    await once(() => 0);
    azure.requests.length = 0;
    const again = await once(() => 0);
    expect(azure.requests.map(({ path }) => path.split('/').at(-2)).sort()).toEqual([
      'apim-one',
      'networkSecurityGroups',
      'routeTables',
      'service',
      'virtualNetworks',
    ]);
    expect(again.readSet).toContain(ids.policy.toLowerCase());
  });

  it('are not used where something younger is demanded, nor after five minutes', async () => {
    const source = await arm();
    const copies = new Copies();
    let now = Date.now();
    const clock = { now: () => new Date(now) };
    const policyReads = (): number =>
      azure.requests.filter(({ path }) => path.toLowerCase() === ids.policy.toLowerCase()).length;
    const once = (notBefore: (key: string) => number) =>
      readClosure(withCopies(source, copies, clock, notBefore), { service: ids.service });
    await once(() => 0);
    await once(() => 0);
    expect(policyReads()).toBe(1);
    now += 1_000;
    await once((key) => (key === ids.policy.toLowerCase() ? now : 0));
    expect(policyReads()).toBe(2);
    now += 5 * 60_000 + 1;
    await once(() => 0);
    expect(policyReads()).toBe(3);
  });
});
