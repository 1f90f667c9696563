/** Reading what API Management observes of its network: over the real client from the simulated Azure, and out of files. */
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { DeploymentReport } from '../../lib/audit/report.ts';
import { openArm } from '../../lib/azure/arm/source.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { readClosure } from '../../lib/azure/closure.ts';
import { DocumentError } from '../../lib/azure/documents/document-error.ts';
import { estateFromText } from '../../lib/azure/documents/read-estate.ts';
import { readLiveEstate } from '../../lib/azure/live.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Estate } from '../../lib/network/model.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import type { Resource } from '../../local/azure/store.ts';
import { selfSigned } from '../../local/certificate.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';

const certificate = selfSigned();
const sound = brokenEstate([]);
const before = { ...process.env };
const now = new Date('2026-11-23T15:00:00Z');

function reportsOf(estate: Estate, at = new Date(), staleAfterMs = sound.policy.staleAfterMs): DeploymentReport[] {
  const policy = { ...sound.policy, staleAfterMs };
  return [...auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: at }).deployments];
}

function observedIn(reports: readonly DeploymentReport[], region = 'westeurope') {
  const report = reports.find((each) => each.region === region);
  const finding = report?.findings.find(({ requirement }) => requirement === 'observed-connectivity');
  if (!report || !finding) throw new Error(`${region} is not in the report`);
  return { ...finding, observed: report.observed };
}

describe('the network status of a service that is read live', () => {
  let azure: SimulatedAzure;
  /** The sound service with a second region, in a subnet of its own. */
  const additional = {
    location: 'North Europe',
    virtualNetworkConfiguration: { subnetResourceId: `${ids.network}/subnets/apim` },
  };
  const resources = sound.resources.map((each) =>
    each.id === ids.service
      ? { ...each, properties: { ...(each.properties as object), additionalLocations: [additional] } }
      : each,
  );

  beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
  afterAll(() => {
    setDefaultCACertificates([...rootCertificates]);
    process.env = { ...before };
  });
  beforeEach(async () => {
    azure = await startAzure({ resources, certificate });
    Object.assign(process.env, azure.environment);
  });
  afterEach(() => azure.stop());

  async function read(region?: string): Promise<DeploymentReport[]> {
    const { DefaultAzureCredential } = await import('@azure/identity');
    const credential = new DefaultAzureCredential();
    const source = openArm({ endpoint: azure.endpoint, credential, clock: systemClock, retryMilliseconds: 2 });
    const closure = await readClosure(source, { service: ids.service, ...(region !== undefined && { region }) });
    return reportsOf(closure.estate);
  }
  const asked = (): string[] =>
    azure.requests.flatMap(({ path }) => (/networkstatus$/i.test(path) ? [path.slice(ids.service.length)] : []));

  it('is one read for all its regions, whose names are told by display name', async () => {
    azure.networkStatus.spell('West Europe');
    azure.networkStatus.spell('North Europe');
    azure.networkStatus.change(ids.service, (entry) => ({ ...entry, status: 'failure' }), 'northeurope');
    const reports = await read();
    expect(asked()).toEqual(['/networkstatus']);
    expect([observedIn(reports).status, observedIn(reports, 'northeurope').status]).toEqual(['pass', 'fail']);
    expect(observedIn(reports, 'northeurope').severity).toBe('critical');
  });

  it('is asked for the location that the answer for all leaves out, and unknown where that has none either', async () => {
    azure.networkStatus.leaveOut('North Europe');
    const reports = await read('northeurope');
    expect(asked()).toEqual(['/networkstatus', '/locations/North Europe/networkstatus']);
    const finding = observedIn(reports, 'northeurope');
    expect([finding.status, finding.observed]).toEqual(['unknown', undefined]);
    expect(finding.message).toContain('/locations/North%20Europe/networkstatus is not there');
  });

  it('counts where only the location itself answers', async () => {
    azure.networkStatus.leaveOut('northeurope', 'list');
    const reports = await read('northeurope');
    expect(observedIn(reports, 'northeurope').status).toBe('pass');
  });

  it('is unknown with the missing action, in every door, where it may not be read', async () => {
    azure.faults.deny(`${ids.service}/networkstatus`);
    const action = 'Microsoft.ApiManagement/service/networkstatus/read';
    expect(observedIn(await read()).status).toBe('unknown');
    expect(observedIn(await read()).message).toContain(action);
    const estate = await readLiveEstate({ subscriptions: [], managementGroups: [] });
    expect(observedIn(reportsOf(estate)).message).toContain(action);
    expect(asked()).toEqual(['/networkstatus', '/networkstatus', '/networkstatus']);
  });

  it('is had from Resource Graph with one read for each service', async () => {
    const estate = await readLiveEstate({ subscriptions: [], managementGroups: [] });
    expect(observedIn(reportsOf(estate)).status).toBe('pass');
    expect(asked()).toEqual(['/networkstatus']);
  });

  it.each([
    ['that break off', { kind: 'truncate' }],
    ['with a status of 500', { kind: 'status', status: 500 }],
    ['that are cut', { kind: 'reset' }],
  ] as const)('does not hide the rest behind answers %s', async (_name, fault) => {
    azure.faults.add({ match: /networkstatus/i, ...fault });
    const [report] = await read('westeurope');
    expect(report?.findings.filter(({ status }) => status === 'unknown').map(({ requirement }) => requirement)).toEqual(
      ['observed-connectivity'],
    );
    expect(report?.findings.filter(({ status }) => status === 'pass').length).toBeGreaterThan(20);
  });

  it('is judged by the clock of who answers, whatever ours says', async () => {
    azure.networkStatus.change(ids.service, (entry) => ({ ...entry, lastUpdated: new Date().toISOString() }));
    const { DefaultAzureCredential } = await import('@azure/identity');
    const clock = { now: () => new Date('2031-01-01T00:00:00Z') };
    const source = openArm({ endpoint: azure.endpoint, credential: new DefaultAzureCredential(), clock });
    const { estate } = await readClosure(source, { service: ids.service, region: 'westeurope' });
    expect(observedIn(reportsOf(estate, clock.now())).status).toBe('pass');
  });
});

