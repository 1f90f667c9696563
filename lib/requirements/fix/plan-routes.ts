/** Fixes of a route table: the fewest routes that bring the wanted addresses to the wanted next hop. */
import {
  difference,
  emptySet,
  fromPrefixes,
  type IntervalSet,
  intersection,
  isEmpty,
  overlaps,
  toPrefixes,
  union,
} from '../../address/interval-set.ts';
import { packIpv4Prefix, parseIpv4 } from '../../address/prefix.ts';
import type { CandidateRoute } from '../../network/candidate-route.ts';
import { idKey, type Route, type RouteTable } from '../../network/model.ts';
import { OverlayMap } from '../../network/overlay-map.ts';
import { routeSubnet } from '../../network/routing.ts';
import { controlPlaneTag, kmsAddresses } from '../dependency.ts';
import { reachInternet } from '../reach.ts';
import type { FixPlan } from '../requirement.ts';
import type { Situation } from '../situation.ts';
import type { PutRoute } from './change.ts';
import { freeName } from './name.ts';

/** Azure's limits of a route table (azure-docs, "includes/azure-virtual-network-limits.md" and "UDR overview"). */
const routesInTable = 400;
const tagRoutesInTable = 25;
/** More literal routes than this are no fix that anyone would apply. */
const literalsInFix = 50;

function tableOf(situation: Situation): RouteTable | undefined {
  const id = situation.subnet?.routeTableId;
  return id === undefined ? undefined : situation.estate.routeTables.get(idKey(id));
}

function isTag(addressPrefix: string): boolean {
  return packIpv4Prefix(addressPrefix) < 0 && !addressPrefix.includes(':');
}

function caveatsFor(table: RouteTable, changes: readonly PutRoute[]): string[] {
  const added = changes.filter((change) => !change.exists);
  const tags = [...table.routes, ...added].filter((route) => isTag(route.addressPrefix)).length;
  const total = table.routes.length + added.length;
  const caveats: string[] = [];
  if (tags > tagRoutesInTable && added.some((change) => isTag(change.addressPrefix))) {
    caveats.push(`The table would hold ${tags} service tag routes; Azure allows ${tagRoutesInTable}.`);
  }
  if (total > routesInTable)
    caveats.push(`The table would hold ${total} routes; Azure's usual limit is ${routesInTable}.`);
  return caveats;
}

/** The table as it would be after the changes. */
function applied(table: RouteTable, changes: readonly PutRoute[]): RouteTable {
  const byName = new Map(changes.map((change) => [change.name.toLowerCase(), change]));
  const kept = table.routes.map((route): Route => byName.get(route.name.toLowerCase()) ?? route);
  return { ...table, routes: [...kept, ...changes.filter((change) => !change.exists)] };
}

/** The situation's routing with another table in its place. */
function routedWith(situation: Situation, table: RouteTable): Situation {
  const { subnet, estate, deployment, tags } = situation;
  if (!subnet) return situation;
  const routeTables = new OverlayMap(estate.routeTables, idKey(table.id), table);
  const changed = { ...estate, routeTables };
  return {
    ...situation,
    estate: changed,
    outcomes: new Map(),
    routing: routeSubnet(changed, subnet, deployment.region, tags),
  };
}

function putRoute(table: RouteTable, taken: string[], addressPrefix: string, hop: Hop): PutRoute {
  const same = table.routes.find((route) => route.addressPrefix.toLowerCase() === addressPrefix.toLowerCase());
  const wanted = `tunnelwatch-${addressPrefix.toLowerCase().replace(/[^a-z0-9.]+/g, '-')}`;
  const name = same ? same.name : freeName(wanted, taken);
  taken.push(name);
  return {
    kind: 'putRoute',
    routeTableId: table.id,
    name,
    exists: same !== undefined,
    addressPrefix: same?.addressPrefix ?? addressPrefix,
    ...hop,
  };
}

interface Hop {
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string;
}

const internet: Hop = { nextHopType: 'Internet' };

