/**
 * One deployment with all that its requirements look at, computed once: its routing, its tunnel, its security group.
 * Pure: no clock, no I/O. What could not be seen is said here and stays unknown in every check.
 */
import {
  difference,
  emptySet,
  fromPrefixes,
  type IntervalSet,
  isEmpty,
  isEqual,
  union,
} from '../address/interval-set.ts';
import { packIpv4Prefix } from '../address/prefix.ts';
import { normaliseRegion } from '../address/region.ts';
import type { ServiceTags } from '../address/service-tags.ts';
import type { SecurityAdminRules } from '../network/admin-rule.ts';
import type {
  AdditionalLocation,
  ApiManagementService,
  Estate,
  NetworkSecurityGroup,
  Subnet,
} from '../network/model.ts';
import { idKey, isExpression } from '../network/model.ts';
import { publicSpace } from '../network/public-space.ts';
import { type Routing, routeSubnet, virtualNetworkOf } from '../network/routing.ts';
import { type CompiledSecurityGroup, compileSecurityGroup } from '../network/security-group.ts';
import { endpointRanges } from '../network/service-endpoint.ts';
import { examineTunnel, type Tunnel } from '../network/tunnel.ts';
import type { PolicyChoices } from '../policy/policy.ts';
import { controlPlaneTag, kmsAddresses } from './dependency.ts';
import type { Outcome } from './requirement.ts';

/** One service in one region: the unit of evaluation. */
export interface Deployment {
  /** `<service id, lower case>|<region, normalised>` */
  readonly key: string;
  readonly service: ApiManagementService;
  readonly location: AdditionalLocation | undefined;
  readonly role: 'primary' | 'additional';
  /** Normalised. */
  readonly region: string;
  readonly primaryRegion: string;
  readonly sku: string;
  readonly mode: string;
  readonly platformVersion: string | undefined;
  readonly subnetId: string | undefined;
  readonly multiRegion: boolean;
}

export type SecurityGroupView =
  | { readonly kind: 'none' }
  | { readonly kind: 'notSeen'; readonly reason: string; readonly id: string | undefined }
  | { readonly kind: 'seen'; readonly group: NetworkSecurityGroup; readonly compiled: CompiledSecurityGroup };

export interface Situation {
  readonly deployment: Deployment;
  readonly estate: Estate;
  readonly policy: PolicyChoices;
  readonly tags: ServiceTags;
  readonly tagsFor: (region: string) => ServiceTags;
  /** For what was read without saying when. */
  readonly now: Date;
  /** Absent: the subnet is not in the estate, for the reason in `notSeen`. */
  readonly subnet: Subnet | undefined;
  readonly notSeen: readonly string[];
  readonly routing: Routing | undefined;
  readonly tunnel: Tunnel;
  /** The public space less the approved exceptions. */
  readonly examinedSpace: IntervalSet;
  readonly securityGroup: SecurityGroupView;
  /** The subnet's own IPv4 addresses; the whole virtual network's where the subnet's own prefix is not known. */
  readonly localAddresses: IntervalSet;
  /** What was judged before, by requirement id. */
  readonly outcomes: Map<string, Outcome>;
}

/** What a deployment's region is called where the input does not say it; no region of Azure has this name. */
export const unknownRegion = 'unknown';

function regionName(location: string | undefined): string {
  return location === undefined || location === '' || isExpression(location)
    ? unknownRegion
    : normaliseRegion(location);
}

/** All deployments of a service, the primary first. */
export function deploymentsOf(service: ApiManagementService): Deployment[] {
  const primaryRegion = regionName(service.location);
  const base = {
    service,
    primaryRegion,
    mode: service.virtualNetworkType ?? 'None',
    multiRegion: service.additionalLocations.length > 0,
  };
  const key = (region: string): string => `${idKey(service.id)}|${region}`;
  const primary: Deployment = {
    ...base,
    key: key(primaryRegion),
    location: undefined,
    role: 'primary',
    region: primaryRegion,
    sku: service.skuName ?? 'unknown',
    platformVersion: service.platformVersion,
    subnetId: service.subnetId,
  };
  const additional = service.additionalLocations.map((location): Deployment => {
    const region = regionName(location.location);
    return {
      ...base,
      key: key(region),
      location,
      role: 'additional',
      region,
      sku: location.skuName ?? service.skuName ?? 'unknown',
      platformVersion: location.platformVersion ?? service.platformVersion,
      subnetId: location.subnetId,
    };
  });
  return [primary, ...additional];
}

function findSubnet(estate: Estate, deployment: Deployment): { subnet?: Subnet; notSeen: string[] } {
  const unresolved = (deployment.location ?? deployment.service).unresolved?.subnetId;
  if (unresolved !== undefined) return { notSeen: [`the subnet's id: ${unresolved}`] };
  if (deployment.subnetId === undefined) {
    return { notSeen: [`no subnet is named for ${deployment.region} although the service is in a virtual network`] };
  }
  const subnet = estate.subnets.get(idKey(deployment.subnetId));
  return subnet ? { subnet, notSeen: [] } : { notSeen: [`subnet ${deployment.subnetId} is not in the estate`] };
}

function ipv4Set(prefixes: readonly string[]): IntervalSet {
  return fromPrefixes(prefixes.filter((prefix) => packIpv4Prefix(prefix) >= 0));
}

/** Tags that the exceptions name and the tag data does not hold: what is approved is then not known. */
function missingTags(policy: PolicyChoices, tags: ServiceTags): string[] {
  const named = [
    controlPlaneTag,
    ...policy.allowDirect.filter((entry) => packIpv4Prefix(entry) < 0 && !entry.includes(':')),
  ];
  return named.filter((name) => !tags.find(name)).map((name) => `the service tag "${name}" is not in the tag data`);
}

