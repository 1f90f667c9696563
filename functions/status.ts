/** What the watcher knows right now: as JSON, and as a page for browsers. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.http('status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'status',
  handler: async (request) => {
    const { readStatus } = await import('../lib/watch/status.ts');
    const running = await watcher();
    const status = await readStatus(running);
    const wantsPage = request.headers.get('accept')?.includes('text/html') === true;
    if (!wantsPage) return { jsonBody: status };
    const { statusPage } = await import('../lib/watch/status-page.ts');
    const { readTimeline } = await import('../lib/watch/timeline.ts');
    // The address holds the key of the function: nobody else shall hear it.
    const headers = {
      'Content-Type': 'text/html; charset=utf-8',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    };
    return { headers, body: statusPage(status, await readTimeline(running, status)) };
  },
});