/** Whether a user route or a learned one that leads elsewhere could win over a new route for part of the wanted addresses. */
function mayStandAgainst(route: CandidateRoute, wanted: IntervalSet, shortest: number): boolean {
  if (route.source === 'Default' || route.nextHopType.toLowerCase() === 'internet') return false;
  const reaches = route.packed.some((packed) => packed % 64 >= shortest);
  return reaches && overlaps({ bounds: boundsOf(route.packed) }, wanted);
}

function boundsOf(packed: Float64Array): Uint32Array {
  return fromPrefixes([...packed].map((key) => `${dotted(Math.floor(key / 64))}/${key % 64}`)).bounds;
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

function shortestLength(situation: Situation, prefixes: readonly string[]): number {
  let shortest = 32;
  for (const prefix of prefixes) {
    const packed = packIpv4Prefix(prefix);
    const all = packed >= 0 ? [packed] : (situation.tags.find(prefix)?.packed ?? []);
    for (const key of all) shortest = Math.min(shortest, key % 64);
  }
  return shortest;
}

/** Turns the user routes that still win into routes to the Internet, or cuts literal routes around them. */
function overcome(
  situation: Situation,
  table: RouteTable,
  changes: PutRoute[],
  taken: string[],
  wanted: IntervalSet,
): boolean {
  const after = routedWith(situation, applied(table, changes));
  const left = reachInternet(after, wanted).elsewhere;
  if (isEmpty(left)) return true;
  let uncovered = left;
  for (const route of after.routing?.routes ?? []) {
    if (!mayStandAgainst(route, left, 0)) continue;
    const own = { bounds: boundsOf(route.packed) };
    if (!isEmpty(difference(own, wanted))) continue;
    changes.push({
      kind: 'putRoute',
      routeTableId: table.id,
      name: route.name,
      exists: true,
      addressPrefix: route.addressPrefix,
      ...internet,
    });
    uncovered = difference(uncovered, own);
  }
  const literals = toPrefixes(uncovered, literalsInFix + 1);
  if (literals.length > literalsInFix) return false;
  for (const prefix of literals) changes.push(putRoute(table, taken, prefix, internet));
  return reachInternet(routedWith(situation, applied(table, changes)), wanted).holds;
}

/**
 * Routes to the Internet for the wanted prefixes (CIDRs or tags).
 * @param elsewhere the addresses among them that go elsewhere now
 * @returns `undefined` where no route table is there to change, or where something cannot be overcome by a route
 */
export function planToInternet(
  situation: Situation,
  prefixes: readonly string[],
  elsewhere: IntervalSet,
): FixPlan | undefined {
  const table = tableOf(situation);
  if (!table || !situation.routing) return undefined;
  const taken = table.routes.map((route) => route.name);
  const concerned = prefixes.filter(
    (prefix) => packIpv4Prefix(prefix) < 0 || overlaps(fromPrefixes([prefix]), elsewhere),
  );
  const changes = concerned
    .filter((prefix) => !leadsToInternet(table, prefix))
    .map((prefix) => putRoute(table, taken, prefix, internet));
  const shortest = shortestLength(situation, prefixes);
  const contested = situation.routing.routes.some((route) => mayStandAgainst(route, elsewhere, shortest));
  const endpointInTheWay = situation.routing.endpoints.some(({ tags }) =>
    tags.some((tag) => overlaps(tag.set, elsewhere)),
  );
  if (endpointInTheWay) return undefined;
  if (contested && !overcome(situation, table, changes, taken, elsewhere)) return undefined;
  if (changes.length === 0) return undefined;
  const caveats = [
    ...caveatsFor(table, changes),
    'Policies such as "Deny-UDR-With-Specific-NextHop" can refuse next hop Internet.',
  ];
  const names = changes
    .map((change) => change.addressPrefix)
    .slice(0, 3)
    .join(', ');
  return {
    summary: `Route ${names}${changes.length > 3 ? ` and ${changes.length - 3} more` : ''} to Internet in ${table.name}.`,
    changes,
    caveats,
  };
}

function leadsToInternet(table: RouteTable, prefix: string): boolean {
  return table.routes.some(
    (route) =>
      route.addressPrefix.toLowerCase() === prefix.toLowerCase() && route.nextHopType.toLowerCase() === 'internet',
  );
}

/** The next hop that most tunnelled addresses have. */
function tunnelHop(situation: Situation): Hop | undefined {
  const route = situation.tunnel.shares.find((share) => share.kind === 'tunnel')?.route;
  if (!route) return undefined;
  const { nextHopType, nextHopIpAddress } = route;
  return { nextHopType, ...(nextHopIpAddress !== undefined && { nextHopIpAddress }) };
}

/** Sends what leaves directly into the tunnel, and keeps the approved exceptions where they are. */
export function planTunnelled(situation: Situation, direct: IntervalSet): FixPlan | undefined {
  const table = tableOf(situation);
  const hop = tunnelHop(situation);
  if (!table || !hop || !situation.routing) return undefined;
  const taken = table.routes.map((route) => route.name);
  const changes: PutRoute[] = [];
  for (const share of situation.tunnel.shares) {
    if (share.kind !== 'direct' || !share.route) continue;
    const { source, name, addressPrefix } = share.route;
    if (source === 'User')
      changes.push({ kind: 'putRoute', routeTableId: table.id, name, exists: true, addressPrefix, ...hop });
    else changes.push(putRoute(table, taken, '0.0.0.0/0', hop));
  }
  const before = situation;
  const after = routedWith(situation, applied(table, changes));
  for (const prefix of approved(situation)) {
    const set = packIpv4Prefix(prefix) >= 0 ? fromPrefixes([prefix]) : (situation.tags.find(prefix)?.set ?? emptySet);
    const lost = intersection(
      difference(set, reachInternet(before, set).elsewhere),
      reachInternet(after, set).elsewhere,
    );
    if (!isEmpty(lost)) changes.push(putRoute(table, taken, prefix, internet));
  }
  if (changes.length === 0) return undefined;
  return {
    summary: `Send ${toPrefixes(direct, 1)[0]} and the rest of it to ${hop.nextHopType} ${hop.nextHopIpAddress ?? ''}`
      .trimEnd()
      .concat(` in ${table.name}; keep the approved exceptions direct.`),
    changes,
    caveats: [
      ...caveatsFor(table, changes),
      'More traffic will reach the firewall: it must allow what the service needs.',
    ],
    needsProof: true,
  };
}

/** What the policy and the contract approve to leave directly, as routes would spell it. */
function approved(situation: Situation): string[] {
  const { policy, deployment } = situation;
  const kms = toPrefixes(union(kmsAddresses(deployment.region), emptySet));
  const literals = [...policy.clients, ...policy.allowDirect].filter((entry) => !entry.includes(':'));
  return [controlPlaneTag, ...kms, ...literals];
}

/** Points a route at an appliance that can be used: the policy's first, else one that another route uses. */
export function planAppliance(situation: Situation, route: CandidateRoute | undefined): FixPlan | undefined {
  const table = tableOf(situation);
  if (!table || route?.source !== 'User') return undefined;
  const other = situation.tunnel.shares
    .map((share) => share.route?.nextHopIpAddress)
    .find((address) => address !== undefined && parseIpv4(address) !== undefined && address !== route.nextHopIpAddress);
  const address = situation.policy.appliances[0] ?? other;
  if (address === undefined) return undefined;
  const bad = situation.tunnel.shares.filter(
    (share) =>
      share.kind === 'tunnel' && share.route?.source === 'User' && !isGood(share.route, situation.policy.appliances),
  );
  const changes = bad.flatMap(({ route: each }): PutRoute[] =>
    each
      ? [
          {
            kind: 'putRoute',
            routeTableId: table.id,
            name: each.name,
            exists: true,
            addressPrefix: each.addressPrefix,
            nextHopType: 'VirtualAppliance',
            nextHopIpAddress: address,
          },
        ]
      : [],
  );
  if (changes.length === 0) return undefined;
  return { summary: `Point route "${route.name}" at appliance ${address}.`, changes, needsProof: true };
}

function isGood(route: CandidateRoute, appliances: readonly string[]): boolean {
  const address = route.nextHopIpAddress;
  if (appliances.length > 0) return address !== undefined && appliances.includes(address);
  return (
    route.nextHopType.toLowerCase() !== 'virtualappliance' ||
    (address !== undefined && parseIpv4(address) !== undefined)
  );
}
