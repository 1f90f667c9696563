/** Where does a subnet send an address, a CIDR or a tag, and why? As JSON, and as a page with a form for browsers. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.http('trace', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'trace',
  handler: async (request) => {
    const { traceRequest } = await import('../lib/watch/trace-request.ts');
    const wantsPage = request.headers.get('accept')?.includes('text/html') === true;
    const answer = await traceRequest(await watcher(), { query: request.query, wantsPage });
    // The address holds the key of the function, and the form holds it again: nobody else shall hear or keep it.
    const headers = {
      'Content-Type': answer.contentType,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    };
    return { status: answer.status, headers, body: answer.body };
  },
});
