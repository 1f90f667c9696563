/** Everything again, on a timer: what no event told. */
import { app } from '@azure/functions';
import { watcher } from './app.ts';

app.timer('sweep', {
  schedule: '0 */15 * * * *',
  handler: async (_timer, context) => {
    const { sweep } = await import('../lib/watch/sweep.ts');
    const { services, deployments, queued } = await sweep(await watcher());
    context.info(`sweep: ${services} services, ${deployments} deployments, ${queued} to be read again`);
  },
});
