/** Puts messages that failed for good back into their queues: one by `?id=`, else all. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.http('replay', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'replay',
  handler: async (request) => {
    const { replay } = await import('../lib/watch/on-poison.ts');
    return { jsonBody: { replayed: await replay(await watcher(), request.query.get('id') ?? undefined) } };
  },
});
