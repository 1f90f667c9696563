/** The same events as `onResourceChange`, delivered by Event Grid into a storage queue. */
import { app } from '@azure/functions';
import { onEvents } from '../lib/watch/on-events.ts';
import { connection, watcher } from './app.ts';

app.storageQueue('onQueuedChange', {
  queueName: 'changes',
  connection,
  handler: async (message, context) => {
    const { queued, irrelevant, ignored } = await onEvents(await watcher(), message);
    context.debug(`events: ${queued} queued, ${irrelevant} irrelevant, ${ignored} ignored`);
  },
});
