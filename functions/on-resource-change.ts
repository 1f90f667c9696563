/** Event Grid delivers a change: its deployments are marked. What is malformed is refused, so that Event Grid keeps it. */
import { app } from '@azure/functions';
import { onEvents } from '../lib/watch/on-events.ts';
import { watcher } from './app.ts';

app.eventGrid('onResourceChange', {
  handler: async (event, context) => {
    const { queued, irrelevant, ignored } = await onEvents(await watcher(), event);
    context.debug(`events: ${queued} queued, ${irrelevant} irrelevant, ${ignored} ignored`);
  },
});
