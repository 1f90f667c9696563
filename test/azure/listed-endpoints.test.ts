/** What Azure lists as the dependencies of a service: over the real client from the simulated Azure, and out of files. */
import { existsSync, readFileSync } from 'node:fs';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { formatIpv4 } from '../../lib/address/prefix.ts';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { DeploymentReport } from '../../lib/audit/report.ts';
import { openArm } from '../../lib/azure/arm/source.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { readClosure } from '../../lib/azure/closure.ts';
import { estateFromText } from '../../lib/azure/documents/read-estate.ts';
import { readLiveEstate } from '../../lib/azure/live.ts';
import type { OutboundOptions } from '../../lib/azure/outbound-dependencies.ts';
import { openResolver } from '../../lib/azure/resolve-names.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Estate } from '../../lib/network/model.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { startNameServer } from '../support/name-server.ts';

const certificate = selfSigned();
const sound = brokenEstate([]);
const before = { ...process.env };
const now = new Date('2026-11-23T15:00:00Z');
const path = `${ids.service}/outboundNetworkDependenciesEndpoints`;

function reportOf(estate: Estate, policy = sound.policy): DeploymentReport {
  const [report] = auditEstate(estate, { tagsFor: bundledTagsFor, policy, now }).deployments;
  if (!report) throw new Error('there is no deployment');
  return report;
}

function findingIn(report: DeploymentReport, requirement = 'listed-endpoints') {
  const finding = report.findings.find((each) => each.requirement === requirement);
  if (!finding) throw new Error(`${requirement} is not in the report`);
  return finding;
}

describe('the list of a service that is read live', () => {
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

  async function read(outbound?: OutboundOptions): Promise<DeploymentReport> {
    const { DefaultAzureCredential } = await import('@azure/identity');
    const credential = new DefaultAzureCredential();
    const source = openArm({ endpoint: azure.endpoint, credential, clock: systemClock, retryMilliseconds: 2 });
    const { estate } = await readClosure(source, { service: ids.service }, outbound ? { outbound } : {});
    return reportOf(estate);
  }
  const asked = (): number => azure.requests.filter(({ path: each }) => each === path).length;

  it('is one read, and passes where tags and names are let through', async () => {
    const report = await read({});
    expect(asked()).toBe(1);
    expect(findingIn(report)).toMatchObject({ status: 'pass' });
    expect(report.listed?.endpoints).toHaveLength(27);
    expect(new Set(report.listed?.endpoints.map(({ basis }) => basis))).toEqual(new Set(['ranges', 'name']));
  });

  it('is not read where that is switched off, and then not judged', async () => {
    const report = await read();
    expect(asked()).toBe(0);
    expect([findingIn(report).status, report.listed]).toEqual(['notApplicable', undefined]);
  });

  it.each(['closure', 'scope'])('is unknown with the missing action where it may not be read: %s', async (door) => {
    azure.faults.deny(path);
    const report =
      door === 'closure'
        ? await read({})
        : reportOf(await readLiveEstate({ subscriptions: [], managementGroups: [] }, { outbound: {} }));
    const finding = findingIn(report);
    expect([finding.status, finding.severity]).toEqual(['unknown', 'medium']);
    expect(finding.message).toContain(
      'Microsoft.ApiManagement/service/outboundNetworkDependenciesEndpoints/read is not permitted',
    );
    expect(report.verdict).toBe('unknown');
  });

  it.each([
    ['is not there', { kind: 'status', status: 404 }],
    ['breaks off', { kind: 'truncate' }],
    ['fails', { kind: 'status', status: 500 }],
  ] as const)('is unknown, and decides nothing else, where the answer %s', async (_name, fault) => {
    azure.faults.add({ match: /outboundNetworkDependenciesEndpoints/i, ...fault });
    const report = await read({});
    expect([findingIn(report).status, findingIn(report).severity]).toEqual(['unknown', 'info']);
    expect(report.verdict).toBe('compliant');
  });

  it('is followed by the addresses that a DNS server says', async () => {
    const storage = bundledTagsFor('westeurope').find('Storage.WestEurope')?.set.bounds[0] ?? 0;
    const server = await startNameServer({
      'apimstapimone.blob.core.windows.net': { addresses: [formatIpv4(storage)] },
      'portal.example.com': { addresses: ['93.184.216.34'] },
      'inside.example.com': { addresses: ['10.1.0.9'], alias: 'inside.privatelink.example.com' },
    });
    for (const name of ['portal', 'inside', 'lost']) {
      azure.outboundDependencies.add(ids.service, 'Other', `${name}.example.com`, 8443);
    }
    azure.outboundDependencies.add(ids.service, 'Other', '*.example.com', 8443);
    const resolve = openResolver({ clock: systemClock, servers: [server.address] });
    const report = await read({ resolve });
    await server.stop();
    const endpoint = (name: string) => report.listed?.endpoints.find(({ domainName }) => domainName === name);
    expect(endpoint('portal.example.com')).toMatchObject({
      basis: 'addresses',
      addresses: ['93.184.216.34'],
      via: [{ path: 'tunnel', address: '10.0.1.4' }],
      firewall: 'denied',
      securityGroup: 'allowed',
      result: 'fail',
      stop: 'not allowed by firewall fw-one',
    });
    expect(endpoint('inside.example.com')).toMatchObject({
      isPrivate: true,
      alias: 'inside.privatelink.example.com',
      via: [{ path: 'virtualNetwork' }],
      firewall: 'notOnPath',
      result: 'pass',
    });
    expect(endpoint('apimstapimone.blob.core.windows.net')).toMatchObject({
      basis: 'addresses',
      via: [{ path: 'endpoint' }],
      result: 'pass',
    });
    // The firewall denies the names for sure; whether one can be resolved does not matter then.
    expect(endpoint('lost.example.com')).toMatchObject({ basis: 'name', result: 'fail' });
    expect(endpoint('*.example.com')).toMatchObject({ basis: 'name', result: 'fail' });
    expect(endpoint('login.windows.net')).toMatchObject({
      result: 'unknown',
      notSeen: ['the addresses of login.windows.net: there is no such name'],
    });
    expect(server.asked).not.toContain('*.example.com');
    const finding = findingIn(report);
    expect([finding.status, finding.severity]).toEqual(['fail', 'medium']);
    expect(finding.message).toContain('3 of 31 endpoints');
    expect(finding.evidence.details).toContain("DNS servers of the virtual network: Azure's own");
  });
});

