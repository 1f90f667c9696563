/**
 * Sets made of prefixes that nest, touch and repeat, in windows of the address space, against sets held address by
 * address. `interval-set.test.ts` has the laws over sets of single addresses.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressCount,
  complement,
  covers,
  difference,
  emptySet,
  firstUncovered,
  formatRanges,
  fromPrefixes,
  hasAddress,
  type IntervalSet,
  intersection,
  isEmpty,
  isEqual,
  overlaps,
  toPrefixes,
  union,
  unionAll,
  wholeSpace,
} from '../../lib/address/interval-set.ts';
import {
  addressesOf,
  boundsOf,
  membersOf,
  prefixIn,
  seed,
  textOf,
  type Window,
  type WindowPrefix,
  windowsOf,
} from './universe.ts';

const runs = { seed, numRuns: 1500 };

/** A list of prefixes of the window, unsorted, with repeats; sometimes none. */
const prefixesIn = (window: Window) => fc.array(prefixIn(window), { maxLength: 12 });

/** The set under test and the same addresses one by one. */
function both(prefixes: readonly WindowPrefix[]): [IntervalSet, Set<number>] {
  return [fromPrefixes(prefixes.map(textOf)), addressesOf(prefixes)];
}

const either = (x: ReadonlySet<number>, y: ReadonlySet<number>) => new Set([...x, ...y]);
const common = (x: ReadonlySet<number>, y: ReadonlySet<number>) => new Set([...x].filter((at) => y.has(at)));
const minus = (x: ReadonlySet<number>, y: ReadonlySet<number>) => new Set([...x].filter((at) => !y.has(at)));

function expectMembers(set: IntervalSet, members: ReadonlySet<number>, window: Window): void {
  expect([...set.bounds]).toEqual(boundsOf(members, window));
}

/**
 * The least number of CIDRs that hold exactly these addresses, by trying every way: whole blocks count one, others the
 * sum of their halves. (A CIDR never reaches over the middle of its block, so no other covers exist.)
 */
function leastCover(members: ReadonlySet<number>, base: number, size: number): number {
  let held = 0;
  for (let address = base; address < base + size; address++) held += members.has(address) ? 1 : 0;
  if (held === 0) return 0;
  if (held === size && base % size === 0) return 1;
  return leastCover(members, base, size / 2) + leastCover(members, base + size / 2, size / 2);
}

describe.each(windowsOf(256))('a set of addresses $name', (window) => {
  const sets = prefixesIn(window);
  const pairs = fc.tuple(sets, sets);

  it('is sorted, disjoint and merged, whatever the order of its prefixes', () => {
    fc.assert(
      fc.property(sets, (prefixes) => {
        const [set, members] = both(prefixes);
        expectMembers(set, members, window);
        expect(addressCount(set)).toBe(members.size);
        expect(isEmpty(set)).toBe(members.size === 0);
      }),
      runs,
    );
  });

  it('unites, intersects and subtracts as sets of single addresses do', () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        const [a, x] = both(left);
        const [b, y] = both(right);
        expectMembers(union(a, b), either(x, y), window);
        expectMembers(intersection(a, b), common(x, y), window);
        expectMembers(difference(a, b), minus(x, y), window);
        expectMembers(unionAll([a, b, a]), either(x, y), window);
        expect(overlaps(a, b)).toBe(common(x, y).size > 0);
        expect(isEqual(a, b)).toBe(minus(x, y).size + minus(y, x).size === 0);
      }),
      runs,
    );
  });

  it('is neither changed by an operation nor by one on itself', () => {
    fc.assert(
      fc.property(sets, (prefixes) => {
        const [a, x] = both(prefixes);
        for (const result of [union(a, a), intersection(a, a), union(a, emptySet), difference(a, emptySet)]) {
          expectMembers(result, x, window);
        }
        for (const nothing of [difference(a, a), intersection(a, emptySet), intersection(a, complement(a))]) {
          expect(isEmpty(nothing)).toBe(true);
        }
        expectMembers(a, x, window);
      }),
      runs,
    );
  });

  it('is covered, or the first address that is not covered is named', () => {
    // Half of the outer sets hold the inner one, so that both answers are asked for.
    const nested = fc.tuple(sets, sets, fc.boolean()).map(([inner, outer, within]) => ({
      inner,
      outer: within ? [...outer, ...inner] : outer,
    }));
    fc.assert(
      fc.property(nested, ({ inner, outer }) => {
        const [a, x] = both(inner);
        const [b, y] = both(outer);
        const missing = [...minus(x, y)];
        expect(firstUncovered(a, b)).toBe(missing.length === 0 ? -1 : Math.min(...missing));
        expect(covers(b, a)).toBe(missing.length === 0);
      }),
      runs,
    );
  });

  it('is written as the fewest prefixes, ascending, and read back the same', () => {
    fc.assert(
      fc.property(sets, fc.nat(8), (prefixes, limit) => {
        const [a, x] = both(prefixes);
        const written = toPrefixes(a);
        expect(written).toHaveLength(leastCover(x, window.base, window.size));
        expect(isEqual(fromPrefixes(written), a)).toBe(true);
        expect(toPrefixes(a, limit)).toEqual(written.slice(0, limit));
        const firsts = written.map((text) => fromPrefixes([text]).bounds[0] as number);
        expect(firsts).toEqual([...firsts].sort((p, q) => p - q));
      }),
      runs,
    );
  });
});

describe.each(windowsOf(65_536))('a large set of addresses $name', (window) => {
  const many = fc.array(prefixIn(window), { minLength: 30, maxLength: 200 });

  it('agrees with single addresses on every operation', () => {
    fc.assert(
      fc.property(many, many, (left, right) => {
        // Narrow prefixes only: with wide ones among a hundred, every set would be the whole window.
        const [a, x] = both(left.filter(({ length }) => length > 23));
        const [b, y] = both(right.filter(({ length }) => length > 23));
        expect(membersOf(union(a, b))).toEqual(either(x, y));
        expectMembers(intersection(a, b), common(x, y), window);
        expectMembers(difference(a, b), minus(x, y), window);
        const missing = minus(x, y);
        expect(firstUncovered(a, b)).toBe(missing.size === 0 ? -1 : [...missing].reduce((p, q) => Math.min(p, q)));
        expect(toPrefixes(a)).toHaveLength(leastCover(x, window.base, window.size));
      }),
      { seed, numRuns: 25 },
    );
  });
});

describe('a set of addresses', () => {
  it('holds the first and the last address of the space', () => {
    const ends = fromPrefixes(['255.255.255.255/32', '0.0.0.0/32']);
    expect(formatRanges(ends)).toBe('0.0.0.0-0.0.0.0, 255.255.255.255-255.255.255.255');
    expect(addressCount(ends)).toBe(2);
    expect(hasAddress(ends, 0)).toBe(true);
    expect(hasAddress(ends, 0xffffffff)).toBe(true);
    expect(formatRanges(complement(ends))).toBe('0.0.0.1-255.255.255.254');
    expect(toPrefixes(complement(ends))).toHaveLength(62);
  });

  it('is a new or an untouched value: nothing writes into an operand', () => {
    const a = fromPrefixes(['10.0.0.0/8', '192.168.0.0/16']);
    const b = fromPrefixes(['10.1.0.0/16']);
    const before = [[...a.bounds], [...b.bounds], [...wholeSpace.bounds]];
    for (const operation of [union, intersection, difference]) operation(a, b);
    complement(a);
    expect([[...a.bounds], [...b.bounds], [...wholeSpace.bounds]]).toEqual(before);
  });
});
