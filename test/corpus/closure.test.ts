/**
 * One evaluator, four doors: what the watcher reads step by step gives the verdict that the whole export gives, for the samples and,
 * where it is at hand, for the corpus.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import type { DeploymentReport } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { readClosure } from '../../lib/azure/closure.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { graphSource } from '../../lib/azure/graph-source.ts';
import type { Estate } from '../../lib/network/model.ts';
import { parsePolicy } from '../../lib/policy/parse.ts';
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';
import { catalogue } from '../../lib/requirements/catalogue.ts';
import { readResources } from '../../local/watcher.ts';

const samples = fileURLToPath(new URL('../../samples/', import.meta.url));
const corpus = fileURLToPath(new URL('../../../shared/corpus/labelled/', import.meta.url));
const hasCorpus = existsSync(corpus);

function audit(estate: Estate, policy: Policy): readonly DeploymentReport[] {
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date('2026-11-23T15:00:00Z') }).deployments;
}

/** `<deployment>/<requirement>` -> status and severity. */
function verdicts(deployments: readonly DeploymentReport[]): Record<string, string> {
  return Object.fromEntries(
    deployments.flatMap(({ key, verdict, findings }) => [
      [key, verdict],
      ...findings.map(({ requirement, status, severity }) => [`${key}/${requirement}`, `${status} ${severity}`]),
    ]),
  );
}

async function compareDoors(file: string, policy: Policy): Promise<void> {
  const resources = readResources(file);
  const whole = audit(estateFromResources(resources, { kind: 'file', name: file }), policy);
  const source = graphSource({ resources, name: file });
  const stepwise: DeploymentReport[] = [];
  for (const service of source.services) {
    for (const { region } of whole.filter((each) => each.service.toLowerCase() === service.toLowerCase())) {
      const { estate } = await readClosure(source, { service, region });
      stepwise.push(...audit(estate, policy).filter((each) => each.region === region));
    }
  }
  expect(verdicts(stepwise)).toEqual(verdicts(whole));
  expect(stepwise.length).toBeGreaterThan(0);
}

describe('reading step by step', () => {
  it('gives what the whole sample estate gives', async () => {
    const known = catalogue.map(({ id }) => id);
    const policy = parsePolicy(readFileSync(`${samples}policy.json`, 'utf8'), 'policy.json', known);
    await compareDoors(`${samples}estate.json`, policy);
  });

  describe.skipIf(!hasCorpus)('of the corpus', () => {
    const files = hasCorpus ? readdirSync(corpus).filter((name) => /^\d.*\.json$/.test(name)) : [];
    it.each(files)('gives what the whole of %s gives', (name) => compareDoors(`${corpus}${name}`, defaultPolicy));
  });
});