function category(domainName: string, port: number | null = 443, region = 'Global', name = 'Other') {
  const endpointDetails = port === null ? [] : [{ port, region }];
  return { category: name, endpoints: [{ domainName, endpointDetails }] };
}

function fileOf(resources: readonly unknown[], ...documents: readonly unknown[]): Estate {
  const text = [resources, ...documents].map((each) => JSON.stringify(each)).join('\n');
  return estateFromText(text, { kind: 'file', name: 'estate.json' });
}

function judged(breakages: readonly string[], ...documents: readonly unknown[]): DeploymentReport {
  const { resources, policy } = brokenEstate([...breakages]);
  return reportOf(fileOf(resources, ...documents), policy);
}

describe('a list in a file', () => {
  const list = category('partner.prod.repmap.microsoft.com');

  it.each([
    ['the answer', { value: [list] }],
    ['a category', list],
    ['the answer with the id of its service', { id: path, outboundDependencies: { value: [list] } }],
    ['a list of it', [{ id: path.toLowerCase(), outboundDependencies: { value: [list] } }]],
  ])('is known by its shape: %s', (_name, document) => {
    const estate = fileOf(sound.resources, document);
    expect(estate.errors).toEqual([]);
    expect(reportOf(estate).listed?.endpoints).toMatchObject([{ dependency: 'captcha', firewall: 'allowed' }]);
  });

  it("is nobody's where several services are there, and is said to be left out", () => {
    const other = sound.resources.map((each) => (each.id === ids.service ? { ...each, id: `${ids.service}-2` } : each));
    const estate = fileOf([...sound.resources, ...other], { value: [list] });
    expect(estate.errors.map(({ message }) => message)).toContain(
      'a list of dependencies does not say of which of 2 services it is: left out',
    );
    expect(findingIn(reportOf(estate)).status).toBe('notApplicable');
  });

  it.each([
    ['an entry that is none', { value: [list, { category: 'x' }] }],
    ['a port that is none', { value: [list, category('a.microsoft.com', 70_000)] }],
    ['a page that is not the last', { value: [list], nextLink: 'https://management.azure.com/next' }],
  ])('is not green with %s', (_name, answer) => {
    const report = judged([], { id: path, outboundDependencies: answer });
    expect(findingIn(report).status).toBe('unknown');
    expect(report.listed?.endpoints).toHaveLength(1);
  });

  it('without a port is unknown', () => {
    expect(judged([], category('a.microsoft.com', null)).listed?.endpoints).toMatchObject([{ result: 'unknown' }]);
  });

  it("of another region is not this deployment's", () => {
    const report = judged([], category('a.blob.core.windows.net', 443, 'Japan East'), list);
    expect(report.listed?.endpoints.map(({ domainName }) => domainName)).toEqual(['partner.prod.repmap.microsoft.com']);
  });

  const example = new URL(
    '../../../shared/corpus/azure-rest-api-specs/apimanagement/2022-08-01/ApiManagementServiceGetOutboundNetworkDependenciesEndpoints.json',
    import.meta.url,
  );
  it.skipIf(!existsSync(example))('is read whole from the published example', () => {
    const { responses } = JSON.parse(readFileSync(example, 'utf8'));
    const estate = fileOf(sound.resources, responses['200'].body);
    expect(estate.errors).toEqual([]);
    const [list] = estate.outboundDependencies.values();
    expect([list?.endpoints.length, list?.notRead]).toEqual([53, undefined]);
  });
});

