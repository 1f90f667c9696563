/** Makes an answer fail in the way that a fault says. What the request asked for is done only where the answer is broken after it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from 'hono';
import type { Fault } from './faults.ts';
import { forbidden, problem, throttled } from './problems.ts';
import { isRecord } from './store.ts';

/** A page that was promised and cannot be had. */
export const brokenPage = '/broken';
/** The same of Resource Graph. */
export const brokenSkipToken = 'broken';

const lostAnswerMs = 60_000;

function refuse(context: Context, { status = 500, code }: Fault, path: string): Response {
  if (status === 403 && code === undefined) return forbidden(context, path);
  const usual = status === 403 ? 'AuthorizationFailed' : 'InternalServerError';
  return problem(context, status, code ?? usual, 'A fault that was asked for.');
}

/** The list of an answer, changed; everything else stays as it is. */
async function withList(answer: Response, change: (list: unknown[], body: Record<string, unknown>) => object) {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined);
  if (!isRecord(body)) return answer;
  const list = body.value ?? body.data;
  if (!Array.isArray(list)) return answer;
  const text = JSON.stringify({ ...body, ...change(list, body) });
  return new Response(text, { status: answer.status, headers: { 'Content-Type': 'application/json' } });
}

/**
 * @param answer what would be answered without the fault; asked only by the kinds of fault that need it
 * @param origin of this server
 */
export async function breakAnswer(
  context: Context,
  fault: Fault,
  answer: () => Promise<Response>,
  origin: string,
): Promise<Response> {
  const path = new URL(context.req.url).pathname;
  switch (fault.kind) {
    case 'status':
      return refuse(context, fault, path);
    case 'throttle':
      return throttled(context, fault.retryAfter);
    case 'timeout':
      await sleep(fault.milliseconds ?? lostAnswerMs, undefined, { ref: false });
      return problem(context, 504, 'GatewayTimeout', 'The gateway did not receive a response.');
    case 'truncate': {
      const text = await (await answer()).text();
      return new Response(text.slice(0, Math.ceil(text.length / 2)), {
        headers: { 'Content-Type': 'application/json' },
      });
    }
    case 'reset': {
      const bindings = context.env as { incoming?: { socket: { destroy: () => void } } };
      bindings.incoming?.socket.destroy();
      return new Response(null);
    }
    case 'link':
      return withList(await answer(), () => ({ nextLink: fault.link }));
    case 'halfPage':
      return withList(await answer(), (list, { data }) => {
        const half = list.slice(0, Math.floor(list.length / 2));
        if (data === list)
          return { data: half, count: half.length, resultTruncated: 'true', $skipToken: brokenSkipToken };
        return { value: half, nextLink: `${origin}${brokenPage}?api-version=2024-05-01` };
      });
  }
}
