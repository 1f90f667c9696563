/**
 * The next-hop partition against a reading of the rules address by address: all candidates are listed, those that must
 * not count are struck out, the rest is sorted. A 16-bit universe at three places of the space.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromRange, wholeSpace } from '../../lib/address/interval-set.ts';
import {
  buildPartition,
  forEachPiece,
  type PartitionRoute,
  type RouteClass,
  routeAt,
  routeClass,
} from '../../lib/address/partition.ts';
import { sharedPartition, splitSet } from '../../lib/address/shared-partition.ts';

const classes = Object.values(routeClass);
const bases = [0, 0x7fff8000, 2 ** 32 - 65536];

interface Drawn {
  readonly prefixes: readonly (readonly [offset: number, length: number])[];
  readonly routeClass: RouteClass;
  readonly rank: number;
}

const prefix = fc.tuple(fc.nat(65535), fc.integer({ min: 16, max: 32 }));
const drawn: fc.Arbitrary<Drawn> = fc.record({
  prefixes: fc.oneof(
    fc.array(prefix, { minLength: 1, maxLength: 4 }),
    fc.array(prefix, { minLength: 70, maxLength: 90 }),
  ),
  routeClass: fc.constantFrom(...classes),
  rank: fc.nat(2),
});

function build(base: number, routes: readonly Drawn[]): PartitionRoute[] {
  return routes.map(({ prefixes, routeClass: kind, rank }) => ({
    packed: Float64Array.from(prefixes, ([offset, length]) => {
      const width = 2 ** (32 - length);
      return Math.floor((base + offset) / width) * width * 64 + length;
    }).sort(),
    routeClass: kind,
    rank,
  }));
}

/** The rules, read one by one for one address. */
function winnerOf(routes: readonly PartitionRoute[], address: number): number {
  const candidates = routes.flatMap(({ packed, routeClass: kind, rank }, index) => {
    const lengths = [...packed].filter((key) => {
      const start = Math.floor(key / 64);
      return address >= start && address < start + 2 ** (32 - (key % 64));
    });
    return lengths.length === 0 ? [] : [{ index, kind, rank, length: Math.max(...lengths.map((key) => key % 64)) }];
  });
  const has = (...kinds: RouteClass[]): boolean => candidates.some(({ kind }) => kinds.includes(kind));
  const isUser = (kind: RouteClass): boolean => kind === routeClass.user || kind === routeClass.userOverridingBgp;
  const noBgp = has(routeClass.virtualNetwork, routeClass.serviceEndpoint, routeClass.userOverridingBgp);
  const noUser = has(routeClass.serviceEndpoint);
  const preference = (kind: RouteClass): number => (isUser(kind) ? 0 : kind === routeClass.bgp ? 1 : 2);
  const [best] = candidates
    .filter(({ kind }) => !(noBgp && kind === routeClass.bgp) && !(noUser && isUser(kind)))
    .sort(
      (a, b) => b.length - a.length || preference(a.kind) - preference(b.kind) || a.rank - b.rank || a.index - b.index,
    );
  return best?.index ?? -1;
}

/** Every address at which the winner could change, and some others. */
function probes(base: number, routes: readonly PartitionRoute[], extra: readonly number[]): number[] {
  const boundaries = routes.flatMap(({ packed }) =>
    [...packed].flatMap((key) => {
      const start = Math.floor(key / 64);
      const end = start + 2 ** (32 - (key % 64)) - 1;
      return [start - 1, start, end, end + 1];
    }),
  );
  return [...new Set([...boundaries, ...extra.map((each) => base + each)])].filter(
    (each) => each >= 0 && each < 2 ** 32,
  );
}

describe('the next-hop partition', () => {
  it('gives every address the route that the rules give it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...bases),
        fc.array(drawn, { maxLength: 9 }),
        fc.array(fc.nat(65535), { maxLength: 20 }),
        (base, list, extra) => {
          const routes = build(base, list);
          const partition = buildPartition(routes);
          for (const address of probes(base, routes, extra))
            expect([address, routeAt(partition, address)]).toEqual([address, winnerOf(routes, address)]);
        },
      ),
      { seed: 4, numRuns: 400 },
    );
  });

  it('visits each address of a set once, in order', () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 6 }), fc.nat(60000), fc.nat(5000), (list, from, width) => {
        const routes = build(0, list);
        const partition = buildPartition(routes);
        let next = from;
        forEachPiece(partition, fromRange(from, from + width), (start, end, route) => {
          expect(start).toBe(next);
          expect(route).toBe(winnerOf(routes, start));
          expect(route).toBe(winnerOf(routes, end));
          next = end + 1;
        });
        expect(next).toBe(from + width + 1);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('is shared by lists that compete alike, with the same answers', () => {
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 6 }), (list) => {
        const routes = build(bases[1] as number, list);
        const set = fromRange(bases[1] as number, (bases[1] as number) + 65535);
        const shared = sharedPartition(routes.map((route) => ({ ...route })));
        expect(shared.split(set)).toEqual(splitSet(buildPartition(routes), set));
        expect(sharedPartition(routes)).toBe(shared);
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it('is not shared by lists that differ in a class, a rank or the order alone', () => {
    const set = fromRange(bases[1] as number, (bases[1] as number) + 65535);
    const answer = (routes: readonly PartitionRoute[]) => {
      expect(sharedPartition(routes).split(set)).toEqual(splitSet(buildPartition(routes), set));
    };
    fc.assert(
      fc.property(
        fc.array(drawn, { minLength: 2, maxLength: 4 }),
        fc.nat(3),
        fc.constantFrom(...classes),
        fc.nat(2),
        (list, at, kind, rank) => {
          const routes = build(bases[1] as number, list);
          // Equal prefixes everywhere, so that class, rank and order decide; the lists of prefixes are the same objects.
          const tied = routes.flatMap((route) => [route, { ...route, rank: (route.rank + 1) % 3 }]);
          const changed = (change: Partial<PartitionRoute>) =>
            tied.map((route, index) => (index === at ? { ...route, ...change } : route));
          for (const each of [tied, changed({ routeClass: kind }), changed({ rank }), [...tied].reverse()])
            answer(each);
        },
      ),
      { seed: 10, numRuns: 200 },
    );
  });

  it('leaves the whole space to nobody when there is no route', () => {
    expect(splitSet(buildPartition([]), wholeSpace)).toEqual([{ route: -1, addresses: wholeSpace }]);
  });

  it('refuses more routes than fit into its keys', () => {
    const route = { packed: Float64Array.of(0), routeClass: routeClass.user, rank: 0 };
    expect(() => buildPartition(new Array<PartitionRoute>(32769).fill(route))).toThrow(RangeError);
  });
});
