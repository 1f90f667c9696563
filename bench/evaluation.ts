/** One deployment, all requirements, with warm tags: what the watcher does for each event once it has read Azure. */
import { evaluateDeployment } from '../lib/audit/evaluate.ts';
import { bundledTagsFor } from '../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../lib/azure/documents/read-estate.ts';
import { defaultPolicy } from '../lib/policy/policy.ts';
import { deploymentsOf } from '../lib/requirements/situation.ts';
import { type Claim, middle, type Result } from './claim.ts';
import { deploymentResources } from './estate-generator.ts';

function run(): Result[] {
  const resources = Array.from({ length: 500 }, (_, index) => deploymentResources(index)).flat();
  const estate = estateFromResources(resources, { kind: 'file', name: 'bench' });
  const options = { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date(0) };
  const measured: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (const deployment of estate.services.flatMap(deploymentsOf)) {
      const start = performance.now();
      evaluateDeployment(deployment, estate, options);
      if (round > 0) measured.push(performance.now() - start);
    }
  }
  const median = middle(measured);
  return [
    {
      claim: `one deployment, all requirements (${measured.length} evaluations)`,
      bar: 'median <= 1 ms',
      measured: `${median.toFixed(2)} ms`,
      holds: median <= 1,
    },
  ];
}

export const evaluation: Claim = { name: 'evaluation', run };
