/**
 * One POST to a receiver, and what its answer means: sent, later, or never. Redirects are not followed. Addresses are secrets: no
 * reason holds one.
 */
import type { Clock } from '../clock.ts';
import type { Outcome } from './channel.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly clock: Clock;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

/** Refusals that a later try can mend. */
const temporary = new Set([408, 409, 421, 425, 429]);
const longestWaitSeconds = 24 * 3600;

/** `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). */
function retryAfter(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - now.getTime()) / 1000;
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), longestWaitSeconds) : undefined;
}

/** What happened on the way, without the address that undici puts into its messages. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the receiver could not be reached';
  if (error.name === 'TimeoutError') return 'the receiver did not answer in time';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code).slice(0, 40)})` : '';
  return `the receiver could not be reached${code}`;
}

export async function post({ url, headers, body, clock, timeoutMs }: Post): Promise<Outcome> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    await response.body?.cancel();
    const { status } = response;
    if (status >= 200 && status < 300) return { kind: 'sent' };
    if (status >= 300 && status < 400) return { kind: 'refused', reason: `the receiver points elsewhere (${status})` };
    const reason = `the receiver answered ${status}`;
    if (status >= 400 && status < 500 && !temporary.has(status)) return { kind: 'refused', reason };
    const afterSeconds = retryAfter(response.headers.get('retry-after'), clock.now());
    return { kind: 'retry', reason, ...(afterSeconds !== undefined && { afterSeconds }) };
  } catch (error) {
    return { kind: 'retry', reason: problemOf(error) };
  }
}
