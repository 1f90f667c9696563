/**
 * Serves recorded traffic of the real Resource Manager instead of the store: to each request what was answered to it then, word for
 * word, one after the other. It changes nothing but the host in links, so that a client that follows them stays here.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode, StatusCode } from 'hono/utils/http-status';

export interface Exchange {
  readonly request: { readonly method: string; readonly uri: string };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, readonly string[]>>;
    readonly body: unknown;
  };
}

const recordedHost = /https:\/\/management\.azure\.com(?=[/"])/g;
const links = ['location', 'azure-asyncoperation'];

/** Versions differ between the recorded client and whoever reads now: the path alone says what is asked. */
function keyOf(method: string, url: string): string {
  return `${method} ${decodeURI(new URL(url).pathname)}`.toLowerCase();
}

/** @returns answers a request that was recorded, the last time again and again; nothing for one that was not */
export function replayed(exchanges: readonly Exchange[]): (context: Context, origin: string) => Response | undefined {
  const answers = new Map<string, Exchange['response'][]>();
  for (const { request, response } of exchanges) {
    const key = keyOf(request.method, request.uri);
    answers.set(key, [...(answers.get(key) ?? []), response]);
  }
  return (context, origin) => {
    const left = answers.get(keyOf(context.req.method, context.req.url));
    const answer = left && left.length > 1 ? left.shift() : left?.[0];
    if (!answer) return undefined;
    for (const name of links) {
      const link = answer.headers?.[name]?.[0];
      if (link !== undefined) context.header(name, link.replace(recordedHost, origin));
    }
    if (answer.body === null) return context.body(null, answer.status as StatusCode);
    const text = JSON.stringify(answer.body).replace(recordedHost, origin);
    return context.body(text, answer.status as ContentfulStatusCode, {
      'Content-Type': 'application/json; charset=utf-8',
    });
  };
}
