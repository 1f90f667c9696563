/** Set algebra against brute force: an 8-bit universe laid anywhere in the address space, its ends included. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressCount,
  complement,
  covers,
  difference,
  firstUncovered,
  formatRanges,
  fromPrefixes,
  fromRange,
  fromSortedPacked,
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
import { packIpv4Prefix } from '../../lib/address/prefix.ts';

const size = 256;
/** Where the universe lies: at both ends of the space, around the sign bit, and in the middle. */
const bases = [0, 2 ** 31 - 128, 2 ** 31, 0x0a000000, 2 ** 32 - size];

const members = fc.uniqueArray(fc.nat(size - 1), { maxLength: size });

function toSet(base: number, offsets: readonly number[]): IntervalSet {
  const keys = Float64Array.from(offsets, (offset) => (base + offset) * 64 + 32).sort();
  return fromSortedPacked(keys);
}

function listed(base: number, set: IntervalSet): number[] {
  return Array.from({ length: size }, (_, offset) => offset).filter((offset) => hasAddress(set, base + offset));
}

function law(check: (base: number, a: Set<number>, b: Set<number>, x: IntervalSet, y: IntervalSet) => void): void {
  fc.assert(
    fc.property(fc.constantFrom(...bases), members, members, (base, a, b) =>
      check(base, new Set(a), new Set(b), toSet(base, a), toSet(base, b)),
    ),
    { seed: 3, numRuns: 1500 },
  );
}

const all = Array.from({ length: size }, (_, offset) => offset);

describe('interval sets', () => {
  it('unite, intersect and subtract as sets of numbers do', () => {
    law((base, a, b, x, y) => {
      expect(listed(base, union(x, y))).toEqual(all.filter((each) => a.has(each) || b.has(each)));
      expect(listed(base, intersection(x, y))).toEqual(all.filter((each) => a.has(each) && b.has(each)));
      expect(listed(base, difference(x, y))).toEqual(all.filter((each) => a.has(each) && !b.has(each)));
      expect(addressCount(x)).toBe(a.size);
      expect(addressCount(union(x, y))).toBe(new Set([...a, ...b]).size);
      expect(overlaps(x, y)).toBe(all.some((each) => a.has(each) && b.has(each)));
      expect(isEmpty(intersection(x, y))).toBe(!overlaps(x, y));
    });
  });

  it('name the first address that is not covered', () => {
    law((base, a, b, x, y) => {
      const first = all.find((each) => a.has(each) && !b.has(each));
      expect(firstUncovered(x, y)).toBe(first === undefined ? -1 : base + first);
      expect(covers(y, x)).toBe(first === undefined);
    });
  });

  it('hold to the laws of De Morgan over the whole space', () => {
    law((_base, _a, _b, x, y) => {
      expect(isEqual(complement(union(x, y)), intersection(complement(x), complement(y)))).toBe(true);
      expect(isEqual(complement(complement(x)), x)).toBe(true);
      expect(isEqual(difference(x, y), intersection(x, complement(y)))).toBe(true);
      expect(addressCount(x) + addressCount(complement(x))).toBe(2 ** 32);
      expect(isEqual(unionAll([x, y, x]), union(y, x))).toBe(true);
    });
  });

  it('stay normal: sorted, disjoint, no two neighbours', () => {
    law((_base, _a, _b, x, y) => {
      for (const set of [union(x, y), intersection(x, y), difference(x, y), complement(x)]) {
        for (let i = 0; i < set.bounds.length; i++) {
          const bound = set.bounds[i] as number;
          const before = set.bounds[i - 1];
          if (i % 2 === 1) expect(bound).toBeGreaterThanOrEqual(before as number);
          else if (before !== undefined) expect(bound).toBeGreaterThan(before + 1);
        }
      }
    });
  });

  it('print the fewest CIDRs, which read back as the same set', () => {
    law((base, a, _b, x) => {
      const prefixes = toPrefixes(x);
      expect(isEqual(fromPrefixes(prefixes), x)).toBe(true);
      if (base % size === 0) expect(prefixes.length).toBe(fewest(a, 0, size));
      expect(toPrefixes(x, 3)).toEqual(prefixes.slice(0, 3));
    });
  });

  it('span the whole space', () => {
    expect(toPrefixes(wholeSpace)).toEqual(['0.0.0.0/0']);
    expect(addressCount(wholeSpace)).toBe(2 ** 32);
    expect(isEmpty(complement(wholeSpace))).toBe(true);
    expect(isEqual(union(fromRange(0, 9), fromRange(10, 0xffffffff)), wholeSpace)).toBe(true);
    expect(formatRanges(fromPrefixes(['10.0.0.0/31', '255.255.255.255']))).toBe(
      '10.0.0.0-10.0.0.1, 255.255.255.255-255.255.255.255',
    );
  });

  it('name the text that is no prefix', () => {
    expect(() => fromPrefixes(['10.0.0.0/8', '10.0.0.0/33'])).toThrow('"10.0.0.0/33"');
    expect(packIpv4Prefix('10.0.0.0/33')).toBe(-1);
  });
});

/** The size of the smallest set of aligned blocks that make up exactly these members, by splitting. */
function fewest(members: ReadonlySet<number>, start: number, width: number): number {
  let inside = 0;
  for (let each = start; each < start + width; each++) if (members.has(each)) inside++;
  if (inside === 0) return 0;
  if (inside === width) return 1;
  return fewest(members, start, width / 2) + fewest(members, start + width / 2, width / 2);
}