/** An entry that is sound at `now`. */
function entry(change: Resource = {}): Resource {
  return {
    name: 'apimst.blob.core.windows.net',
    status: 'success',
    error: '',
    lastUpdated: '2026-11-23T14:50:00.1234567Z',
    lastStatusChange: '2026-11-01T00:00:00Z',
    resourceType: 'BlobStorage',
    isOptional: false,
    ...change,
  };
}

function answer(entries: readonly Resource[], location = 'West Europe'): Resource {
  return { location, networkStatus: { dnsServers: ['10.0.0.4'], connectivityStatus: entries } };
}

function fileOf(...documents: readonly unknown[]): Estate {
  const text = [sound.resources, ...documents].map((each) => JSON.stringify(each)).join('\n');
  return estateFromText(text, { kind: 'file', name: 'estate.json' });
}

function judged(...entries: readonly Resource[]) {
  return observedIn(reportsOf(fileOf([answer(entries)]), now));
}

describe('a network status in a file', () => {
  const inner = answer([entry({ status: 'failure' })]);

  it.each([
    ['the answer for all locations', [inner]],
    ['one element of it', inner],
    ['the answer for the only location', inner.networkStatus],
    ['the answer with the id of its service', { id: `${ids.service}/networkStatus`, networkStatus: [inner] }],
    [
      'the answer for a location with its id',
      { id: `${ids.service}/locations/West%20Europe/networkstatus`, networkStatus: inner.networkStatus },
    ],
    ['a list of both', { value: [{ id: `${ids.service}/networkstatus`, networkStatus: [inner] }] }],
  ])('is known by its shape: %s', (_name, document) => {
    const estate = fileOf(document);
    expect(estate.errors).toEqual([]);
    expect(observedIn(reportsOf(estate, now)).status).toBe('fail');
  });

  it('is not asked for where no file holds one', () => {
    const finding = observedIn(reportsOf(fileOf(), now));
    expect([finding.status, finding.observed]).toEqual(['notApplicable', undefined]);
  });

  it('of which nobody says whose it is, or whose service is not there, is left out and said', () => {
    const other = sound.resources.map((each) =>
      each.id === ids.service ? { ...each, id: `${ids.service}-two` } : each,
    );
    const two = estateFromText(JSON.stringify([...sound.resources, ...other, inner]), {
      kind: 'file',
      name: 'two.json',
    });
    expect(two.errors.map(({ message }) => message)).toContain(
      'a network status does not say of which of 2 services it is: left out',
    );
    const strange = fileOf({ id: `${ids.service}-three/networkstatus`, networkStatus: [inner] });
    expect(strange.errors.map(({ message }) => message)).toContain(
      'a network status is of a service that is not in the input: left out',
    );
    expect(observedIn(reportsOf(strange, now)).status).toBe('notApplicable');
  });

  it('is taken at its latest where a location comes twice', () => {
    const later = answer([entry({ lastUpdated: '2026-11-23T14:55:00Z' })], 'westeurope');
    for (const order of [
      [inner, later],
      [later, inner],
    ]) {
      expect(observedIn(reportsOf(fileOf(order), now)).status).toBe('pass');
    }
  });

  it('that holds another location alone is unknown, not sound', () => {
    const finding = observedIn(reportsOf(fileOf([answer([entry()], 'North Europe')]), now));
    expect(finding.status).toBe('unknown');
    expect(finding.message).toContain('does not hold the location westeurope');
  });

  it('alone is an estate without a service, and an error of Azure is none', () => {
    const estate = estateFromText(JSON.stringify([inner]), { kind: 'file', name: 'status.json' });
    expect(estate.services).toEqual([]);
    expect(() => estateFromText('{"error":{"code":"AuthorizationFailed"}}', { kind: 'file', name: 'x' })).toThrow(
      DocumentError,
    );
  });
});

