/**
 * Longest-prefix match for the whole IPv4 space at once: from a list of prefixes, each owned by a route, to one sorted
 * partition of the 2^32 addresses with the winning route per piece. This is the arithmetic only; what a route means is
 * the network's business.
 *
 * The rules (Microsoft Learn, "Virtual network traffic routing", section "How Azure selects a route", and
 * "Virtual network service endpoints", section "Routing"):
 * - the longest prefix wins; at equal length user > BGP > system, then the lower `rank`;
 * - VNet, peering and service-endpoint routes are not displaced by BGP routes, however long;
 * - service-endpoint routes are not displaced by user routes, however long;
 * - a user route with a BGP override keeps BGP routes out of its whole range.
 */
import type { IntervalSet } from './interval-set.ts';
import { prefixSize } from './prefix.ts';

/** What a route competes as. */
export const routeClass = {
  /** System default routes. */
  system: 0,
  /** Virtual network and peering routes. */
  virtualNetwork: 1,
  /** Service-endpoint routes. */
  serviceEndpoint: 2,
  /** Routes learned by BGP. */
  bgp: 3,
  /** User-defined routes. */
  user: 4,
  /** User-defined routes with `hasBgpOverride`. */
  userOverridingBgp: 5,
} as const;
export type RouteClass = (typeof routeClass)[keyof typeof routeClass];

/** One route as the partition sees it: all its prefixes, packed (`packIpv4Prefix`) and sorted ascending. */
export interface PartitionRoute {
  readonly packed: Float64Array;
  readonly routeClass: RouteClass;
  /** Decides among routes of one class at an equal prefix: the lower wins; then the earlier in the list. */
  readonly rank: number;
}

/**
 * Piece `i` runs from `starts[i]` to one before `starts[i + 1]` (the last one to 255.255.255.255) and is won by
 * `routes[i]`, an index into the list that the partition was built from, or -1 where no route matches.
 */
export interface Partition {
  readonly starts: Uint32Array;
  readonly routes: Int32Array;
}

/** Packed prefixes take 38 bits; a double holds 15 more without loss. */
const routesInKey = 2 ** 15;

/** Lists of at least this many prefixes are service tags: few in number, and the same ones again and again. */
const longList = 64;
const mergesKept = 256;
const listNumbers = new WeakMap<Float64Array, number>();
const merges = new Map<string, Float64Array>();
let listsSeen = 0;

/** A number for a list of prefixes, the same for the same object: for naming combinations of lists. */
export function listNumber(list: Float64Array): number {
  let number = listNumbers.get(list);
  if (number === undefined) {
    number = ++listsSeen;
    listNumbers.set(list, number);
  }
  return number;
}

/** Every prefix of the lists with the list's ordinal in one sortable number, `packed * 2^15 + ordinal`, ascending. */
function sortTogether(lists: readonly Float64Array[]): Float64Array {
  let total = 0;
  for (const list of lists) total += list.length;
  const keys = new Float64Array(total);
  let used = 0;
  for (let ordinal = 0; ordinal < lists.length; ordinal++) {
    const list = lists[ordinal] as Float64Array;
    for (let i = 0; i < list.length; i++) keys[used++] = (list[i] as number) * routesInKey + ordinal;
  }
  return keys.sort();
}

/** As `sortTogether`, remembered: one combination of tags serves every route table that names them. */
function sortTagsTogether(lists: readonly Float64Array[]): Float64Array {
  const key = lists.map(listNumber).join(' ');
  const known = merges.get(key);
  if (known) return known;
  if (merges.size >= mergesKept) merges.clear();
  const keys = sortTogether(lists);
  merges.set(key, keys);
  return keys;
}

/** Every prefix with its route, `packed * 2^15 + route`, ascending: the long lists are merged with the short ones. */
function sortedKeys(routes: readonly PartitionRoute[]): Float64Array {
  const long: number[] = [];
  const short: number[] = [];
  for (let i = 0; i < routes.length; i++)
    ((routes[i] as PartitionRoute).packed.length >= longList ? long : short).push(i);
  const listsOf = (indexes: readonly number[]): Float64Array[] =>
    indexes.map((index) => (routes[index] as PartitionRoute).packed);
  const a = long.length === 0 ? new Float64Array(0) : sortTagsTogether(listsOf(long));
  const b = sortTogether(listsOf(short));
  const keys = new Float64Array(a.length + b.length);
  let i = 0;
  let j = 0;
  for (let used = 0; used < keys.length; used++) {
    // Order within one prefix does not matter here: ties are decided where prefixes are nested.
    const fromLong = j >= b.length || (i < a.length && (a[i] as number) < (b[j] as number));
    const key = (fromLong ? a[i++] : b[j++]) as number;
    const ordinal = key % routesInKey;
    keys[used] = key - ordinal + ((fromLong ? long[ordinal] : short[ordinal]) as number);
  }
  return keys;
}

/**
 * The nested prefixes around the current address, outermost first, with the best route of each class so far. `system`,
 * `bgp` and `user` hold positions on this stack, so that the length of each best route is at hand.
 */
class Nesting {
  depth = 0;
  readonly ends: number[] = [];
  readonly winners: number[] = [];
  private readonly own: number[] = [];
  private readonly system: number[] = [];
  private readonly bgp: number[] = [];
  private readonly user: number[] = [];
  private readonly flags: number[] = [];
  private readonly lengths: number[] = [];
  private readonly routes: readonly PartitionRoute[];

  constructor(routes: readonly PartitionRoute[]) {
    this.routes = routes;
  }