describe('a listed endpoint', () => {
  const blob = category('x.blob.core.windows.net', 443, 'West Europe', 'Azure Storage');
  const resolved = (domainName: string, ...addresses: string[]) => ({ domainName, addresses });

  it('fails where one of its addresses does not get through, and passes where all do', () => {
    const mail = category('mail.example.com', 8443);
    const rule = (...addresses: string[]) => judged([], mail, resolved('mail.example.com', ...addresses));
    expect(rule('93.184.216.34').listed?.endpoints[0]).toMatchObject({ result: 'fail', firewall: 'denied' });
    expect(rule('20.10.0.1').listed?.endpoints[0]).toMatchObject({ result: 'pass', firewall: 'notOnPath' });
    expect(rule('20.10.0.1', '93.184.216.34').listed?.endpoints[0]?.result).toBe('fail');
  });

  it('is unknown, not green, where its name was asked for and not resolved', () => {
    const report = judged([], blob, { domainName: 'X.blob.core.windows.net.', notResolved: 'there is no such name' });
    expect(report.listed?.endpoints[0]).toMatchObject({ result: 'unknown', basis: 'ranges' });
    expect(findingIn(report)).toMatchObject({ status: 'unknown', severity: 'info' });
    expect(findingIn(report).evidence.notSeen?.join()).toContain('there is no such name');
  });

  it('is dropped by a route', () => {
    const { resources, policy } = sound;
    const text = JSON.stringify(resources).replaceAll('"VirtualAppliance","nextHopIpAddress":"10.0.1.4"', '"None"');
    const report = reportOf(
      fileOf(JSON.parse(text), category('a.example.com'), resolved('a.example.com', '93.184.216.34')),
      policy,
    );
    expect(report.listed?.endpoints[0]).toMatchObject({
      result: 'fail',
      via: [{ path: 'dropped' }],
      stop: 'dropped by None of route "default"',
    });
  });

  it('is unknown where the firewall on the way cannot be read', () => {
    const estate = fileOf(sound.resources, category('a.example.com'), resolved('a.example.com', '93.184.216.34'));
    const report = reportOf({ ...estate, azureFirewalls: new Map() });
    expect(report.listed?.endpoints[0]).toMatchObject({ result: 'unknown', firewall: 'unknown' });
  });

  it('that another finding speaks of is told there, and weighs nothing twice', () => {
    const report = judged(['no storage endpoint'], blob);
    const finding = findingIn(report);
    expect([finding.status, finding.severity]).toEqual(['fail', 'info']);
    expect(finding.message).toContain('All of it is said by firewall-storage.');
    expect(report.listed?.endpoints[0]).toMatchObject({ requirements: ['firewall-storage'] });
    expect(findingIn(report, 'firewall-storage').evidence.listed).toMatch(/^x\.blob\.core\.windows\.net:443 .*fw-one/);
  });

  it('whose addresses are not known does not stand against the fix of something else', () => {
    const report = judged(['a hole in the tunnel'], category('new.example.com', 8443));
    expect(findingIn(report).status).toBe('unknown');
    expect(findingIn(report, 'unapproved-direct-route').fix).toBeDefined();
  });

  it('that no other finding speaks of weighs as its dependency does', () => {
    const report = judged([], category('new.captcha.example.com', 8443, 'Global', 'Portal Captcha'));
    expect(findingIn(report)).toMatchObject({ status: 'fail', severity: 'low', resource: ids.firewall });
    expect(findingIn(report, 'firewall-captcha').status).toBe('pass');
  });
});
