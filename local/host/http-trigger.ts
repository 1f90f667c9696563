/** HTTP triggers at the real host's paths, with its keys: `?code=` or `x-functions-key`, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, Hono } from 'hono';
import type { Core, HttpData, LogLine, RegisteredFunction, TypedData } from './core.ts';
import { describe } from './queue-trigger.ts';

/** Bytes: the real host takes no larger body. */
const largestBody = 100 * 1024 * 1024;

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isAuthorised(context: Context, registered: RegisteredFunction, key: string): boolean {
  if (registered.trigger.authLevel?.toLowerCase() === 'anonymous') return true;
  const given = context.req.header('x-functions-key') ?? context.req.query('code') ?? '';
  return timingSafeEqual(digest(given), digest(key));
}

async function requestOf(context: Context): Promise<HttpData | undefined> {
  const { req } = context;
  const bytes = new Uint8Array(await req.arrayBuffer());
  if (bytes.byteLength > largestBody) return undefined;
  return {
    url: req.url,
    method: req.method,
    headers: req.header(),
    query: req.query(),
    params: req.param(),
    ...(bytes.byteLength > 0 && { body: { bytes } }),
  };
}

function bytesOf(data: TypedData | undefined): Uint8Array<ArrayBuffer> | string | null {
  if (!data) return null;
  if ('bytes' in data) return new Uint8Array(data.bytes);
  if ('string' in data) return data.string;
  return 'json' in data ? data.json : null;
}

function responseOf(value: TypedData | null | undefined): Response {
  if (!value || !('http' in value)) return new Response(null, { status: 204 });
  const { statusCode, headers, body } = value.http as HttpData & { readonly body?: TypedData };
  const status = Number(statusCode ?? 200);
  const hasNoBody = status === 204 || status === 304;
  return new Response(hasNoBody ? null : bytesOf(body), { status, headers: { ...headers } });
}

/** Route of the real host (`things/{id}/{rest?}`) -> that of the router. */
function pathOf(prefix: string, { trigger, name }: RegisteredFunction): string {
  const route = (trigger.route ?? name).replace(/\{\*?(\w+)(?::[^}?]+)?(\??)\}/g, ':$1$2');
  return `/${[prefix, route].filter((part) => part !== '').join('/')}`;
}

export function serveHttp(
  app: Hono,
  core: Core,
  registered: RegisteredFunction,
  prefix: string,
  key: string,
  track: <T>(work: Promise<T>) => Promise<T>,
  onLog: (line: LogLine) => void,
): string {
  const path = pathOf(prefix, registered);
  const methods = (registered.trigger.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase());
  app.on(methods, [path], async (context) => {
    if (!isAuthorised(context, registered, key)) return context.body(null, 401);
    const request = await requestOf(context);
    if (!request) return context.body(null, 413);
    try {
      return responseOf(await track(core.invoke(registered, { http: request })));
    } catch (error) {
      onLog({ level: 'error', function: registered.name, invocationId: '', message: describe(error) });
      return context.body(null, 500);
    }
  });
  return path;
}
