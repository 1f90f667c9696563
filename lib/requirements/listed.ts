/**
 * What Azure lists as the dependencies of one deployment, each host and port followed to where it ends. A name is followed by the
 * addresses that it was resolved to; where nobody was asked, by all addresses that its service tag says it can have; and where there is
 * no tag either, by its name alone.
 */
import { fromPrefixes, type IntervalSet, isEmpty, overlaps } from '../address/interval-set.ts';
import { parseIpv4 } from '../address/prefix.ts';
import { normaliseRegion } from '../address/region.ts';
import type { Severity } from '../audit/report.ts';
import { idKey } from '../network/model.ts';
import { nameKey, type OutboundEndpoint } from '../network/outbound-dependencies.ts';
import { publicSpace } from '../network/public-space.ts';
import { virtualNetworkOf } from '../network/routing.ts';
import {
  type HostDependency,
  type HostDependencyId,
  hostDependencies,
  kmsAddresses,
  type TagDependency,
  type TagDependencyId,
  tagDependencies,
  tagFor,
} from './dependency.ts';
import { dependencyCalled } from './dependency-called.ts';
import { type Followed, follow } from './follow.ts';
import { type Situation, unknownRegion } from './situation.ts';

export interface ListedEndpoint extends OutboundEndpoint, Followed {
  /** `smtpi-ch1.msn.com:25028` */
  readonly label: string;
  /** Absent: nothing else that is demanded is about it. */
  readonly dependency?: TagDependencyId | HostDependencyId;
  /** Of losing it. */
  readonly severity: Severity;
  readonly basis: 'addresses' | 'ranges' | 'name';
  /** IPv4, as resolved. */
  readonly addresses: readonly string[];
  readonly alias?: string;
  /** An answer is in a private range: a private endpoint, or a zone of one's own. */
  readonly isPrivate: boolean;
  /** Why the name is not followed by its addresses although they were asked for. */
  readonly notResolved?: string;
}

export type Listing =
  | { readonly kind: 'notAsked' }
  | { readonly kind: 'notRead'; readonly reason: string; readonly isRefused: boolean }
  | {
      readonly kind: 'read';
      readonly endpoints: readonly ListedEndpoint[];
      /** What of the list could not be read. */
      readonly missing?: string;
      /** Of the virtual network; empty: Azure's own. */
      readonly dnsServers: readonly string[];
    };

/** In lower case, as in the published example of the REST API. Names that are known count first. */
const byCategory: Readonly<Record<string, TagDependencyId | HostDependencyId>> = {
  'azure smtp': 'smtp',
  'azure sql': 'sql',
  'azure storage': 'storage',
  'azure event hub': 'event-hub',
  'ssl certificate verification': 'certificates',
  'azure monitor': 'azure-monitor',
  'portal captcha': 'captcha',
  'azure active directory': 'entra-id',
};

/** Of what is listed and nothing else that is demanded is about. */
const otherSeverity: Severity = 'medium';

function dependencyOf(category: string, host: string, region: string): TagDependency | HostDependency | undefined {
  const id = byCategory[category.toLowerCase()];
  return (
    dependencyCalled(host, region) ??
    [...tagDependencies, ...hostDependencies].find((dependency) => dependency.id === id)
  );
}

/** All addresses that a host can have; `undefined` where that is not known. */
function rangesOf({ deployment, tags }: Situation, host: string, region: string): IntervalSet | undefined {
  const called = dependencyCalled(host, deployment.region);
  if (called?.id === 'kms') return kmsAddresses(deployment.region);
  if (!called || !('tag' in called)) return undefined;
  const isRegional = called.scope !== 'global' && region !== '' && region !== 'global';
  if (isRegional) return tags.findForRegion(called.tag, region)?.set;
  if (called.scope !== 'global' && deployment.region === unknownRegion) return undefined;
  return tagFor(called, { own: deployment.region, primary: deployment.primaryRegion }, tags)?.set;
}

type Destination = Pick<ListedEndpoint, 'basis' | 'addresses' | 'alias' | 'notResolved'> & {
  readonly set: IntervalSet;
};

