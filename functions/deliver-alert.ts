/** One part of one alert to one channel. */
import { app } from '@azure/functions';
import { alertMessageSchema } from '../lib/drift/queues.ts';
import { deliverDue } from '../lib/watch/deliver-due.ts';
import { connection, watcher } from './app.ts';

app.storageQueue('deliverAlert', {
  queueName: 'alerts',
  connection,
  handler: async (message, context) => {
    const delivered = await deliverDue(await watcher(), alertMessageSchema.parse(message));
    const channel = 'channel' in delivered ? ` (${delivered.channel})` : '';
    const reason = 'reason' in delivered ? `: ${delivered.reason}` : '';
    context.info(`alert ${delivered.kind}${channel}${reason}`);
  },
});
