/**
 * Small windows onto the IPv4 space, for comparing set arithmetic with sets that are held address by address. A window
 * lies where the arithmetic is most likely to slip: at 0.0.0.0, across 128.0.0.0 (the sign bit), at 255.255.255.255.
 */
import fc from 'fast-check';
import type { IntervalSet } from '../../lib/address/interval-set.ts';

/** One seed for every property test: a failure is the same failure tomorrow. */
export const seed = 20251013;

export interface Window {
  readonly name: string;
  readonly base: number;
  readonly size: number;
}

/** The windows of `size` addresses each; a power of two. */
export function windowsOf(size: number): Window[] {
  return [
    { name: 'at 0.0.0.0', base: 0, size },
    { name: 'across 128.0.0.0', base: 2 ** 31 - size / 2, size },
    { name: 'at 255.255.255.255', base: 2 ** 32 - size, size },
  ];
}

/** The set as its addresses, one by one; every interval must lie in the window. */
export function membersOf(set: IntervalSet): Set<number> {
  const members = new Set<number>();
  for (let i = 0; i < set.bounds.length; i += 2) {
    const end = set.bounds[i + 1] as number;
    for (let address = set.bounds[i] as number; address <= end; address++) members.add(address);
  }
  return members;
}

/** The canonical bounds of a set of addresses, found by walking the window: what every result must equal. */
export function boundsOf(members: ReadonlySet<number>, window: Window): number[] {
  const bounds: number[] = [];
  for (let address = window.base; address < window.base + window.size; address++) {
    if (!members.has(address)) continue;
    if (!members.has(address - 1)) bounds.push(address);
    if (!members.has(address + 1)) bounds.push(address);
  }
  return bounds;
}

export interface WindowPrefix {
  readonly start: number;
  readonly length: number;
}

/** Any aligned prefix inside the window, all lengths alike, so that big and small ones nest and touch. */
export function prefixIn(window: Window): fc.Arbitrary<WindowPrefix> {
  const bits = Math.log2(window.size);
  return fc
    .tuple(fc.integer({ min: 0, max: bits }), fc.integer({ min: 0, max: window.size - 1 }))
    .map(([free, offset]) => {
      // A window across 128.0.0.0 is not aligned to its own size: its largest prefixes are its two halves.
      const usable = window.base % window.size === 0 ? free : Math.min(free, bits - 1);
      const address = window.base + offset;
      return { start: address - (address % 2 ** usable), length: 32 - usable };
    });
}

/** The dotted text of a prefix, written here on its own so that the formatter under test is not its own oracle. */
export function textOf({ start, length }: WindowPrefix): string {
  const octets = [2 ** 24, 2 ** 16, 2 ** 8, 1].map((unit) => Math.floor(start / unit) % 256);
  return `${octets.join('.')}/${length}`;
}

/** Every address of the prefixes. */
export function addressesOf(prefixes: readonly WindowPrefix[]): Set<number> {
  const members = new Set<number>();
  for (const { start, length } of prefixes) {
    for (let address = start; address < start + 2 ** (32 - length); address++) members.add(address);
  }
  return members;
}
