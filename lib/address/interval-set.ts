/**
 * Sets of IPv4 addresses as sorted, disjoint, non-adjacent intervals: `[start, end, start, end, ...]`, both ends
 * included, in one `Uint32Array`. Every operation is one merge pass over its operands. Sets are never changed in place.
 */
import { formatIpv4, formatIpv4Prefix, prefixSize, readPrefixes } from './prefix.ts';

/** `bounds` holds pairs; an empty array is the empty set. */
export interface IntervalSet {
  readonly bounds: Uint32Array;
}

const last = 0xffffffff;

export const emptySet: IntervalSet = { bounds: new Uint32Array(0) };
export const wholeSpace: IntervalSet = { bounds: Uint32Array.of(0, last) };

export function isEmpty(set: IntervalSet): boolean {
  return set.bounds.length === 0;
}

/** How many addresses the set holds, 0 to 2^32. */
export function addressCount(set: IntervalSet): number {
  const { bounds } = set;
  let count = 0;
  for (let i = 0; i < bounds.length; i += 2) count += (bounds[i + 1] as number) - (bounds[i] as number) + 1;
  return count;
}

export function fromRange(start: number, end: number): IntervalSet {
  return { bounds: Uint32Array.of(start, end) };
}

/** Merges packed prefixes (`start * 64 + length`, see `packIpv4Prefix`) that are sorted ascending. */
export function fromSortedPacked(packed: Float64Array): IntervalSet {
  const bounds = new Uint32Array(packed.length * 2);
  let used = 0;
  let end = -2;
  for (let i = 0; i < packed.length; i++) {
    const key = packed[i] as number;
    const start = Math.floor(key / 64);
    const prefixEnd = start + prefixSize(key - start * 64) - 1;
    if (prefixEnd <= end) continue;
    if (start <= end + 1) {
      bounds[used - 1] = prefixEnd;
    } else {
      bounds[used] = start;
      bounds[used + 1] = prefixEnd;
      used += 2;
    }
    end = prefixEnd;
  }
  return { bounds: bounds.slice(0, used) };
}

/** Merges ranges that are sorted by their starts; ends in any order. */
function mergeSorted(starts: Uint32Array, ends: Uint32Array): IntervalSet {
  const bounds = new Uint32Array(starts.length * 2);
  let used = 0;
  let last = -2;
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    const end = ends[i] as number;
    if (start > last + 1) {
      bounds[used] = start;
      bounds[used + 1] = end;
      used += 2;
      last = end;
    } else if (end > last) {
      bounds[used - 1] = end;
      last = end;
    }
  }
  return { bounds: bounds.slice(0, used) };
}

function isAscending(values: Uint32Array): boolean {
  for (let i = 1; i < values.length; i++) if ((values[i] as number) < (values[i - 1] as number)) return false;
  return true;
}

/** Digits of 11 bits: three passes for an address, and count tables that stay in the nearest cache. */
const digits = 2048;

/** For each of the three digits, how many starts have it, summed up: where the first of them goes. */
function placesOf(starts: Uint32Array): Uint32Array {
  const places = new Uint32Array(digits * 3);
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    places[start & 2047] = (places[start & 2047] as number) + 1;
    const second = digits + ((start >>> 11) & 2047);
    places[second] = (places[second] as number) + 1;
    const third = digits * 2 + (start >>> 22);
    places[third] = (places[third] as number) + 1;
  }
  let total = 0;
  for (let i = 0; i < places.length; i++) {
    if (i % digits === 0) total = 0;
    const size = places[i] as number;
    places[i] = total;
    total += size;
  }
  return places;
}

