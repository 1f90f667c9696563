/**
 * Everything that Azure lists as a dependency of this very service gets through. What of it other requirements say already is told
 * apart in the audit, beside the other findings.
 */
import type { Severity } from '../audit/report.ts';
import { type ListedEndpoint, listingOf } from './listed.ts';
import { notApplicable, pass, unknown } from './outcome.ts';
import type { Outcome, Requirement } from './requirement.ts';

const fromGravest: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
const mostNamed = 3;
const mostDetails = 20;

export function worstOf(endpoints: readonly ListedEndpoint[]): Severity {
  return fromGravest.find((severity) => endpoints.some((each) => each.severity === severity)) ?? 'info';
}

/** What an endpoint was followed by: `20.150.1.1`, `its service tag's ranges`, `its name`. */
function basisText({ basis, addresses, alias, isPrivate }: ListedEndpoint): string {
  if (basis === 'ranges') return 'by all addresses that it can have';
  if (basis === 'name') return 'by its name';
  const more = addresses.length > 4 ? ` and ${addresses.length - 4} more` : '';
  const kind = isPrivate ? ', private' : '';
  return `${addresses.slice(0, 4).join(', ')}${more}${kind}${alias === undefined ? '' : `, alias of ${alias}`}`;
}

/** One endpoint in a line: `smtpi-ch1.msn.com:25028 (Azure SMTP; 20.1.2.3): not allowed by firewall fw-one` */
export function lineOf(endpoint: ListedEndpoint): string {
  const { label, category, stop, notSeen, result } = endpoint;
  const why = result === 'fail' ? (stop?.what ?? 'not allowed') : `not decided: ${notSeen.slice(0, 3).join('; ')}`;
  return `${label} (${category}; ${basisText(endpoint)}): ${why}`;
}

function namesOf(endpoints: readonly ListedEndpoint[]): string {
  const named = endpoints.slice(0, mostNamed).map(({ label, category }) => `${label} (${category})`);
  const more = endpoints.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function dnsText(dnsServers: readonly string[]): string {
  const servers = dnsServers.length === 0 ? "Azure's own" : dnsServers.join(', ');
  return `DNS servers of the virtual network: ${servers}`;
}

function judge(endpoints: readonly ListedEndpoint[], missing: string | undefined, dns: string, id: string): Outcome {
  const failing = endpoints.filter(({ result }) => result === 'fail');
  const open = endpoints.filter(({ result }) => result === 'unknown');
  const details = [...[...failing, ...open].slice(0, mostDetails).map(lineOf), dns];
  if (failing.length > 0) {
    const severity = worstOf(failing);
    const first = failing.find((each) => each.severity === severity);
    const rule = first?.stop?.rule;
    return {
      status: 'fail',
      severity,
      message: `${failing.length} of ${endpoints.length} endpoints that Azure lists for the service do not get through: ${namesOf(failing)}. The first is ${first?.stop?.what ?? 'not allowed'}.`,
      resource: first?.stop?.resource ?? id,
      evidence: { ...(rule && { rule }), details },
    };
  }
  if (open.length > 0 || missing !== undefined) {
    const message =
      open.length > 0
        ? `Whether ${namesOf(open)} gets through cannot be said.`
        : 'What else Azure lists for the service cannot be said.';
    const notSeen = [
      ...new Set([...(missing === undefined ? [] : [`the list: ${missing}`]), ...open.flatMap((each) => each.notSeen)]),
    ];
    const outcome = unknown(message, notSeen.slice(0, 10), id);
    return { ...outcome, severity: 'info', evidence: { ...outcome.evidence, details } };
  }
  const resolved = endpoints.filter(({ basis }) => basis === 'addresses').length;
  const how = resolved === endpoints.length ? '' : ` (${resolved} followed by their addresses)`;
  return pass(`All ${endpoints.length} endpoints that Azure lists for the service get through${how}.`, id, { details });
}

export const listedEndpoints: Requirement = {
  id: 'listed-endpoints',
  severity: 'critical',
  needsTunnel: false,
  title: 'Everything that Azure lists as a dependency gets through',
  demand:
    'Each host and port that Azure lists for this very service gets through next hop, security group and firewall.',
  impact: 'The service cannot reach something that Azure itself says it needs.',
  check: (situation) => {
    const listing = listingOf(situation);
    const { id } = situation.deployment.service;
    switch (listing.kind) {
      case 'notAsked':
        return notApplicable('No source was asked for the dependencies that Azure lists.');
      case 'notRead': {
        const outcome = unknown(
          `The dependencies that Azure lists could not be had: ${listing.reason}.`,
          [listing.reason],
          id,
        );
        // Only what people have to mend is worth an alert: everything else that is demanded stands without the list.
        return { ...outcome, severity: listing.isRefused ? 'medium' : 'info' };
      }
      case 'read':
        return listing.endpoints.length > 0
          ? judge(listing.endpoints, listing.missing, dnsText(listing.dnsServers), id)
          : { ...unknown('Azure lists no dependency.', ['the dependencies: the list is empty'], id), severity: 'info' };
    }
  },
};
