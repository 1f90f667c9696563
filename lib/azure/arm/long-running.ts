/**
 * Waits for what Resource Manager answers later: 202, and the address at which the answer will be (Microsoft Learn, "Track
 * asynchronous Azure operations"). The published definition of `getLearnedRoutes` and its kin is such an operation.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from '../documents/fields.ts';
import { LiveReadError } from '../pipeline.ts';

/** What this looks at of an answer. */
interface Answered {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/** Where an answer does not say when to come again, and the longest that is heeded where it does. */
const usualSeconds = 2;
const mostSeconds = 15;
const mostLooks = 200;

function waitMs({ headers }: Answered): number {
  const asked = Number(headers['retry-after'] ?? usualSeconds);
  return Math.min(Number.isFinite(asked) ? Math.max(asked, 0) : usualSeconds, mostSeconds) * 1000;
}

/** Of an operation's own body, whether it is over; `undefined` for a body that tells of no operation. */
function stateOf({ body }: Answered): 'running' | 'succeeded' | 'failed' | undefined {
  const status = isRecord(body) && typeof body.status === 'string' ? body.status.toLowerCase() : undefined;
  if (status === undefined) return undefined;
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'running';
}

/** `{ status, properties: { output } }`: what came of an operation stands in its own body. */
function withOutput<T extends Answered>(answer: T): T {
  const properties = isRecord(answer.body) ? answer.body.properties : undefined;
  const output = isRecord(properties) ? properties.output : undefined;
  return output === undefined ? answer : { ...answer, body: output };
}

/**
 * @param look asks one of the addresses that Resource Manager named
 * @returns the last answer, with what the operation came to as its body
 * @throws LiveReadError where the operation failed, or does not end
 */
export async function outcomeOf<T extends Answered>(
  accepted: T,
  look: (url: string) => Promise<T>,
  abortSignal: AbortSignal,
): Promise<T> {
  if (accepted.status !== 202) return withOutput(accepted);
  const url = accepted.headers.location ?? accepted.headers['azure-asyncoperation'];
  if (url === undefined) throw new LiveReadError('Azure accepted and does not say where the answer will be');
  let last = accepted;
  for (let count = 0; count < mostLooks; count++) {
    await sleep(waitMs(last), undefined, { signal: abortSignal });
    last = await look(url);
    if (last.status === 202) continue;
    const state = last.status === 200 ? stateOf(last) : undefined;
    if (state === 'failed') throw new LiveReadError('Azure tried, and the operation failed');
    if (state !== 'running') return withOutput(last);
  }
  throw new LiveReadError('an operation of Azure does not end');
}