describe('a dependency in the network status', () => {
  it.each([
    ['success, fresh', {}, 'pass', 'critical', 'healthy'],
    ['failure', { status: 'failure' }, 'fail', 'critical', 'unexplained'],
    ['failure in capitals', { status: 'Failure' }, 'fail', 'critical', 'unexplained'],
    ['failure of what is optional', { status: 'failure', isOptional: true }, 'fail', 'low', 'unexplained'],
    ['initializing', { status: 'initializing' }, 'unknown', 'critical', 'notJoined'],
    ['a status that does not exist yet', { status: 'degraded' }, 'unknown', 'critical', 'notJoined'],
    ['no status', { status: undefined }, 'unknown', 'critical', 'notJoined'],
    ['success without a time', { lastUpdated: undefined }, 'unknown', 'critical', 'notJoined'],
    ['failure without a time', { lastUpdated: undefined, status: 'failure' }, 'fail', 'critical', 'unexplained'],
    ['a time that is none', { lastUpdated: 'yesterday' }, 'unknown', 'critical', 'notJoined'],
    ['a time to come', { lastUpdated: '2026-11-24T15:00:00Z' }, 'unknown', 'critical', 'notJoined'],
    ['success 45 minutes ago', { lastUpdated: '2026-11-23T14:15:00Z' }, 'pass', 'critical', 'healthy'],
    ['success a second before', { lastUpdated: '2026-11-23T14:14:59Z' }, 'fail', 'critical', 'notJoined'],
    [
      'success long ago of what is optional',
      { lastUpdated: '2025-01-01T00:00:00Z', isOptional: true },
      'fail',
      'low',
      'notJoined',
    ],
    [
      'a type that does not exist yet',
      { resourceType: 'Quantum', name: 'q', status: 'failure' },
      'fail',
      'critical',
      'notJoined',
    ],
    [
      'a known host of an unknown type',
      { resourceType: 'Quantum', status: 'failure' },
      'fail',
      'critical',
      'unexplained',
    ],
    [
      'the file share, on another port',
      { resourceType: 'FileStorage', status: 'failure', isOptional: true },
      'fail',
      'low',
      'notJoined',
    ],
  ] as const)('says %s', (_name, change, status, severity, join) => {
    const finding = judged(entry(change));
    expect([finding.status, finding.severity, finding.observed?.[0]?.join]).toEqual([status, severity, join]);
  });

  it.each([
    ['SQLDatabase', 'sql', 'critical'],
    ['AzureKeyVault', 'key-vault', 'critical'],
    ['TableStorage', 'storage', 'critical'],
    ['Monitoring', 'azure-monitor', 'medium'],
    ['AzureActiveDirectory', 'entra-id', 'medium'],
    ['EventHub', 'event-hub', 'medium'],
    ['Email', 'smtp', 'low'],
    ['ApiManagement Control Plane - inbound', 'control-plane', 'high'],
  ])('of type %s is %s and weighs as that does', (resourceType, dependency, severity) => {
    const finding = judged(entry(), entry({ resourceType, name: 'x', status: 'failure' }));
    expect([finding.severity, finding.observed?.[1]?.dependency]).toEqual([severity, dependency]);
  });

  it('weighs as the worst of those that fail', () => {
    const optional = entry({ status: 'failure', isOptional: true });
    const monitor = entry({ resourceType: 'Monitoring', name: 'm', status: 'failure' });
    expect(judged(optional, monitor).severity).toBe('medium');
  });

  it('is nothing where none is named', () => {
    expect(judged().status).toBe('unknown');
    expect(judged({ strange: true }).status).toBe('unknown');
  });
});

