/** Where does a subnet send an address, a CIDR or a tag, and why? As JSON, and as a page with a form for browsers. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';
import { keptToOneself, wantsPage } from './page.ts';

app.http('trace', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'trace',
  handler: async (request) => {
    const { traceRequest } = await import('../lib/watch/trace-request.ts');
    const asked = { query: request.query, wantsPage: wantsPage(request) };
    const { status, contentType, body } = await traceRequest(await watcher(), asked);
    return { status, headers: { ...keptToOneself, 'Content-Type': contentType }, body };
  },
});
