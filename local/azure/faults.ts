/** Faults that a test or a person switches on: how Azure fails, one request at a time. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Fault {
  /** Tested against `METHOD /path?query`. */
  readonly match: RegExp;
  readonly kind: /** An answer with `status` and Azure's error body. */
    | 'status'
    /** 429; with `retryAfter`, in seconds, or without. */
    | 'throttle'
    /** No answer for `milliseconds`. */
    | 'timeout'
    /** The body breaks off. */
    | 'truncate'
    /** The connection is cut. */
    | 'reset'
    /** The list's next page is at an address that answers 500. */
    | 'halfPage'
    /** The list's next page is at `link`. */
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

export class Faults {
  /** Of every answer. */
  latencyMs = 0;
  private active: { readonly fault: Fault; left: number }[] = [];
  private random = seeded(1);

  add(fault: Fault): void {
    this.active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.active = [];
    this.latencyMs = 0;
  }

  seed(seed: number): void {
    this.random = seeded(seed);
  }

  /** The fault that hits this request. */
  strike(request: string): Fault | undefined {
    for (const each of this.active) {
      const { match, probability = 1 } = each.fault;
      if (each.left <= 0 || !match.test(request) || this.random() >= probability) continue;
      each.left--;
      return each.fault;
    }
    return undefined;
  }

  async delay(): Promise<void> {
    if (this.latencyMs > 0) await sleep(this.latencyMs);
  }
}