interface Ranges {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** One pass: moves every range to the place that one digit of its start gives it; equal ones keep their order. */
function moveByDigit(from: Ranges, to: Ranges, places: Uint32Array, pass: number): void {
  const base = digits * pass;
  const shift = 11 * pass;
  for (let i = 0; i < from.starts.length; i++) {
    const start = from.starts[i] as number;
    const slot = base + ((start >>> shift) & 2047);
    const place = places[slot] as number;
    places[slot] = place + 1;
    to.starts[place] = start;
    to.ends[place] = from.ends[i] as number;
  }
}

/** The ranges sorted by their starts: a radix sort, because comparing is what costs. Uses the given arrays up. */
function sortByStart(ranges: Ranges): Ranges {
  const places = placesOf(ranges.starts);
  const other = { starts: new Uint32Array(ranges.starts.length), ends: new Uint32Array(ranges.starts.length) };
  moveByDigit(ranges, other, places, 0);
  moveByDigit(other, ranges, places, 1);
  moveByDigit(ranges, other, places, 2);
  return other;
}

/**
 * The set of all the given IPv4 prefixes, in any order.
 * @throws RangeError naming the first text that is not an IPv4 prefix
 */
export function fromPrefixes(prefixes: readonly string[]): IntervalSet {
  const starts = new Uint32Array(prefixes.length);
  const ends = new Uint32Array(prefixes.length);
  const wrong = readPrefixes(prefixes, starts, ends);
  if (wrong >= 0) throw new RangeError(`"${prefixes[wrong]}" is not an IPv4 prefix`);
  const sorted = isAscending(starts) ? { starts, ends } : sortByStart({ starts, ends });
  return mergeSorted(sorted.starts, sorted.ends);
}

/**
 * One pass over the elementary intervals of two sets, keeping those that `keep` (a 4-bit truth table indexed by
 * `inA + 2 * inB`) selects; what is in neither is never kept. All binary operations are this pass.
 */
function combine(a: IntervalSet, b: IntervalSet, keep: number): IntervalSet {
  const x = a.bounds;
  const y = b.bounds;
  const out = new Uint32Array(x.length + y.length);
  let used = 0;
  let i = 0;
  let j = 0;
  let inside = 0;
  let kept = false;
  while (i < x.length || j < y.length) {
    // A boundary is the first address at which membership changes: a start, or one past an end.
    const nextX = i < x.length ? (x[i] as number) + (i & 1) : Number.POSITIVE_INFINITY;
    const nextY = j < y.length ? (y[j] as number) + (j & 1) : Number.POSITIVE_INFINITY;
    const at = nextX < nextY ? nextX : nextY;
    if (at > last) break;
    if (nextX === at) {
      inside ^= 1;
      i++;
    }
    if (nextY === at) {
      inside ^= 2;
      j++;
    }
    const now = ((keep >> inside) & 1) === 1;
    if (now !== kept) {
      out[used++] = kept ? at - 1 : at;
      kept = now;
    }
  }
  if (kept) out[used++] = last;
  return { bounds: out.slice(0, used) };
}

export function union(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b) || a === b) return a;
  return combine(a, b, 0b1110);
}

export function intersection(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a === b) return a;
  if (isEmpty(a) || isEmpty(b)) return emptySet;
  return combine(a, b, 0b1000);
}

/** The addresses of `a` that are not in `b`. */
export function difference(a: IntervalSet, b: IntervalSet): IntervalSet {
  if (a === b) return emptySet;
  if (isEmpty(a) || isEmpty(b)) return a;
  return combine(a, b, 0b0010);
}

export function complement(a: IntervalSet): IntervalSet {
  return difference(wholeSpace, a);
}

export function unionAll(sets: readonly IntervalSet[]): IntervalSet {
  let total = emptySet;
  for (const set of sets) total = union(total, set);
  return total;
}

/** Index of the interval that could hold `address`: the last whose start is not above it, or -1. */
function intervalAt(bounds: Uint32Array, address: number): number {
  let low = 0;
  let high = bounds.length / 2 - 1;
  let found = -1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle * 2] as number) <= address) {
      found = middle;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}

export function hasAddress(set: IntervalSet, address: number): boolean {
  const index = intervalAt(set.bounds, address);
  return index >= 0 && (set.bounds[index * 2 + 1] as number) >= address;
}

