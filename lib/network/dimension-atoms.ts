/** Cuts one dimension of a flow (own addresses, source ports) into pieces within which no rule tells values apart. */
import { emptySet, type IntervalSet, wholeSpace } from '../address/interval-set.ts';

/** Index of the first interval of `bounds` that ends at `value` or later. */
function firstEndingAt(bounds: Uint32Array, value: number): number {
  let low = 0;
  let high = bounds.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle * 2 + 1] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * One value of each piece of `universe`, ascending: its intervals, cut wherever membership in one of `sets` changes.
 * Usually that is one value, because rules name the subnet whole or not at all.
 */
export function representatives(universe: IntervalSet, sets: readonly IntervalSet[]): number[] {
  const { bounds: pieces } = universe;
  const starts = new Set<number>();
  for (let i = 0; i < pieces.length; i += 2) {
    const first = pieces[i] as number;
    const last = pieces[i + 1] as number;
    starts.add(first);
    for (const set of sets) {
      if (set === wholeSpace || set === emptySet) continue;
      const { bounds } = set;
      for (let j = firstEndingAt(bounds, first) * 2; j < bounds.length && (bounds[j] as number) <= last; j += 2) {
        if ((bounds[j] as number) > first) starts.add(bounds[j] as number);
        if ((bounds[j + 1] as number) < last) starts.add((bounds[j + 1] as number) + 1);
      }
    }
  }
  return starts.size === 1 ? [...starts] : [...starts].sort((a, b) => a - b);
}
