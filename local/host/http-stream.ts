/**
 * HTTP of an app that asked for streams (`app.setup({ enableHttpStream: true })`): the functions library listens itself, takes the
 * request there under the invocation's id, and answers piece by piece; the host stands between, as the real one does.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Context } from 'hono';
import type { RegisteredFunction } from './core.ts';
import type { TypedData } from './protocol.ts';
import type { Runner } from './runner.ts';

/** Of one connection, not of the request that travels over it (RFC 9110, section 7.6.1). */
const hopByHop = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'host']);

interface Streamed {
  readonly params: Readonly<Record<string, string>>;
  readonly invocationId: string;
  readonly httpUri: string;
}

function forward({ req }: Context, { invocationId, httpUri }: Streamed, signal: AbortSignal): Promise<IncomingMessage> {
  const { pathname, search, host } = new URL(req.url);
  const headers = Object.entries(req.header()).filter(([name]) => !hopByHop.has(name));
  const own = { 'x-ms-invocation-id': invocationId, 'x-forwarded-host': host, 'x-forwarded-proto': 'http' };
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      new URL(pathname + search, httpUri),
      { method: req.method, headers: { ...Object.fromEntries(headers), ...own }, signal },
      resolve,
    );
    outgoing.once('error', reject);
    if (req.raw.body) Readable.fromWeb(req.raw.body as ReadableStream).pipe(outgoing);
    else outgoing.end();
  });
}

function responseOf(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
    if (hopByHop.has(name)) continue;
    for (const value of values) headers.append(name, value);
  }
  const status = incoming.statusCode ?? 200;
  const hasNoBody = status === 204 || status === 205 || status === 304;
  return new Response(hasNoBody ? null : (Readable.toWeb(incoming) as globalThis.ReadableStream), { status, headers });
}

/**
 * Resolves as soon as the function begins to answer.
 * @throws what the function threw before that; what it throws later breaks off the answer, and is logged
 */
export async function throughProxy(
  context: Context,
  runner: Runner,
  registered: RegisteredFunction,
  streamed: Streamed,
): Promise<Response> {
  const { invocationId, params } = streamed;
  const broken = new AbortController();
  const strings = Object.entries(params).map(([name, value]): [string, TypedData] => [name, { string: value }]);
  const triggerMetadata = { ...Object.fromEntries(strings), Headers: { json: JSON.stringify(context.req.header()) } };
  const answer = forward(context, streamed, broken.signal);
  // What the library takes is the request that was forwarded; this one only names it.
  const running = runner.run(registered, { string: '' }, { invocationId, triggerMetadata });
  let hasBegun = false;
  const nothing = running.then(
    ({ isEmpty }) => (isEmpty ? undefined : answer),
    (error: unknown) => {
      broken.abort();
      if (!hasBegun) throw error;
      runner.logFailure(registered, invocationId, error);
      return undefined;
    },
  );
  const first = await Promise.race([answer, nothing]);
  hasBegun = true;
  if (first) return responseOf(first);
  answer.catch(() => {});
  broken.abort();
  return new Response(null, { status: 204 });
}