/**
 * The first address of `inner` that `outer` does not hold, or -1 when `outer` holds them all.
 * One merge pass, no allocation.
 */
export function firstUncovered(inner: IntervalSet, outer: IntervalSet): number {
  if (inner === outer) return -1;
  const x = inner.bounds;
  const y = outer.bounds;
  let j = 0;
  for (let i = 0; i < x.length; i += 2) {
    const start = x[i] as number;
    if (j < y.length && (y[j + 1] as number) < start) j = skipBelow(y, j, start);
    if (j >= y.length || (y[j] as number) > start) return start;
    // Intervals are not adjacent, so what sticks out of this one is not in the next one either.
    if ((y[j + 1] as number) < (x[i + 1] as number)) return (y[j + 1] as number) + 1;
  }
  return -1;
}

/** The first interval from `from` on that does not end below `address`: in growing steps, then by halves. */
function skipBelow(bounds: Uint32Array, from: number, address: number): number {
  let low = from;
  let step = 2;
  while (low + step < bounds.length && (bounds[low + step + 1] as number) < address) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step, bounds.length);
  while (high - low > 2) {
    const middle = low + (((high - low) >> 2) << 1);
    if ((bounds[middle + 1] as number) < address) low = middle;
    else high = middle;
  }
  return high;
}

export function covers(outer: IntervalSet, inner: IntervalSet): boolean {
  return firstUncovered(inner, outer) < 0;
}

export function overlaps(a: IntervalSet, b: IntervalSet): boolean {
  const x = a.bounds;
  const y = b.bounds;
  let i = 0;
  let j = 0;
  while (i < x.length && j < y.length) {
    if ((x[i + 1] as number) < (y[j] as number)) i += 2;
    else if ((y[j + 1] as number) < (x[i] as number)) j += 2;
    else return true;
  }
  return false;
}

export function isEqual(a: IntervalSet, b: IntervalSet): boolean {
  return a.bounds.length === b.bounds.length && a.bounds.every((bound, index) => bound === b.bounds[index]);
}

/** The minimal list of CIDRs that make up the set, ascending; at most `limit` of them. */
export function toPrefixes(set: IntervalSet, limit = Number.POSITIVE_INFINITY): string[] {
  const prefixes: string[] = [];
  const { bounds } = set;
  for (let i = 0; i < bounds.length && prefixes.length < limit; i += 2) {
    let start = bounds[i] as number;
    const end = bounds[i + 1] as number;
    while (start <= end && prefixes.length < limit) {
      const length = largestPrefixLength(start, end);
      prefixes.push(formatIpv4Prefix(start, length));
      start += prefixSize(length);
    }
  }
  return prefixes;
}

/** Length of the largest aligned prefix that begins at `start` and does not pass `end`. */
function largestPrefixLength(start: number, end: number): number {
  let length = 32;
  while (length > 0) {
    const size = prefixSize(length - 1);
    if (start % size !== 0 || start + size - 1 > end) break;
    length--;
  }
  return length;
}

/** Text of the set for logs and tests: `a-b, c-d`. */
export function formatRanges(set: IntervalSet): string {
  const parts: string[] = [];
  for (let i = 0; i < set.bounds.length; i += 2) {
    parts.push(`${formatIpv4(set.bounds[i] as number)}-${formatIpv4(set.bounds[i + 1] as number)}`);
  }
  return parts.join(', ');
}

/** Collects intervals that come in ascending order; neighbours become one. */
export class IntervalCollector {
  private readonly bounds: number[] = [];

  add(start: number, end: number): void {
    const { bounds } = this;
    if (bounds.length > 0 && bounds[bounds.length - 1] === start - 1) bounds[bounds.length - 1] = end;
    else bounds.push(start, end);
  }

  toSet(): IntervalSet {
    return { bounds: Uint32Array.from(this.bounds) };
  }
}