  push(end: number, length: number, route: number): void {
    const depth = this.depth++;
    const up = depth - 1;
    this.ends[depth] = end;
    this.lengths[depth] = length;
    this.own[depth] = route;
    let system = depth === 0 ? -1 : (this.system[up] as number);
    let bgp = depth === 0 ? -1 : (this.bgp[up] as number);
    let user = depth === 0 ? -1 : (this.user[up] as number);
    let flags = depth === 0 ? 0 : (this.flags[up] as number);
    switch ((this.routes[route] as PartitionRoute).routeClass) {
      case routeClass.serviceEndpoint:
        flags |= withoutUser | withoutBgp;
        system = this.better(system, depth);
        break;
      case routeClass.virtualNetwork:
        flags |= withoutBgp;
        system = this.better(system, depth);
        break;
      case routeClass.system:
        system = this.better(system, depth);
        break;
      case routeClass.bgp:
        bgp = this.better(bgp, depth);
        break;
      case routeClass.userOverridingBgp:
        flags |= withoutBgp;
        user = this.better(user, depth);
        break;
      case routeClass.user:
        user = this.better(user, depth);
        break;
    }
    this.system[depth] = system;
    this.bgp[depth] = bgp;
    this.user[depth] = user;
    this.flags[depth] = flags;
    this.winners[depth] = this.winner(system, flags & withoutBgp ? -1 : bgp, flags & withoutUser ? -1 : user);
  }

  /** The better of two slots of one class: the longer, then the lower rank, then the earlier route. */
  private better(current: number, candidate: number): number {
    if (current < 0 || (this.lengths[candidate] as number) > (this.lengths[current] as number)) return candidate;
    const before = this.own[current] as number;
    const after = this.own[candidate] as number;
    const difference = (this.routes[after] as PartitionRoute).rank - (this.routes[before] as PartitionRoute).rank;
    return difference < 0 || (difference === 0 && after < before) ? candidate : current;
  }

  /** Longest first; at equal length user, then BGP, then system. */
  private winner(system: number, bgp: number, user: number): number {
    let best = system;
    if (bgp >= 0 && (best < 0 || (this.lengths[bgp] as number) >= (this.lengths[best] as number))) best = bgp;
    if (user >= 0 && (best < 0 || (this.lengths[user] as number) >= (this.lengths[best] as number))) best = user;
    return best < 0 ? -1 : (this.own[best] as number);
  }
}

const withoutUser = 1;
const withoutBgp = 2;

/**
 * Builds the partition in one sort and one sweep: prefixes nest or are disjoint, so a stack holds those around the
 * current address.
 * @throws RangeError for more than 32,768 routes (Azure allows 1,000 in a table)
 */
export function buildPartition(routes: readonly PartitionRoute[]): Partition {
  if (routes.length > routesInKey) throw new RangeError(`${routes.length} routes are more than ${routesInKey}`);
  const keys = sortedKeys(routes);
  const starts = new Uint32Array(keys.length * 2 + 1);
  const winners = new Int32Array(keys.length * 2 + 1);
  const nesting = new Nesting(routes);
  let pieces = 0;
  let position = 0;
  let lastWinner = -2;

  const emit = (end: number, winner: number): void => {
    if (winner !== lastWinner) {
      starts[pieces] = position;
      winners[pieces] = winner;
      pieces++;
      lastWinner = winner;
    }
    position = end + 1;
  };
  const leaveUntil = (start: number): void => {
    while (nesting.depth > 0) {
      const top = nesting.depth - 1;
      const end = nesting.ends[top] as number;
      if (end >= start) return;
      if (end >= position) emit(end, nesting.winners[top] as number);
      nesting.depth--;
    }
  };

  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as number;
    const packed = Math.floor(key / routesInKey);
    const start = Math.floor(packed / 64);
    const length = packed - start * 64;
    leaveUntil(start);
    if (start > position) emit(start - 1, nesting.depth > 0 ? (nesting.winners[nesting.depth - 1] as number) : -1);
    nesting.push(start + prefixSize(length) - 1, length, key - packed * routesInKey);
  }
  leaveUntil(2 ** 32);
  if (position < 2 ** 32) emit(2 ** 32 - 1, -1);
  return { starts: starts.slice(0, pieces), routes: winners.slice(0, pieces) };
}

/** Index of the piece that holds `address`. */
export function pieceAt(partition: Partition, address: number): number {
  const { starts } = partition;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] as number) <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The winning route of one address, -1 for none. */
export function routeAt(partition: Partition, address: number): number {
  return partition.routes[pieceAt(partition, address)] as number;
}

/** Walks the pieces of a set in ascending order: `visit(start, end, route)`, both ends included. */
export function forEachPiece(
  partition: Partition,
  set: IntervalSet,
  visit: (start: number, end: number, route: number) => void,
): void {
  const { starts, routes } = partition;
  const { bounds } = set;
  let piece = bounds.length > 0 ? pieceAt(partition, bounds[0] as number) : 0;
  for (let i = 0; i < bounds.length; i += 2) {
    let start = bounds[i] as number;
    const end = bounds[i + 1] as number;
    while (piece + 1 < starts.length && (starts[piece + 1] as number) <= start) piece++;
    while (start <= end) {
      const pieceEnd = piece + 1 < starts.length ? (starts[piece + 1] as number) - 1 : 2 ** 32 - 1;
      const stop = pieceEnd < end ? pieceEnd : end;
      visit(start, stop, routes[piece] as number);
      start = stop + 1;
      if (start <= end) piece++;
    }
  }
}
