/** The page: all in one file, safe whatever Azure calls its things, and saying what the report says. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { Report } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { anchorOf } from '../../lib/report/html/anchor.ts';
import { toHtml } from '../../lib/report/html/index.ts';
import { brokenEstate } from '../support/broken-estate.ts';

function reportOf(names: readonly string[]): Report {
  const { resources, policy } = brokenEstate(names);
  const estate = estateFromResources(resources, { kind: 'file', name: 'test' });
  return auditEstate(estate, {
    tagsFor: bundledTagsFor,
    policy,
    now: new Date('2026-11-23T15:00:00Z'),
    addressSpace: true,
  });
}

/** A report with a deployment for each name; `change` makes them differ. */
function withDeployments(report: Report, names: readonly string[]): Report {
  const [one] = report.deployments;
  if (!one) throw new Error('the report has no deployment');
  const deployments = names.map((name, index) => ({ ...one, name, key: `${one.key.replace('|', `-${index}|`)}` }));
  return { ...report, deployments };
}

const page = (report: Report): string => [...toHtml(report)].join('');

describe('the page', () => {
  const report = reportOf(['no control plane route', 'no storage endpoint']);
  const text = page(report);

  it('says each open finding with its message, counterexample, impact and fix, and can be linked to it', () => {
    const open = report.deployments[0]?.findings.filter(({ status }) => status === 'fail') ?? [];
    expect(open.length).toBeGreaterThan(1);
    for (const { requirement, evidence, fix } of open) {
      expect(text).toContain(`id="${anchorOf(report.deployments[0] as Report['deployments'][0], requirement)}"`);
      if (evidence.counterexample) expect(text).toContain(evidence.counterexample.addressPrefix);
      if (fix) expect(text).toContain(fix.summary);
    }
  });

  it('draws where the traffic goes without a script', () => {
    expect(text).toContain('<svg class="sankey"');
    for (const { dependency } of report.deployments[0]?.paths ?? [])
      expect(text).toMatch(new RegExp(`>(✗ )?${dependency}</text>`));
    expect(text).toContain('VirtualAppliance 10.0.1.4');
  });

  it('marks the dependencies whose way is broken, whichever rule says so, and no others', () => {
    expect(text).toContain('>✗ control-plane</text>');
    expect(text).toContain('>✗ storage</text>');
    expect(text).not.toContain('✗ sql');
  });

  it('says of a broken rule what Azure observes there', () => {
    const observed = 'predicted, not yet felt: Azure still observes success for <b>';
    const deployments = report.deployments.map((deployment) => ({
      ...deployment,
      findings: deployment.findings.map((finding) => ({ ...finding, evidence: { ...finding.evidence, observed } })),
    }));
    expect(page({ ...report, deployments })).toContain(`Observed: ${observed.replace('<b>', '&lt;b&gt;')}`);
  });

  it('asks for nothing from anywhere', () => {
    expect(text).not.toMatch(/(src|href)\s*=\s*"(?!#|data:,")/);
    expect(text).not.toMatch(/url\(|@import|<link (?!rel="icon" href="data:,")|<img|<iframe|fetch\(|XMLHttpRequest/);
  });

  it('lets nothing run but its own script, and no style but its own', () => {
    const policy = /content="(default-src[^"]+)"/.exec(text)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const hash = (tag: string): string => {
      const content = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? '';
      return `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
    };
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`script-src ${hash('script')}`);
    expect(policy).toContain(`style-src ${hash('style')}`);
    expect(text).not.toMatch(/ style="| on[a-z]+="/);
  });

  it('is the same for the same report', () => {
    expect(page(report)).toBe(text);
  });
});

describe('names that would break a page', () => {
  it.each([
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '\u202egnp.exe',
    '</style><script>alert(1)</script>',
    'x'.repeat(260),
  ])('%s is shown as text', (name) => {
    const text = page(withDeployments(reportOf(['no control plane route']), [name, 'other']));
    const withoutOwn = text.replace(/<script>[\s\S]*?<\/script>\n<\/body>/, '').replace(/<style>[\s\S]*?<\/style>/, '');
    expect(withoutOwn).not.toMatch(/<script|<img|<[^>]*\son\w+=["']|\u202e/i);
    expect(text.match(/<script>/g)).toHaveLength(1);
  });
});

describe('many deployments', () => {
  const names = Array.from({ length: 300 }, (_, index) => `apim-${index}`);
  const text = page(withDeployments(reportOf(['no control plane route']), names));

  it('have a row and a section each, and are found by what the filters look at', () => {
    expect(text.match(/ data-row=/g)).toHaveLength(300);
    expect(text.match(/<article /g)).toHaveLength(300);
    expect(text.match(/\tcontrol-plane-route"/g)).toHaveLength(300);
    expect(new Set(text.match(/<article id="[^"]+"/g)).size).toBe(300);
  });

  it('are in the order in which they matter', () => {
    const report = withDeployments(reportOf([]), ['good', 'bad']);
    const [good, bad] = report.deployments;
    if (!good || !bad) throw new Error('there are two');
    const mixed = page({ ...report, deployments: [good, { ...bad, verdict: 'nonCompliant' }] });
    expect(mixed.indexOf('>bad</a>')).toBeLessThan(mixed.indexOf('>good</a>'));
  });

  it('stay small: one page of one below 150 KB', () => {
    expect(Buffer.byteLength(page(reportOf(['no control plane route'])))).toBeLessThan(150 * 1024);
  });
});
