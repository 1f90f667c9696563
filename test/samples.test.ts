/**
 * The sample estate, audited by the real evaluator. The expectations are written from the facts of each configuration
 * (samples/README.md says what is wrong in words), not from the evaluator's answers.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../lib/audit/audit.ts';
import type { DeploymentReport, Status, TunnelState, Verdict } from '../lib/audit/report.ts';
import { bundledTagsFor } from '../lib/azure/bundled-service-tags.ts';
import { readEstate } from '../lib/azure/documents/read-estate.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import { catalogue } from '../lib/requirements/catalogue.ts';

const samples = new URL('../samples/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, samples), 'utf8');

interface Expected {
  readonly verdict: Verdict;
  readonly tunnel?: TunnelState;
  /** Every requirement that fails, and no other. */
  readonly fails: readonly string[];
  readonly unknown?: readonly string[];
  readonly exempt?: readonly string[];
}

const compliant: Expected = { verdict: 'compliant', tunnel: 'forced', fails: [] };

function broken(...fails: string[]): Expected {
  return { verdict: 'nonCompliant', tunnel: 'forced', fails };
}

/** `name|region` -> what the configuration deserves. */
const expected: Readonly<Record<string, Expected>> = {
  'apim-kestrel-prod-weu|westeurope': compliant,
  'apim-kestrel-quotes-weu|westeurope': broken('control-plane-route'),
  'apim-kestrel-labels-chn|switzerlandnorth': broken('control-plane-route'),
  'apim-kestrel-partner-weu|westeurope': broken('client-routes'),
  'apim-kestrel-returns-neu|northeurope': broken('firewall-azure-monitor'),
  'apim-kestrel-edge-v2|westeurope': { verdict: 'outOfScope', fails: [] },
  'apim-marlow-orders-weu|westeurope': broken(
    'service-endpoint-storage',
    'service-endpoint-sql',
    'service-endpoint-event-hub',
    'service-endpoint-key-vault',
    'firewall-storage',
    'firewall-sql',
    'firewall-key-vault',
    'firewall-event-hub',
  ),
  'apim-marlow-tracking-weu|westeurope': broken('control-plane-route', 'kms-route'),
  'apim-marlow-rates-weu|westeurope': {
    verdict: 'nonCompliant',
    tunnel: 'partial',
    fails: ['forced-tunnel', 'unapproved-direct-route'],
  },
  'apim-marlow-lab-neu|northeurope': {
    verdict: 'nonCompliant',
    tunnel: 'dropped',
    fails: ['forced-tunnel', 'dependency-not-dropped'],
  },
  'apim-marlow-depot-weu|westeurope': broken('nsg-management-exposure'),
  'apim-marlow-fleet|westeurope': compliant,
  'apim-marlow-fleet|northeurope': broken('firewall-sql'),
  'Apim-Tarn-Declarations|westeurope': { ...compliant, exempt: ['kms-route'] },
  'Apim-Tarn-Declarations|northeurope': {
    ...broken('nsg-inbound-clients', 'nsg-inbound-traffic-manager'),
    exempt: ['kms-route'],
  },
  'apim-tarn-archive-weu|westeurope': broken('nsg-attached'),
  'apim-tarn-portal-neu|northeurope': {
    verdict: 'unknown',
    tunnel: 'unknown',
    fails: [],
    unknown: [
      'forced-tunnel',
      'unapproved-direct-route',
      'firewall-azure-monitor',
      'firewall-entra-id',
      'firewall-certificates',
      'firewall-portal-diagnostics',
      'firewall-captcha',
    ],
  },
  'apim-tarn-legacy-weu|westeurope': { verdict: 'nonCompliant', tunnel: 'direct', fails: ['platform-supported'] },
};

const requirementIds = catalogue.map(({ id }) => id);
const policy = parsePolicy(read('policy.json'), 'samples/policy.json', requirementIds);
const estate = await readEstate([
  { name: 'samples/estate.json', path: fileURLToPath(new URL('estate.json', samples)) },
]);
const now = new Date('2026-11-23T15:00:00Z');
const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy, now });

const nameOf = ({ name, region }: DeploymentReport): string => `${name}|${region}`;

function withStatus(deployment: DeploymentReport, status: Status): string[] {
  return deployment.findings.filter((finding) => finding.status === status).map(({ requirement }) => requirement);
}

function findingOf(name: string, requirement: string): DeploymentReport['findings'][number] {
  const deployment = report.deployments.find((each) => nameOf(each) === name);
  const finding = deployment?.findings.find((each) => each.requirement === requirement);
  if (!finding) throw new Error(`${name} has no finding ${requirement}`);
  return finding;
}

describe('the sample estate', () => {
  it('is a Resource Graph result that says how much it holds', () => {
    const document = JSON.parse(read('estate.json')) as Record<string, unknown> & { data: unknown[] };
    expect(Object.keys(document)).toEqual(['count', 'data', 'skip_token', 'total_records']);
    expect(document.count).toBe(document.data.length);
    expect(document.total_records).toBe(document.data.length);
  });

  it('is read without a complaint', () => {
    expect(report.errors).toEqual([]);
  });

  it('holds the deployments that are expected and no other', () => {
    expect(report.deployments.map(nameOf).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(report.deployments.map((deployment) => [nameOf(deployment), deployment] as const))(
    'gives %s its verdict, its tunnel and exactly its failures',
    (name, deployment) => {
      expect({
        verdict: deployment.verdict,
        tunnel: deployment.tunnel?.state,
        fails: withStatus(deployment, 'fail'),
        unknown: withStatus(deployment, 'unknown'),
        exempt: withStatus(deployment, 'exempt'),
      }).toEqual({ tunnel: undefined, unknown: [], exempt: [], ...expected[name] });
    },
  );

  it('proves the stale control plane routes by an address that none of them covers', () => {
    const { counterexample } = findingOf('apim-kestrel-labels-chn|switzerlandnorth', 'control-plane-route').evidence;
    const all = findingOf('apim-kestrel-quotes-weu|westeurope', 'control-plane-route').evidence.counterexample;
    expect(counterexample?.port).toBe('tcp/3443');
    expect((all?.addresses ?? 0) - (counterexample?.addresses ?? 0)).toBe(4);
  });

  it('proves the missing firewall rule by its port', () => {
    const finding = findingOf('apim-kestrel-returns-neu|northeurope', 'firewall-azure-monitor');
    expect(finding.evidence.counterexample?.port).toBe('tcp/1886');
    expect(finding.resource).toMatch(/azureFirewalls\/afw-hub-neu$/);
  });

  it('sees the route of one half win over the decoy default', () => {
    const { route } = findingOf('apim-marlow-tracking-weu|westeurope', 'control-plane-route').evidence;
    expect(route?.addressPrefix).toBe('0.0.0.0/1');
  });

  it('shows the expired exemption and does not honour it', () => {
    const finding = findingOf('apim-kestrel-quotes-weu|westeurope', 'control-plane-route');
    expect(finding.status).toBe('fail');
    expect(finding.evidence.exemption?.expired).toBe(true);
  });

  it('is explained in the table of its README, row by row', () => {
    const rows = read('README.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const written = rows.map(([, name = '', region = '', , verdict = '', fails = '']) => ({
      key: `${name.replaceAll('`', '')}|${region}`,
      verdict,
      fails: [...fails.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
    }));
    expect(written.map(({ key }) => key).sort()).toEqual(Object.keys(expected).sort());
    for (const { key, verdict, fails } of written) {
      expect({ key, verdict, fails }).toEqual({
        key,
        verdict: expected[key]?.verdict,
        fails: expected[key]?.fails,
      });
    }
  });
});
