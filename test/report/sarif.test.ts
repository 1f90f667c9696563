/** What code scanning reads: levels, kinds, places and words, compared with the report they were made from. */
import type { Log, Result } from 'sarif';
import { describe, expect, it } from 'vitest';
import type { Report, Severity } from '../../lib/audit/report.ts';
import { toSarif } from '../../lib/report/sarif.ts';
import { catalogue } from '../../lib/requirements/catalogue.ts';
import {
  compliant,
  exempt,
  failing,
  failures,
  nonCompliant,
  openMedium,
  report,
  reportOf,
  routeTableId,
  unknown,
} from './sample-report.ts';

function read(given: Report): Log {
  return JSON.parse(
    [...toSarif(given, { width: 100, colour: false, toolVersion: '1.2.3', locate: () => undefined })].join(''),
  );
}

function resultsOf(given: Report): Result[] {
  return read(given).runs.flatMap((run) => run.results ?? []);
}

function resultOf(given: Report, requirement: string): Result {
  const found = resultsOf(given).find(({ ruleId }) => ruleId === requirement);
  if (!found) throw new Error(`no result for ${requirement}`);
  return found;
}

const levels: Readonly<Record<Severity, string>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
  info: 'note',
};

describe('sarif', () => {
  it.each([failing, ...failures])('gives a failure of severity $severity its level', ({ requirement, severity }) => {
    const found = resultOf(report, requirement);
    expect(found).toMatchObject({ kind: 'fail', level: levels[severity], properties: { severity } });
    expect(found.suppressions).toBeUndefined();
  });

  it('proves a failure in its message, and carries impact and fix', () => {
    const { message, properties } = resultOf(report, failing.requirement);
    expect(message.text).toBe('apim-one (uksouth): Replies go to the appliance. Counterexample: 20.0.0.0/24 tcp/3443.');
    expect(properties).toMatchObject({ impact: failing.impact, fix: failing.fix });
  });

  it('leaves an open question without a level, and says what it waits for', () => {
    const found = resultOf(reportOf([unknown]), openMedium.requirement);
    expect(found).toMatchObject({ kind: 'open', level: 'none' });
    expect(found.message.text).toBe(
      'apim-open (westeurope): The firewall is not seen. Waits for: firewall fw-one; policy fp-one; group g-one.',
    );
  });

  it('suppresses what is exempt, with its reason', () => {
    const suppressions = [{ kind: 'external', status: 'accepted', justification: 'waiver: agreed until the move' }];
    expect(resultOf(report, exempt.requirement)).toMatchObject({ kind: 'fail', level: 'error', suppressions });
  });

  it('lists passes without a level, and leaves out what does not apply', () => {
    const results = resultsOf(reportOf([compliant]));
    expect(results.map(({ ruleId, kind, level }) => ({ ruleId, kind, level }))).toEqual([
      { ruleId: 'platform-supported', kind: 'pass', level: 'none' },
    ]);
  });

  it('knows a finding again by its requirement and deployment', () => {
    const fingerprints = resultOf(report, failing.requirement).partialFingerprints;
    expect(Object.values(fingerprints ?? {})).toEqual([`${failing.requirement}|${nonCompliant.key}`]);
  });

  it('names the resource whole in the logical location', () => {
    const [location] = resultOf(report, failing.requirement).locations ?? [];
    expect(location?.logicalLocations).toEqual([{ fullyQualifiedName: routeTableId, kind: 'resource' }]);
  });

  it.each([
    [
      '/providers/Microsoft.Management/managementGroups/mg one',
      'azure/unknown/unknown/Microsoft.Management/managementGroups/mg%20one',
    ],
    ['/subscriptions/s/providers/Microsoft.Network/x/y', 'azure/s/unknown/Microsoft.Network/x/y'],
    ['plain', 'azure/unknown/unknown/plain'],
  ])('makes a path of %s', (resource, uri) => {
    const given = reportOf([{ ...nonCompliant, findings: [{ ...failing, resource }] }]);
    const [location] = resultOf(given, failing.requirement).locations ?? [];
    expect(location?.physicalLocation?.artifactLocation?.uri).toBe(uri);
  });

  it('ranks the rules on the scale of code scanning, graver ones higher', () => {
    const rules = read(report).runs[0]?.tool.driver.rules ?? [];
    const bands: Readonly<Record<Severity, readonly [number, number]>> = {
      critical: [9.1, 10],
      high: [7, 8.9],
      medium: [4, 6.9],
      low: [0.1, 3.9],
      info: [0, 0],
    };
    for (const { id, title, demand, severity } of catalogue) {
      const rule = rules.find((each) => each.id === id);
      const [from, to] = bands[severity];
      const score = Number(rule?.properties?.['security-severity']);
      expect(score).toBeGreaterThanOrEqual(from);
      expect(score).toBeLessThanOrEqual(to);
      expect(rule).toMatchObject({
        shortDescription: { text: title },
        fullDescription: { text: demand },
        defaultConfiguration: { level: levels[severity] },
        helpUri: `https://github.com/tunnelwatch/tunnelwatch/blob/main/docs/requirements/${id}.md`,
      });
    }
  });
});
