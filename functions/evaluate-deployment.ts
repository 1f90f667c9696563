/** One marked deployment: read, evaluated, stored, and its alerts queued. */
import { app } from '@azure/functions';
import { evaluateMessageSchema } from '../lib/drift/queues.ts';
import { connection, watcher } from './app.ts';

app.storageQueue('evaluateDeployment', {
  queueName: 'evaluate',
  connection,
  handler: async (message, context) => {
    const { evaluateDue } = await import('../lib/watch/evaluate-due.ts');
    const { deployment } = evaluateMessageSchema.parse(message);
    const evaluated = await evaluateDue(await watcher(), { deployment });
    const transitions = 'transitions' in evaluated ? evaluated.transitions : [];
    const changes = transitions.map(({ kind, requirement }) => `${kind} ${requirement}`).join(', ');
    const reason = evaluated.kind === 'postponed' ? `: ${evaluated.reason}` : '';
    context.info(`${deployment}: ${evaluated.kind}${reason}${changes === '' ? '' : `, ${changes}`}`);
  },
});
