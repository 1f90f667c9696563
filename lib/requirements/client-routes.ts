/**
 * Replies to clients of an External service. Source: as control-plane-route; a route to Internet for each client range.
 */
import { fromPrefixes, isEmpty } from '../address/interval-set.ts';
import { packIpv4Prefix } from '../address/prefix.ts';
import { planToInternet } from './fix/plan-routes.ts';
import { counterexample, hopText, notApplicable, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { reachInternet, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

export const clientRoutes: Requirement = {
  id: 'client-routes',
  severity: 'critical',
  needsTunnel: true,
  title: 'Replies to clients go straight to the Internet',
  demand: 'External mode: every client range of the policy has next hop Internet.',
  impact: 'Replies to these clients go into the tunnel and are dropped there: their calls time out.',
  check: (situation) => {
    const mode = situation.deployment.mode.toLowerCase();
    if (mode === 'internal') return notApplicable('Internal mode has no clients on the Internet.');
    const resource = routingResource(situation);
    const { clients } = situation.policy;
    if (clients.length === 0) {
      return unknown(
        'The policy declares no client ranges, so their routes cannot be checked.',
        ['policy field "clients"'],
        resource,
      );
    }
    const ipv4 = clients.filter((client) => packIpv4Prefix(client) >= 0);
    const result = reachInternet(situation, fromPrefixes(ipv4));
    if (!isEmpty(result.elsewhere)) {
      const route = routeEvidence(result.firstElsewhere);
      return {
        status: 'fail',
        message: `Replies to clients in ${rangesText(result.elsewhere)} go to ${hopText(result.firstElsewhere)}, not to the Internet.`,
        resource,
        evidence: { ...(route && { route }), counterexample: counterexample(result.elsewhere, 'tcp/443') },
        fix: () => planToInternet(situation, ipv4, result.elsewhere),
      };
    }
    if (!result.holds)
      return unknown('Where replies to clients go cannot be said.', routingNotSeen(situation), resource);
    const ipv6 = clients.filter((client) => packIpv4Prefix(client) < 0);
    if (ipv6.length > 0) {
      return unknown(
        'IPv6 client ranges are not evaluated.',
        ipv6.map((client) => `the route of ${client}`),
        resource,
      );
    }
    return pass('All client ranges have next hop Internet.', resource);
  },
};