describe('the join', () => {
  const join = (breakage: string, change: Resource) => {
    const broken = brokenEstate([breakage]);
    const text = [broken.resources, [answer([entry(change)])]].map((each) => JSON.stringify(each)).join('\n');
    const estate = estateFromText(text, { kind: 'file', name: 'estate.json' });
    const [report] = auditEstate(estate, { tagsFor: bundledTagsFor, policy: broken.policy, now }).deployments;
    return { report, joined: report?.observed?.[0] };
  };

  it('confirms what both say', () => {
    const { report, joined } = join('no storage endpoint', { status: 'failure' });
    expect([joined?.join, joined?.requirements]).toEqual([
      'confirmed',
      expect.arrayContaining(['service-endpoint-storage']),
    ]);
    const endpoint = report?.findings.find(({ requirement }) => requirement === 'service-endpoint-storage');
    expect(endpoint?.evidence.observed).toMatch(/^confirmed: .*BlobStorage/);
  });

  it('predicts what is computed and not felt, and says so where it passes', () => {
    const { report, joined } = join('no storage endpoint', {});
    expect([joined?.join, joined?.state, joined?.computed]).toEqual(['predicted', 'success', 'fail']);
    const own = report?.findings.find(({ requirement }) => requirement === 'observed-connectivity');
    expect(own?.status).toBe('pass');
    expect(own?.message).toMatch(/Predicted, not yet felt: .*BlobStorage.* will fail \(service-endpoint-storage/);
  });

  it('does not claim to explain what the configuration leaves open', () => {
    const estate = fileOf([answer([entry({ resourceType: 'Monitoring', name: 'm', status: 'failure' })])]);
    const blind = { ...estate, azureFirewalls: new Map() };
    const finding = observedIn(reportsOf(blind, now));
    expect(finding.observed?.[0]).toMatchObject({ join: 'notJoined', computed: 'unknown', path: ['tunnel'] });
    expect(finding.message).toContain('the configuration does not decide the way to it: see firewall-azure-monitor');
    expect(finding.message).not.toContain('UNEXPLAINED');
  });

  it('names the path beside what is observed', () => {
    expect(judged(entry()).observed?.[0]).toMatchObject({
      dependency: 'storage',
      path: ['endpoint'],
      computed: 'pass',
    });
  });
});
