/** The organisation's own demand that the subnet be tunnelled (policy `tunnel: required`). */
import { type IntervalSet, isEmpty } from '../address/interval-set.ts';
import { counterexample, notApplicable, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { addressesThat, routingNotSeen, routingResource } from './reach.ts';
import type { Outcome, Requirement } from './requirement.ts';
import type { Situation } from './situation.ts';

function escaping(situation: Situation): { addresses: IntervalSet; evidence: Outcome['evidence'] } {
  const outside = addressesThat(situation, situation.examinedSpace, (kind) => kind === 'direct' || kind === 'dropped');
  if (isEmpty(outside.addresses)) return { addresses: outside.addresses, evidence: {} };
  const route = routeEvidence(outside.first);
  return {
    addresses: outside.addresses,
    evidence: { ...(route && { route }), counterexample: counterexample(outside.addresses) },
  };
}

export const forcedTunnel: Requirement = {
  id: 'forced-tunnel',
  severity: 'high',
  needsTunnel: false,
  title: 'Internet-bound traffic is tunnelled',
  demand:
    'Where the policy says tunnel: required, all public addresses but the approved exceptions go to an appliance or gateway.',
  impact: 'Traffic does not pass the inspection that the organisation demands: it leaves around it, or is dropped.',
  check: (situation) => {
    if (situation.policy.tunnel !== 'required') return notApplicable('The policy does not demand a tunnel.');
    const { state } = situation.tunnel;
    const resource = routingResource(situation);
    if (state === 'forced') return pass('All public addresses but the approved exceptions are tunnelled.', resource);
    if (state === 'unknown') {
      return unknown('Whether the subnet is tunnelled cannot be said.', routingNotSeen(situation), resource);
    }
    const { addresses, evidence } = escaping(situation);
    return {
      status: 'fail',
      message: `The tunnel is ${state}: ${rangesText(addresses)} ${state === 'dropped' ? 'are not tunnelled' : 'do not enter it'}.`,
      resource,
      ...(evidence && { evidence }),
    };
  },
};
