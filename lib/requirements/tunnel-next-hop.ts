/** The far end of the tunnel: an appliance that has an address, and is one that the policy knows. */
import { isEmpty } from '../address/interval-set.ts';
import { parseIpv4 } from '../address/prefix.ts';
import type { CandidateRoute } from '../network/candidate-route.ts';
import { isExpression } from '../network/model.ts';
import type { RoutedPart } from '../network/routing.ts';
import { planAppliance } from './fix/plan-routes.ts';
import { counterexample, hopText, notApplicable, pass, rangesText, routeEvidence, unknown } from './outcome.ts';
import { reach, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

/** Why a next hop cannot be used; `undefined` when it can; `null` when it is not known. */
function unusable(route: CandidateRoute | undefined, appliances: readonly string[]): string | undefined | null {
  const address = route?.nextHopIpAddress;
  const isAppliance = route?.nextHopType.toLowerCase() === 'virtualappliance';
  if (isAppliance && (address === undefined || address === '')) return 'has no next hop address';
  if (isAppliance && address !== undefined) {
    if (isExpression(address)) return null;
    if (parseIpv4(address) === undefined) return `has next hop address "${address}", which is no IPv4 address`;
  }
  // A learned route leads to a gateway by its type, and may name the appliance that announced it.
  if (appliances.length === 0 || (address !== undefined && appliances.includes(address))) return undefined;
  return `leads to ${hopText(route)}, which the policy's appliances do not name`;
}

export const tunnelNextHop: Requirement = {
  id: 'tunnel-next-hop',
  severity: 'high',
  needsTunnel: true,
  title: 'The tunnel leads to a usable next hop',
  demand:
    "Every tunnelled range goes to an appliance with an address, one of the policy's appliances where it names them.",
  impact: 'Everything that should be tunnelled is lost, or passes an appliance that nobody vouches for.',
  check: (situation) => {
    const resource = routingResource(situation);
    const parts = reach(situation, situation.examinedSpace);
    if (!parts || (situation.routing?.notSeen.length ?? 0) > 0) {
      return unknown('The next hops cannot be seen.', routingNotSeen(situation), resource);
    }
    const forced = parts.filter((part) => part.kind === 'tunnel');
    if (forced.length === 0) {
      return situation.tunnel.state === 'unknown'
        ? pass('No route that is seen leads into a tunnel with an unusable next hop.', resource)
        : notApplicable('Nothing is tunnelled.');
    }
    const bad = forced.filter((part) => typeof unusable(part.route, situation.policy.appliances) === 'string');
    const [worst] = bad;
    if (worst && !isEmpty(worst.addresses)) return failure(worst, situation.policy.appliances);
    const unclear = forced.find((part) => unusable(part.route, situation.policy.appliances) === null);
    if (unclear) {
      return unknown(
        `The address of the appliance is not known.`,
        [`nextHopIpAddress of route "${unclear.route?.name}"`],
        resource,
      );
    }
    return pass(`The tunnel leads to ${[...new Set(forced.map((part) => hopText(part.route)))].join(', ')}.`, resource);

    function failure(part: RoutedPart, appliances: readonly string[]): ReturnType<Requirement['check']> {
      const route = routeEvidence(part.route);
      return {
        status: 'fail',
        message: `Route "${part.route?.name}" ${unusable(part.route, appliances)}; ${rangesText(part.addresses)} depend on it.`,
        resource,
        evidence: { ...(route && { route }), counterexample: counterexample(part.addresses) },
        fix: () => planAppliance(situation, part.route),
      };
    }
  },
};
