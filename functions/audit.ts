/** Is it right, now? Reads Azure, or takes an estate document as its body. */
import { app, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import { watcher } from './app.ts';
import { keptToOneself } from './page.ts';

/** Bytes that a body may have. */
const largestBody = 10 * 1024 * 1024;

/** @returns `undefined` for a body that is too large; not more than that is read of it */
async function bodyOf(request: HttpRequest): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > largestBody) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > largestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

app.http('audit', {
  methods: ['GET', 'POST'],
  authLevel: 'function',
  route: 'audit',
  handler: async (request): Promise<HttpResponseInit> => {
    const { auditRequest, problem } = await import('../lib/watch/audit-request.ts');
    const body = request.method === 'POST' ? await bodyOf(request) : undefined;
    const tooLarge = request.method === 'POST' && body === undefined;
    const answer = tooLarge
      ? problem(413, `the body is larger than ${largestBody / 1024 / 1024} MB`)
      : await auditRequest(await watcher(), {
          query: request.query,
          accept: request.headers.get('accept') ?? '',
          ...(body !== undefined && { body }),
        });
    return {
      status: answer.status,
      headers: { ...keptToOneself, 'Content-Type': answer.contentType },
      body: answer.body,
    };
  },
});
