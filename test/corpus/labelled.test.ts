/**
 * Public configurations with their expected findings, worked out by hand. They lie beside the project, not in it; where
 * they are absent this suite is skipped, and says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { DocumentError, readEstate } from '../../lib/azure/documents/read-estate.ts';
import { defaultPolicy } from '../../lib/policy/policy.ts';

const corpus = fileURLToPath(new URL('../../../shared/corpus/', import.meta.url));
const folder = `${corpus}labelled/`;
const isThere = existsSync(`${folder}labels.json`);
if (!isThere) process.stderr.write('test/corpus: skipped, ../shared/corpus is not here\n');

interface Label {
  readonly scope: string;
  readonly mode?: string;
  readonly sku?: string;
  readonly tunnel?: string;
  readonly verdict?: string;
  readonly findings: Readonly<Record<string, string>>;
  readonly severities?: Readonly<Record<string, string>>;
}

const labels: Record<string, { deployments: Record<string, Label> }> = isThere
  ? JSON.parse(readFileSync(`${folder}labels.json`, 'utf8'))
  : {};

describe.skipIf(!isThere)('labelled configurations', () => {
  it.each(Object.keys(labels))('%s comes out as labelled', async (name) => {
    const estate = await readEstate([{ name, path: `${folder}${name}.json` }]);
    const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0) });
    const expected = labels[name]?.deployments ?? {};
    expect(report.deployments.map((deployment) => `${deployment.name}|${deployment.region}`)).toEqual(
      Object.keys(expected),
    );
    for (const deployment of report.deployments) {
      const label = expected[`${deployment.name}|${deployment.region}`];
      if (!label) throw new Error('no label');
      expect(deployment.scope).toBe(label.scope);
      if (label.mode) expect(deployment.mode).toBe(label.mode);
      if (label.sku) expect(deployment.sku).toBe(label.sku);
      if (label.tunnel) expect(deployment.tunnel?.state).toBe(label.tunnel);
      if (label.verdict) expect(deployment.verdict).toBe(label.verdict);
      const found = Object.fromEntries(deployment.findings.map((finding) => [finding.requirement, finding]));
      const statuses = Object.fromEntries(Object.keys(label.findings).map((id) => [id, found[id]?.status]));
      expect(statuses).toEqual(label.findings);
      for (const [id, severity] of Object.entries(label.severities ?? {})) expect(found[id]?.severity).toBe(severity);
    }
  });
});

describe.skipIf(!isThere)('the whole corpus', () => {
  const files = isThere
    ? readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'))
    : [];

  it.each(files)('%s is an estate or gets a one-line error', async (path) => {
    try {
      const estate = await readEstate([{ name: path, path: `${corpus}${path}` }]);
      const report = auditEstate(estate, { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0) });
      expect(report.summary.services).toBe(estate.services.length);
    } catch (error) {
      expect(error).toBeInstanceOf(DocumentError);
      expect((error as DocumentError).message).not.toContain('\n');
    }
  });
});
