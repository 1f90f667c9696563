/**
 * Fixes are proven: each is carried out on the estate as Resource Manager would, from the text that the report offers,
 * and the estate is audited again. The finding must pass, and no finding of any deployment may be worse than before.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { Finding, Report } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';
import { catalogue } from '../../lib/requirements/catalogue.ts';
import { AzureCli } from '../support/azure-cli.ts';
import { breakages, brokenEstate } from '../support/broken-estate.ts';

function audit(resources: readonly unknown[], policy: Policy): Report {
  const estate = estateFromResources(resources, { kind: 'file', name: 'estate.json' });
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date('2026-11-23T00:00:00Z') });
}

function statuses(report: Report): Map<string, Finding['status']> {
  return new Map(
    report.deployments.flatMap(({ key, findings }) =>
      findings.map((finding) => [`${key} ${finding.requirement}`, finding.status] as const),
    ),
  );
}

/** What held, or did not matter, and now fails; what held and now is open. */
function worse(before: Report, after: Report): string[] {
  const was = statuses(before);
  return [...statuses(after)].flatMap(([finding, status]) => {
    const old = was.get(finding);
    const isWorse = (status === 'fail' && old !== 'fail') || (status === 'unknown' && old === 'pass');
    return isWorse ? [`${finding}: ${old} -> ${status}`] : [];
  });
}

/** Applies every fix of a report, each to the estate as it was, and judges the outcome. @returns fixes tried */
function proveFixes(resources: readonly unknown[], policy: Policy): string[] {
  const before = audit(resources, policy);
  const proven: string[] = [];
  for (const deployment of before.deployments) {
    for (const finding of deployment.findings) {
      if (!finding.fix) continue;
      expect(finding.status).toBe('fail');
      const cli = new AzureCli(resources);
      cli.run(finding.fix.azureCli);
      const after = audit(cli.resources, policy);
      const key = `${deployment.key} ${finding.requirement}`;
      expect(`${key}: ${statuses(after).get(key)}`).toBe(`${key}: pass`);
      expect(worse(before, after).map((each) => `fix of ${key} makes worse: ${each}`)).toEqual([]);
      proven.push(finding.requirement);
    }
  }
  return proven;
}

const sample: { data: unknown[] } = JSON.parse(
  readFileSync(new URL('../../samples/estate.json', import.meta.url), 'utf8'),
);
const samplePolicy = parsePolicy(
  readFileSync(new URL('../../samples/policy.json', import.meta.url), 'utf8'),
  'policy.json',
  catalogue.map(({ id }) => id),
);

/** Faults whose fixes touch different things, or the same list. */
const together = [
  'no storage endpoint',
  'no SQL endpoint',
  'no Event Hubs endpoint',
  'no Key Vault endpoint',
  'no control plane route',
  'no client route',
  'load balancer denied',
  'clients denied',
  'management denied',
  'outbound closed',
  'firewall without Azure Monitor',
  'firewall without hosts',
];

describe('fixes', () => {
  it('mend the sample estate under its policy', () => {
    const proven = new Set(proveFixes(sample.data, samplePolicy));
    for (const id of [
      'control-plane-route',
      'client-routes',
      'service-endpoint-storage',
      'nsg-attached',
      'nsg-management-exposure',
      'firewall-azure-monitor',
    ]) {
      expect(proven).toContain(id);
    }
  });

  it.each(Object.keys(breakages))('mend what "%s" breaks', (name) => {
    const { resources, policy, expected } = brokenEstate([name]);
    const proven = proveFixes(resources, policy);
    for (const id of expected) expect(proven).toContain(id);
  });

  it('mend any combination of faults, one at a time, without making another worse', () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(breakages), { minLength: 2 }), (names) => {
        const { resources, policy } = brokenEstate(names);
        proveFixes(resources, policy);
      }),
      { seed: 20261123, numRuns: 25 },
    );
  });

  it('do not undo one another: all of them together mend all that they promise', () => {
    fc.assert(
      fc.property(fc.subarray(together, { minLength: 2 }), (names) => {
        const { resources, policy } = brokenEstate(names);
        const before = audit(resources, policy);
        const fixes = before.deployments.flatMap(({ key, findings }) =>
          findings.flatMap(({ fix, requirement }) => (fix ? [{ key: `${key} ${requirement}`, fix }] : [])),
        );
        const cli = new AzureCli(resources);
        // The same command offered twice is carried out once, as a person would.
        for (const text of new Set(fixes.map(({ fix }) => fix.azureCli))) cli.run(text);
        const after = statuses(audit(cli.resources, policy));
        // A dependency that has an endpoint again no longer asks the firewall.
        for (const { key } of fixes) expect(['pass', 'notApplicable'], key).toContain(after.get(key));
      }),
      { seed: 20261123, numRuns: 60 },
    );
  });

  it('keep what stands beside them on a subnet and say so in Bicep', () => {
    const { resources } = brokenEstate(['no storage endpoint']);
    const report = audit(resources, defaultPolicy);
    const fix = report.deployments[0]?.findings.find(
      ({ requirement }) => requirement === 'service-endpoint-storage',
    )?.fix;
    expect(fix?.azureCli).toContain(
      '--service-endpoints Microsoft.Sql Microsoft.EventHub Microsoft.KeyVault Microsoft.Storage',
    );
    expect(fix?.bicep).toContain('networkSecurityGroup');
    expect(fix?.bicep).toContain('routeTable');
    expect(fix?.bicep).toContain("service: 'Microsoft.KeyVault'");
    expect(fix?.bicep).toContain("addressPrefix: '10.1.0.0/24'");
  });

  it('say when the table would hold more than 25 service tag routes', () => {
    const { resources } = brokenEstate(['no control plane route', 'twenty-five tag routes']);
    const report = audit(resources, defaultPolicy);
    const fix = report.deployments[0]?.findings.find(({ requirement }) => requirement === 'control-plane-route')?.fix;
    expect(fix?.caveats?.join(' ')).toContain('26 service tag routes; Azure allows 25');
  });
});
