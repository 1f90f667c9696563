/**
 * Symmetric replies to the control plane. Source: Microsoft Learn, "Virtual network configuration reference: API
 * Management", section "Force tunnel traffic to on-premises firewall using ExpressRoute or network virtual appliance".
 */
import { isEmpty } from '../address/interval-set.ts';
import { controlPlaneTag } from './dependency.ts';
import { planToInternet } from './fix/plan-routes.ts';
import { counterexample, hopText, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { reachInternet, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

export const controlPlaneRoute: Requirement = {
  id: 'control-plane-route',
  severity: 'high',
  needsTunnel: true,
  title: 'Replies to the control plane go straight to the Internet',
  demand: 'Every IPv4 prefix of the ApiManagement service tag has next hop Internet.',
  impact:
    'Replies to the management plane on port 3443 take another way than the requests and are lost: the gateway serves on, but configuration, portal and scaling operations fail.',
  check: (situation) => {
    const resource = routingResource(situation);
    const tag = situation.tags.find(controlPlaneTag);
    if (!tag) return unknown('The control plane addresses are not known.', routingNotSeen(situation), resource);
    const global = reachInternet(situation, tag.set);
    if (global.holds) return pass('All control plane addresses have next hop Internet.', resource);
    if (isEmpty(global.elsewhere)) {
      return unknown('Where replies to the control plane go cannot be said.', routingNotSeen(situation), resource);
    }
    const regional = situation.tags.findRegional(controlPlaneTag, situation.deployment.region);
    const regionalHolds = regional !== undefined && reachInternet(situation, regional.set).holds;
    const route = routeEvidence(global.firstElsewhere);
    const scope = regionalHolds ? `only ${regional.name} is covered; ` : '';
    return {
      status: 'fail',
      message: `Control plane replies: ${scope}${rangesText(global.elsewhere)} of ${tag.name} go to ${hopText(global.firstElsewhere)}, not to the Internet.`,
      resource,
      ...(regionalHolds && { severity: 'medium' as const }),
      evidence: { ...(route && { route }), counterexample: counterexample(global.elsewhere, 'tcp/3443') },
      fix: () => planToInternet(situation, [controlPlaneTag], global.elsewhere),
    };
  },
};
