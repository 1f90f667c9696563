/** What a deployment is judged by beside Azure, in the form in which it is kept with the verdict. */
import { createHash } from 'node:crypto';
import type { Basis } from '../drift/basis.ts';
import type { DeploymentFacts } from '../drift/model.ts';
import type { Policy } from '../policy/policy.ts';
import { choicesFor } from '../policy/resolve.ts';

/** With more, a list is not kept, and a change of it is told without its ranges. */
const mostClients = 200;

/** @param tags those that the deployment is judged by */
export function basisOf(
  { service, subnet }: Pick<DeploymentFacts, 'service' | 'subnet'>,
  policy: Policy,
  tags: { readonly cloud: string; readonly changeNumber: number | string },
): Basis {
  const ids = subnet === null ? [service] : [service, subnet];
  const choices = { ...choicesFor(policy, ids), exemptions: [], overrides: [] };
  const { clients } = choices;
  return {
    policy: createHash('sha256').update(JSON.stringify(choices)).digest('hex').slice(0, 16),
    ...(clients.length <= mostClients && { clients }),
    serviceTags: `${tags.cloud}, change ${tags.changeNumber}`,
  };
}
