/** What the watcher knows right now. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.http('status', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'status',
  handler: async () => {
    const { readStatus } = await import('../lib/watch/status.ts');
    return { jsonBody: await readStatus(await watcher()) };
  },
});
