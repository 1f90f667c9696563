/**
 * Windows activation. Source: Microsoft Support, "Windows activation fails in forced tunneling scenario": requests must
 * come from an Azure public address.
 */
import { isEmpty, toPrefixes } from '../address/interval-set.ts';
import { kmsAddresses } from './dependency.ts';
import { planToInternet } from './fix/plan-routes.ts';
import { counterexample, hopText, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { reachInternet, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

export const kmsRoute: Requirement = {
  id: 'kms-route',
  severity: 'low',
  needsTunnel: true,
  title: 'Windows activation goes straight to the Internet',
  demand: "The cloud's KMS addresses have next hop Internet.",
  impact:
    'The Windows machines under the gateway cannot renew their activation; it shows late, and seldom as the cause.',
  check: (situation) => {
    const resource = routingResource(situation);
    const addresses = kmsAddresses(situation.deployment.region);
    const result = reachInternet(situation, addresses);
    if (result.holds) return pass('The KMS addresses have next hop Internet.', resource);
    if (isEmpty(result.elsewhere)) {
      return unknown('Where activation requests go cannot be said.', routingNotSeen(situation), resource);
    }
    const route = routeEvidence(result.firstElsewhere);
    return {
      status: 'fail',
      message: `Activation requests to ${rangesText(result.elsewhere)} go to ${hopText(result.firstElsewhere)}, not to the Internet.`,
      resource,
      evidence: { ...(route && { route }), counterexample: counterexample(result.elsewhere, 'tcp/1688') },
      fix: () => planToInternet(situation, toPrefixes(addresses), result.elsewhere),
    };
  },
};
