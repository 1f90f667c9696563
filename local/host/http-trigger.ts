/** HTTP triggers at the real host's paths, with its keys: `x-functions-key` or `?code=`, compared in constant time. */
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { serialize } from 'hono/utils/cookie';
import type { RegisteredFunction } from './core.ts';
import { throughProxy } from './http-stream.ts';
import type { CookieData, HttpRequestData, InvocationResponse, TypedData } from './protocol.ts';
import { compileRoute, type Route } from './route.ts';
import type { Runner } from './runner.ts';

export interface HttpFunction {
  readonly registered: RegisteredFunction;
  readonly route: Route;
  readonly methods: readonly string[];
  readonly authLevel: string;
  /** Prefix and route, as they are written. */
  readonly path: string;
}

/** @throws Error for a route that this host does not know */
export function httpFunctionOf(registered: RegisteredFunction, prefix: string): HttpFunction {
  const { name, trigger } = registered;
  const path = `/${[prefix, trigger.route || name].filter((part) => part !== '').join('/')}`;
  return {
    registered,
    path,
    route: compileRoute(path),
    methods: (trigger.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
    authLevel: (trigger.authLevel ?? 'function').toLowerCase(),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** There is one key, of the kind that opens everything: the host's master key. */
function isAuthorised(context: Context, authLevel: string, key: string): boolean {
  if (authLevel === 'anonymous') return true;
  const given = context.req.header('x-functions-key') ?? context.req.query('code') ?? '';
  return timingSafeEqual(digest(given), digest(key));
}

async function requestOf({ req }: Context, params: Readonly<Record<string, string>>): Promise<HttpRequestData> {
  const bytes = new Uint8Array(await req.arrayBuffer());
  // The real host hands on the values of a name that stands more than once as one.
  const query = Object.entries(req.queries()).map(([name, values]) => [name, values.join(',')] as const);
  return {
    url: req.url,
    method: req.method,
    headers: req.header(),
    query: Object.fromEntries(query),
    params,
    ...(bytes.byteLength > 0 && { body: { bytes } }),
  };
}

const sameSites = { lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function setCookieOf({ name, value, domain, path, expires, secure, httpOnly, sameSite, maxAge }: CookieData): string {
  return serialize(name, value, {
    ...(domain && { domain: domain.value }),
    ...(path && { path: path.value }),
    ...(expires && { expires: new Date(expires.value.seconds * 1000) }),
    ...(secure && { secure: secure.value }),
    ...(httpOnly && { httpOnly: httpOnly.value }),
    ...(maxAge && { maxAge: maxAge.value }),
    ...(sameSite && sameSite !== 'none' && { sameSite: sameSites[sameSite] }),
  });
}

function bodyOf(data: TypedData | null | undefined): Uint8Array<ArrayBuffer> | string | null {
  if (!data) return null;
  if ('bytes' in data) return new Uint8Array(data.bytes);
  if ('string' in data) return data.string;
  return 'json' in data ? data.json : null;
}

function responseOf({ returnValue: value }: InvocationResponse): Response {
  if (!value || !('http' in value) || !('statusCode' in value.http)) return new Response(null, { status: 204 });
  const { statusCode, headers, cookies, body } = value.http;
  const status = Number(statusCode);
  const hasNoBody = status === 204 || status === 205 || status === 304;
  const response = new Response(hasNoBody ? null : bodyOf(body), { status, headers });
  for (const cookie of cookies) response.headers.append('set-cookie', setCookieOf(cookie));
  return response;
}

/** Answers requests to the app's HTTP functions; 404 where none is meant. */
export function httpDoor(
  functions: readonly HttpFunction[],
  runner: Runner,
  key: string,
): (context: Context) => Promise<Response> {
  const ordered = functions.toSorted((a, b) => (a.route.rank < b.route.rank ? -1 : 1));
  return async (context) => {
    const path = new URL(context.req.url).pathname;
    for (const { registered, route, methods, authLevel } of ordered) {
      const params = methods.includes(context.req.method) ? route.match(path) : undefined;
      if (!params) continue;
      if (!isAuthorised(context, authLevel, key)) return context.body(null, 401);
      const invocationId = randomUUID();
      try {
        if (runner.httpUri !== undefined) {
          return await throughProxy(context, runner, registered, { params, invocationId, httpUri: runner.httpUri });
        }
        const data = { http: await requestOf(context, params) };
        return responseOf(await runner.run(registered, data, { invocationId }));
      } catch (error) {
        runner.logFailure(registered, invocationId, error);
        return context.body(null, 500);
      }
    }
    return context.body(null, 404);
  };
}
