/**
 * Faults that a test or a person switches on: how Azure fails, one request at a time, and what the reader may not see. They only
 * say what is to happen; breaking.ts does it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Fault {
  /** Tested against `METHOD /path?query`, or asked with the two. */
  readonly match: RegExp | ((method: string, pathAndQuery: string) => boolean);
  readonly kind: /** An answer with `status` and Azure's error body. */
    | 'status'
    /** 429; with `retryAfter`, in seconds, or without. */
    | 'throttle'
    /** No answer for `milliseconds`. */
    | 'timeout'
    /** The body breaks off in the middle. */
    | 'truncate'
    /** The connection is cut. */
    | 'reset'
    /** Half of a list; its next page is at an address that answers 500. */
    | 'halfPage'
    /** A list whose next page is at `link`. */
    | 'link';
  readonly link?: string;
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: number;
  readonly milliseconds?: number;
  /** How many requests it hits; default: all. */
  readonly times?: number;
  /** Share of the requests that it hits, 0 to 1; default: all. */
  readonly probability?: number;
  /** Of the dice of this fault; default: those of all faults, see `Faults.seed`. */
  readonly seed?: number;
}

/** The same numbers for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Active {
  readonly fault: Fault;
  readonly dice: (() => number) | undefined;
  left: number;
}

export class Faults {
  /** Of every answer. */
  latencyMs = 0;
  private active: Active[] = [];
  private denied: string[] = [];
  private random = seeded(1);

  add(fault: Fault): void {
    const { times = Number.POSITIVE_INFINITY, seed } = fault;
    this.active.push({ fault, dice: seed === undefined ? undefined : seeded(seed), left: times });
  }

  /**
   * Takes the right to read away: Resource Manager answers 403 at and below the scope, Resource Graph leaves out what is there.
   * @param scope id of a subscription, a resource group or a resource
   */
  deny(scope: string): void {
    this.denied.push(scope.toLowerCase());
  }

  clear(): void {
    this.active = [];
    this.denied = [];
    this.latencyMs = 0;
  }

  seed(seed: number): void {
    this.random = seeded(seed);
  }

  isDenied(id: string): boolean {
    const key = id.toLowerCase();
    return this.denied.some((scope) => key === scope || key.startsWith(`${scope}/`));
  }

  /** The fault that hits this request. */
  strike(method: string, pathAndQuery: string): Fault | undefined {
    for (const each of this.active) {
      const { match, probability = 1 } = each.fault;
      const isMeant =
        typeof match === 'function' ? match(method, pathAndQuery) : `${method} ${pathAndQuery}`.search(match) >= 0;
      if (each.left <= 0 || !isMeant || (each.dice ?? this.random)() >= probability) continue;
      each.left--;
      return each.fault;
    }
    return undefined;
  }

  async delay(): Promise<void> {
    if (this.latencyMs > 0) await sleep(this.latencyMs);
  }
}
