/** One requirement on one deployment: the check with the rules around it (policy switches, the tunnel gate). */

import { listedEndpoints } from '../requirements/listed-endpoints.ts';
import { routingNotSeen } from '../requirements/reach.ts';
import type { Outcome, Requirement } from '../requirements/requirement.ts';
import type { Situation } from '../requirements/situation.ts';

const switchedOff: Outcome = { status: 'notApplicable', message: 'Switched off by the policy.' };
const noTunnel: Outcome = {
  status: 'notApplicable',
  message: 'No tunnel is in force: all public traffic leaves directly.',
};

/** Contract, section 3: what is marked T does not apply without a tunnel and does not fail where one is only possible. */
function judgeAfresh(requirement: Requirement, situation: Situation): Outcome {
  if (situation.policy.requirements[requirement.id]?.enabled === false) return switchedOff;
  const { state } = situation.tunnel;
  if (requirement.needsTunnel && state === 'direct') return noTunnel;
  const outcome = requirement.check(situation);
  if (!requirement.needsTunnel || state !== 'unknown' || outcome.status !== 'fail') return outcome;
  const { fix: _, ...rest } = outcome;
  const notSeen = [...(outcome.evidence?.notSeen ?? []), ...routingNotSeen(situation)];
  return {
    ...rest,
    status: 'unknown',
    message: `If the subnet is tunnelled, this fails: ${outcome.message}`,
    evidence: { ...outcome.evidence, notSeen },
  };
}

/** One requirement in one situation; asked again, as a trial of a fix does, it is not computed again. */
export function judge(requirement: Requirement, situation: Situation): Outcome {
  let outcome = situation.outcomes.get(requirement.id);
  if (!outcome) {
    outcome = judgeAfresh(requirement, situation);
    situation.outcomes.set(requirement.id, outcome);
  }
  return outcome;
}

/** What held or did not matter now fails, or what held is now open. */
function isWorse(before: Outcome['status'], after: Outcome['status']): boolean {
  if (after === 'fail') return before !== 'fail';
  return after === 'unknown' && before === 'pass';
}

/** Whether a changed situation mends `id` and makes nothing else worse. */
export function mends(id: string, before: Situation, after: Situation, requirements: readonly Requirement[]): boolean {
  const mended = requirements.find((requirement) => requirement.id === id);
  if (!mended || judge(mended, after).status !== 'pass') return false;
  // The group's own findings depend on nothing else that a fix could change.
  const sameGroup = after.securityGroup === before.securityGroup;
  return (
    requirements
      .filter((requirement) => !(sameGroup && requirement.id.startsWith('nsg-')))
      // Where a name leads becomes certain when nothing goes around the tunnel any more: what it then shows was there before.
      .filter(({ id: each }) => each !== listedEndpoints.id || judge(listedEndpoints, before).status !== 'unknown')
      .every((requirement) => !isWorse(judge(requirement, before).status, judge(requirement, after).status))
  );
}
