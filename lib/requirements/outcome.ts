/** Short ways to say an outcome. Texts that do not depend on the deployment are shared, not built anew each time. */
import { addressCount, type IntervalSet, toPrefixes } from '../address/interval-set.ts';
import type { Counterexample, Evidence, RouteEvidence } from '../audit/report.ts';
import type { CandidateRoute } from '../network/candidate-route.ts';
import type { Outcome } from './requirement.ts';

export function pass(message: string, resource?: string, evidence?: Evidence): Outcome {
  return { status: 'pass', message, ...(resource && { resource }), ...(evidence && { evidence }) };
}

export function notApplicable(message: string): Outcome {
  return { status: 'notApplicable', message };
}

export function unknown(message: string, notSeen: readonly string[], resource?: string): Outcome {
  return { status: 'unknown', message, ...(resource && { resource }), evidence: { notSeen: [...notSeen] } };
}

/** An exact case against a requirement: the first CIDR of the failing addresses, up to ten more, and their number. */
export function counterexample(failing: IntervalSet, port?: string): Counterexample {
  const [addressPrefix = '', ...more] = toPrefixes(failing, 11);
  return { addressPrefix, ...(port && { port }), addresses: addressCount(failing), more };
}

export function routeEvidence(route: CandidateRoute | undefined): RouteEvidence | undefined {
  if (!route) return undefined;
  const { name, id, source, addressPrefix, nextHopType, nextHopIpAddress } = route;
  return { name, ...(id && { id }), source, addressPrefix, nextHopType, ...(nextHopIpAddress && { nextHopIpAddress }) };
}

/** `1 address`, `1,234 addresses` */
export function countText(addresses: number): string {
  // Not toLocaleString: it looks up a locale each time, and this is asked several times a finding.
  return addresses === 1 ? '1 address' : `${String(addresses).replace(/\B(?=(\d{3})+$)/g, ',')} addresses`;
}

/** `203.0.113.0/24 (256 addresses)`, `203.0.113.0/24 and 3 more (1,024 addresses)`, `nearly every address, such as ...` */
export function rangesText(failing: IntervalSet): string {
  const count = addressCount(failing);
  const [first = 'no address', ...more] = toPrefixes(failing, 12);
  if (count > 2 ** 31) return `nearly every address, such as ${first} (${countText(count)} in all)`;
  if (more.length > 10) return `${first} and others (${countText(count)} in all)`;
  return `${first}${more.length === 0 ? '' : ` and ${more.length} more`} (${countText(count)})`;
}

/** How a next hop is named in a message: `VirtualAppliance 10.0.0.4`, `None`, `no route`; with who has learned it. */
export function hopText(route: CandidateRoute | undefined): string {
  if (!route) return 'no route';
  const hop = route.nextHopIpAddress ? `${route.nextHopType} ${route.nextHopIpAddress}` : route.nextHopType;
  return route.source === 'VirtualNetworkGateway' ? `${hop}, ${route.name}` : hop;
}
