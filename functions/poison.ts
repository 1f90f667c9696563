/** Messages that failed in every try: recorded, said aloud, kept for a replay. */
import { app } from '@azure/functions';
import { queueNames } from '../lib/drift/queue-names.ts';
import { connection, watcher } from './app.ts';

const functionNames = {
  changes: 'onPoisonedChange',
  evaluate: 'onPoisonedEvaluation',
  alerts: 'onPoisonedAlert',
} as const;

for (const queue of queueNames) {
  app.storageQueue(functionNames[queue], {
    queueName: `${queue}-poison`,
    connection,
    handler: async (message, context) => {
      const { onPoison } = await import('../lib/watch/on-poison.ts');
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      await onPoison(await watcher(), queue, text);
      context.error(`a message of the queue ${queue} failed in every try; POST /api/replay puts it back`);
    },
  });
}
