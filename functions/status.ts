/** What the watcher knows right now: as JSON, and as a page for browsers. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';
import { keptToOneself, wantsPage } from './page.ts';

app.http('status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'status',
  handler: async (request) => {
    const { readStatus } = await import('../lib/watch/status.ts');
    const running = await watcher();
    const status = await readStatus(running);
    if (!wantsPage(request)) return { headers: keptToOneself, jsonBody: status };
    const { statusPage } = await import('../lib/watch/status-page.ts');
    const { readTimeline } = await import('../lib/watch/timeline.ts');
    const headers = { ...keptToOneself, 'Content-Type': 'text/html; charset=utf-8' };
    return { headers, body: statusPage(status, await readTimeline(running, status)) };
  },
});
