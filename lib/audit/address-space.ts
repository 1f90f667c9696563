/**
 * Where each part of the whole IPv4 space goes, at the grain of /8 blocks: what a picture of it needs, and far less than the
 * partition itself, which may have thousands of pieces.
 */
import { addressCount, type IntervalSet, wholeSpace } from '../address/interval-set.ts';
import { routeSet } from '../network/routing.ts';
import type { Situation } from '../requirements/situation.ts';
import { hopOf, keyOf } from './paths.ts';
import type { AddressSpace } from './report.ts';

const blockSize = 2 ** 24;

type Block = Map<number, number>;
type Hop = AddressSpace['hops'][number];

/** Counts the addresses of a set in each block that it touches. */
function spread(set: IntervalSet, hop: number, blocks: readonly Block[]): void {
  for (let i = 0; i < set.bounds.length; i += 2) {
    const end = set.bounds[i + 1] as number;
    for (let start = set.bounds[i] as number; start <= end; ) {
      const index = Math.floor(start / blockSize);
      const stop = Math.min(end, (index + 1) * blockSize - 1);
      const block = blocks[index] as Block;
      block.set(hop, (block.get(hop) ?? 0) + stop - start + 1);
      start = stop + 1;
    }
  }
}

/** One route can be many sets, and many routes one hop. */
function hopsOf(parts: ReturnType<typeof routeSet>) {
  const hops = new Map<string, { readonly hop: Hop; readonly sets: IntervalSet[] }>();
  for (const part of parts) {
    const hop = hopOf(part);
    const isUnused = hop.path === 'dropped' && part.route?.source === 'Default';
    const key = `${keyOf(hop)} ${isUnused}`;
    const found = hops.get(key) ?? { hop: { ...hop, ...(isUnused && { isUnused }), addresses: 0 }, sets: [] };
    found.hop.addresses += addressCount(part.addresses);
    found.sets.push(part.addresses);
    hops.set(key, found);
  }
  return [...hops.values()];
}

/** Blocks that lie side by side and go to one hop as a whole are one. */
function joined(blocks: readonly Block[]): AddressSpace['blocks'] {
  const result: AddressSpace['blocks'] = [];
  for (const [index, block] of blocks.entries()) {
    const via = [...block].map(([hop, addresses]) => ({ hop, addresses })).sort((a, b) => a.hop - b.hop);
    const before = result.at(-1);
    const [only, ...others] = via;
    const [last, ...more] = before?.via ?? [];
    if (before && only && last && others.length + more.length === 0 && only.hop === last.hop) {
      before.last = index;
      last.addresses += only.addresses;
    } else result.push({ first: index, last: index, via });
  }
  return result;
}

/** @returns nothing where the subnet was not seen */
export function addressSpaceOf({ routing }: Situation): AddressSpace | undefined {
  if (!routing) return undefined;
  const hops = hopsOf(routeSet(routing, wholeSpace)).sort((a, b) => b.hop.addresses - a.hop.addresses);
  const blocks = Array.from({ length: 256 }, (): Block => new Map());
  for (const [index, { sets }] of hops.entries()) for (const set of sets) spread(set, index, blocks);
  return { hops: hops.map(({ hop }) => hop), blocks: joined(blocks) };
}