function destinationOf(situation: Situation, host: string, region: string): Destination {
  const answer = situation.estate.resolvedNames.get(host);
  const addresses = parseIpv4(host) === undefined ? (answer?.addresses ?? []) : [host];
  const alias = answer?.alias === undefined ? {} : { alias: answer.alias };
  if (addresses.length > 0) {
    return { basis: 'addresses', addresses, ...alias, set: fromPrefixes(addresses.map((each) => `${each}/32`)) };
  }
  const notResolved = answer?.notResolved === undefined ? {} : { notResolved: answer.notResolved };
  const ranges = host.startsWith('*') ? undefined : rangesOf(situation, host, region);
  const rest = { addresses, ...alias, ...notResolved };
  return ranges && !isEmpty(ranges)
    ? { basis: 'ranges', ...rest, set: ranges }
    : { basis: 'name', ...rest, set: situation.examinedSpace };
}

function followEndpoint(situation: Situation, endpoint: OutboundEndpoint): ListedEndpoint {
  const { category, domainName, port, region } = endpoint;
  const host = nameKey(domainName);
  const found = dependencyOf(category, host, situation.deployment.region);
  const { set, ...destination } = destinationOf(situation, host, normaliseRegion(region ?? ''));
  const isOther = port === undefined || !found?.ports.includes(port);
  const head = {
    ...endpoint,
    ...destination,
    label: port === undefined ? domainName : `${domainName}:${port}`,
    ...(found && { dependency: found.id }),
    // A port that is not among those required is of a feature, such as the file share.
    severity: found ? (isOther ? 'low' : found.severity) : otherSeverity,
    isPrivate: destination.basis === 'addresses' && !overlaps(set, publicSpace),
  } as const;
  if (port === undefined) {
    const notSeen = ['its port: the list names none'];
    return { ...head, result: 'unknown', parts: [], securityGroup: 'unknown', firewall: 'unknown', notSeen };
  }
  const isExact = head.basis === 'addresses';
  const followed = follow(situation, { destination: set, isExact, host, port, isByName: head.basis === 'name' });
  if (isExact || followed.result === 'fail') return { ...head, ...followed };
  if (head.notResolved !== undefined) {
    const notSeen = [`the addresses of ${domainName}: ${head.notResolved}`, ...followed.notSeen];
    return { ...head, ...followed, result: 'unknown', notSeen };
  }
  const isOpen = followed.result === 'unknown' && followed.notSeen.length === 0;
  return { ...head, ...followed, ...(isOpen && { notSeen: [`the addresses of ${domainName}`] }) };
}

/** Whether a deployment needs what is listed for a region: its own, the primary's, and what is everywhere. */
function concerns({ deployment }: Situation, region: string): boolean {
  const { region: own, primaryRegion } = deployment;
  return ['', 'global', own, primaryRegion].includes(region) || own === unknownRegion;
}

const known = new WeakMap<Situation, Listing>();

function read(situation: Situation): Listing {
  const { deployment, estate, subnet } = situation;
  const list = estate.outboundDependencies.get(idKey(deployment.service.id));
  if (!list) return { kind: 'notAsked' };
  const { endpoints, notRead, isRefused = false } = list;
  if (endpoints.length === 0 && notRead !== undefined) return { kind: 'notRead', reason: notRead, isRefused };
  const own = endpoints.filter(({ region }) => concerns(situation, normaliseRegion(region ?? '')));
  const network = subnet && virtualNetworkOf(estate, subnet);
  return {
    kind: 'read',
    endpoints: own.map((endpoint) => followEndpoint(situation, endpoint)),
    ...(notRead !== undefined && { missing: notRead }),
    dnsServers: network?.dnsServers ?? [],
  };
}

/** What Azure lists for the deployment; followed once. */
export function listingOf(situation: Situation): Listing {
  let listing = known.get(situation);
  if (!listing) {
    listing = read(situation);
    known.set(situation, listing);
  }
  return listing;
}