/** The policy's `allowDirect`, tags expanded. */
function allowDirectSet(entries: readonly string[], tags: ServiceTags): IntervalSet {
  let set = emptySet;
  for (const entry of entries) {
    const approved = packIpv4Prefix(entry) >= 0 ? fromPrefixes([entry]) : tags.find(entry)?.set;
    if (approved) set = union(set, approved);
  }
  return set;
}

const spaces = new WeakMap<ServiceTags, Map<string, IntervalSet>>();
/** Estates repeat their exceptions; the bound keeps a long-running watcher from growing. */
const spacesKept = 500;

/** The public space less the approved exceptions (contract, section 2). */
function examinedSpace(
  routing: Routing | undefined,
  region: string,
  policy: PolicyChoices,
  tags: ServiceTags,
): IntervalSet {
  const routed = (routing?.endpoints ?? []).flatMap((endpoint) => endpoint.tags.map((tag) => tag.name)).sort();
  const key = JSON.stringify([routed, kmsAddresses(region).bounds[0], policy.clients, policy.allowDirect]);
  let known = spaces.get(tags);
  if (!known) {
    known = new Map();
    spaces.set(tags, known);
  }
  const found = known.get(key);
  if (found) return found;
  const exceptions = [
    endpointRanges(routing?.endpoints ?? []),
    tags.find(controlPlaneTag)?.set ?? emptySet,
    kmsAddresses(region),
    ipv4Set(policy.clients),
    allowDirectSet(policy.allowDirect, tags),
  ];
  const space = exceptions.reduce(difference, publicSpace);
  if (known.size >= spacesKept) known.clear();
  known.set(key, space);
  return space;
}

function securityGroupView(
  estate: Estate,
  subnet: Subnet | undefined,
  notSeen: readonly string[],
  routing: Routing | undefined,
  tags: ServiceTags,
): SecurityGroupView {
  if (!subnet || !routing) return { kind: 'notSeen', reason: notSeen.join('; '), id: undefined };
  const unresolved = subnet.unresolved?.networkSecurityGroup;
  if (unresolved !== undefined) {
    return { kind: 'notSeen', reason: `the subnet's network security group: ${unresolved}`, id: undefined };
  }
  const id = subnet.networkSecurityGroupId;
  if (id === undefined) return { kind: 'none' };
  const group = estate.networkSecurityGroups.get(idKey(id));
  if (!group) return { kind: 'notSeen', reason: `network security group ${id} is not in the estate`, id };
  const unread = group.unresolved?.securityRules;
  if (unread !== undefined) return { kind: 'notSeen', reason: `the rules of ${group.name}: ${unread}`, id };
  const context = { tags, virtualNetwork: routing.virtualNetworkSpace };
  return { kind: 'seen', group, compiled: compileSecurityGroup(group, context, adminRulesOf(estate, subnet)) };
}

function adminRulesOf(estate: Estate, subnet: Subnet): SecurityAdminRules | undefined {
  return estate.securityAdminRules.get(idKey(subnet.id).replace(/\/subnets\/[^/]*$/, ''));
}

/** Whether a changed estate shows the subnet the same security group, in the same network, as before. */
function keepsSecurityGroup(
  before: Situation,
  estate: Estate,
  subnet: Subnet | undefined,
  routing: Routing | undefined,
): boolean {
  const view = before.securityGroup;
  if (view.kind !== 'seen' || !subnet || !routing || !before.routing) return false;
  const group = estate.networkSecurityGroups.get(idKey(subnet.networkSecurityGroupId ?? ''));
  return group === view.group && isEqual(routing.virtualNetworkSpace, before.routing.virtualNetworkSpace);
}

/**
 * Gathers all that the requirements of one deployment look at.
 * @param before the same deployment before a change that is tried: what the change does not touch is not computed again
 */
export function describeSituation(
  deployment: Deployment,
  estate: Estate,
  policy: PolicyChoices,
  tagsFor: (region: string) => ServiceTags,
  now: Date,
  before?: Situation,
): Situation {
  const tags = tagsFor(deployment.region);
  const { subnet, notSeen } = findSubnet(estate, deployment);
  const routing = subnet && routeSubnet(estate, subnet, regionOf(estate, subnet, deployment), tags);
  const space = examinedSpace(routing, deployment.region, policy, tags);
  const missing = missingTags(policy, tags);
  const tunnel: Tunnel = routing ? examineTunnel(routing, space) : { state: 'unknown', shares: [] };
  const kept = before && keepsSecurityGroup(before, estate, subnet, routing) ? before.securityGroup : undefined;
  const own = subnet ? ipv4Set(subnet.addressPrefixes) : emptySet;
  return {
    deployment,
    estate,
    policy,
    tags,
    tagsFor,
    now,
    subnet,
    notSeen: [...notSeen, ...missing],
    routing,
    tunnel: missing.length > 0 ? { ...tunnel, state: 'unknown' } : tunnel,
    examinedSpace: space,
    securityGroup: kept ?? securityGroupView(estate, subnet, notSeen, routing, tags),
    outcomes: new Map(),
    localAddresses: isEmpty(own) && routing ? routing.virtualNetworkSpace : own,
  };
}

/** A subnet is in its VNet's region, which is the deployment's (Azure demands it); the VNet's word counts first. */
function regionOf(estate: Estate, subnet: Subnet, deployment: Deployment): string {
  const location = virtualNetworkOf(estate, subnet)?.location;
  const region = regionName(location);
  return region === unknownRegion ? deployment.region : region;
}
