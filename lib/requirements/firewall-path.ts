/** Which firewall stands at the end of a route, with its rules compiled once. */
import type { ServiceTags } from '../address/service-tags.ts';
import type { CandidateRoute } from '../network/candidate-route.ts';
import { type CompiledFirewall, compileFirewall, firewallAt, firewallsAt } from '../network/firewall.ts';
import { type AzureFirewall, type Estate, isExpression } from '../network/model.ts';
import { hopText } from './outcome.ts';
import type { Situation } from './situation.ts';

export interface FirewallOnPath {
  readonly firewall: AzureFirewall;
  readonly compiled: CompiledFirewall;
}

const compiledByEstate = new WeakMap<Estate, Map<AzureFirewall, { tags: ServiceTags; compiled: CompiledFirewall }>>();

/** The Azure Firewall that owns the route's next hop address; `undefined` when none in the estate does. */
export function firewallOnPath(situation: Situation, route: CandidateRoute | undefined): FirewallOnPath | undefined {
  const address = route?.nextHopIpAddress;
  if (address === undefined || isExpression(address)) return undefined;
  const firewall = firewallAt(situation.estate, address);
  if (!firewall) return undefined;
  let known = compiledByEstate.get(situation.estate);
  if (!known) {
    known = new Map();
    compiledByEstate.set(situation.estate, known);
  }
  const found = known.get(firewall);
  if (found && found.tags === situation.tags) return { firewall, compiled: found.compiled };
  const compiled = compileFirewall(situation.estate, firewall, situation.tagsFor);
  known.set(firewall, { tags: situation.tags, compiled });
  return { firewall, compiled };
}

/** Why the rules behind a next hop cannot be read, and whether that weighs: it does where Azure Firewalls could own it. */
export function unreadHop(
  situation: Situation,
  route: CandidateRoute | undefined,
): { notSeen: string; minor: boolean } {
  const address = route?.nextHopIpAddress;
  if (address !== undefined && isExpression(address)) {
    return { notSeen: `the rules behind ${address}, which was not evaluated`, minor: false };
  }
  const several = address === undefined ? [] : firewallsAt(situation.estate, address);
  if (several.length > 1) {
    const names = several.map((firewall) => firewall.name).join(', ');
    return { notSeen: `which of ${names} is meant by ${address}: all have this address`, minor: false };
  }
  const { unreadFirewalls } = situation.estate;
  if (unreadFirewalls !== undefined) {
    return { notSeen: `the rules behind ${hopText(route)}: ${unreadFirewalls}`, minor: false };
  }
  return { notSeen: `the rules behind ${hopText(route)}, which is no Azure Firewall of the estate`, minor: true };
}
