/**
 * What Azure lists as the dependencies of a service, in the report, and beside the findings: a finding on the way to a listed host says
 * what is listed there, and what such findings say already is not said twice.
 */

import { type ListedEndpoint, listingOf } from '../requirements/listed.ts';
import { lineOf, listedEndpoints, worstOf } from '../requirements/listed-endpoints.ts';
import { requirementsOnTheWay } from '../requirements/on-the-way.ts';
import type { Situation } from '../requirements/situation.ts';
import { viaOf } from './paths.ts';
import type { Finding, Listed } from './report.ts';

const mostAddresses = 8;
const mostLines = 3;
const mostEndpoints = 50;

function isSaid({ status }: Finding): boolean {
  return status === 'fail' || status === 'exempt';
}

/** The requirement that says what stops an endpoint, where one is about it. */
function requirementFor({ dependency, stop }: ListedEndpoint): string | undefined {
  if (dependency === undefined || !stop) return undefined;
  if (stop.by === 'route') return 'dependency-not-dropped';
  const id = `${stop.by === 'firewall' ? 'firewall' : 'nsg-outbound'}-${dependency}`;
  return requirementsOnTheWay[dependency].includes(id) ? id : undefined;
}

/** The findings that say that an endpoint is not reached. */
function saidBy(endpoint: ListedEndpoint, findings: readonly Finding[]): readonly string[] {
  const id = endpoint.result === 'fail' ? requirementFor(endpoint) : undefined;
  return findings.filter((finding) => finding.requirement === id && isSaid(finding)).map((each) => each.requirement);
}

function toListed(endpoint: ListedEndpoint, requirements: readonly string[]): Listed['endpoints'][number] {
  const { category, domainName, port, region, dependency, severity, basis, addresses, alias } = endpoint;
  const { isPrivate, result, parts, securityGroup, firewall, stop, notSeen } = endpoint;
  return {
    category,
    domainName,
    ...(port !== undefined && { port: `tcp/${port}` }),
    ...(region !== undefined && { region }),
    ...(dependency !== undefined && { dependency }),
    severity,
    basis,
    addresses: addresses.slice(0, mostAddresses),
    ...(alias !== undefined && { alias }),
    ...(isPrivate && { isPrivate }),
    result,
    via: viaOf(parts),
    securityGroup,
    firewall,
    requirements: [...requirements],
    ...(result === 'fail' && stop && { stop: stop.what }),
    ...(stop?.rule && result === 'fail' && { rule: stop.rule }),
    ...(result === 'unknown' && { notSeen: notSeen.slice(0, 5) }),
  };
}

/** The listing's own finding: what other findings say already is no news, and weighs nothing a second time. */
function explainListing(
  finding: Finding,
  listed: readonly ListedEndpoint[],
  others: readonly Finding[],
  isSet: boolean,
): Finding {
  if (finding.status !== 'fail') return finding;
  const failing = listed.filter(({ result }) => result === 'fail');
  const said = new Set(failing.flatMap((endpoint) => saidBy(endpoint, others)));
  const unsaid = failing.filter((endpoint) => saidBy(endpoint, others).length === 0);
  // Sorted, so that the order in which Azure lists them is no news.
  const endpoints = unsaid.map(({ label }) => label).sort();
  const own = { ...finding, evidence: { ...finding.evidence, endpoints: endpoints.slice(0, mostEndpoints) } };
  if (said.size === 0) return own;
  const message = `${finding.message} ${unsaid.length === 0 ? 'All' : `${failing.length - unsaid.length}`} of it is said by ${[...said].join(', ')}.`;
  return { ...own, message, severity: isSet ? finding.severity : worstOf(unsaid) };
}

/** A finding that fails or is open, with what is listed where it is about. */
function explainFinding(finding: Finding, endpoints: readonly ListedEndpoint[]): Finding {
  if (finding.status !== 'fail' && finding.status !== 'unknown') return finding;
  const about = endpoints.filter((each) => each.result === 'fail' && requirementFor(each) === finding.requirement);
  if (about.length === 0) return finding;
  const more = about.length > mostLines ? `; and ${about.length - mostLines} more` : '';
  const listed = `${about.slice(0, mostLines).map(lineOf).join('; ')}${more}`;
  return { ...finding, evidence: { ...finding.evidence, listed } };
}

export interface ListedDependencies {
  readonly listed: (findings: readonly Finding[]) => Listed;
  /** The findings with what the list adds to them. */
  readonly explain: (findings: readonly Finding[]) => Finding[];
}

/** `undefined` where there is no list: nobody was asked, or the answer could not be had. */
export function joinListed(situation: Situation): ListedDependencies | undefined {
  const listing = listingOf(situation);
  if (listing.kind !== 'read') return undefined;
  const { endpoints, dnsServers, missing } = listing;
  const isSet = situation.policy.requirements[listedEndpoints.id]?.severity !== undefined;
  return {
    listed: (findings) => ({
      dnsServers: [...dnsServers],
      ...(missing !== undefined && { missing }),
      endpoints: endpoints.map((endpoint) => toListed(endpoint, saidBy(endpoint, findings))),
    }),
    explain: (findings) =>
      findings.map((finding) =>
        finding.requirement === listedEndpoints.id
          ? explainListing(finding, endpoints, findings, isSet)
          : explainFinding(finding, endpoints),
      ),
  };
}
