/** Nothing but the approved exceptions leaves the subnet around the tunnel. */
import { isEmpty } from '../address/interval-set.ts';
import { planTunnelled } from './fix/plan-routes.ts';
import { counterexample, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { addressesThat, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

export const unapprovedDirectRoute: Requirement = {
  id: 'unapproved-direct-route',
  severity: 'high',
  needsTunnel: true,
  title: 'No unapproved way around the tunnel',
  demand: 'No public range outside the approved exceptions has next hop Internet.',
  impact: 'Traffic to these addresses leaves without inspection: the tunnel has a hole.',
  check: (situation) => {
    const resource = routingResource(situation);
    const direct = addressesThat(situation, situation.examinedSpace, (kind) => kind === 'direct');
    if (!isEmpty(direct.addresses)) {
      const route = routeEvidence(direct.first);
      return {
        status: 'fail',
        message: `${rangesText(direct.addresses)} leave straight to the Internet by ${direct.first?.source === 'User' ? `route "${direct.first.name}"` : 'the system default route'}.`,
        resource,
        evidence: { ...(route && { route }), counterexample: counterexample(direct.addresses) },
        fix: () => planTunnelled(situation, direct.addresses),
      };
    }
    const undecided = addressesThat(situation, situation.examinedSpace, (kind) => kind === 'undecided');
    if (!situation.routing || !isEmpty(undecided.addresses)) {
      return unknown('Whether anything leaves around the tunnel cannot be said.', routingNotSeen(situation), resource);
    }
    return pass('Only approved exceptions leave straight to the Internet.', resource);
  },
};
