/** Evaluations a second of one worker against the simulated Resource Manager, answering at once and after 50 ms. */
import { type Claim, type Result, times } from '../claim.ts';
import { startForBench } from './local.ts';

const deployments = 60;

async function run(): Promise<Result[]> {
  const watcher = await startForBench(deployments);
  try {
    const { queuesOf, markAll } = await import('./mark-all.ts');
    const queues = await queuesOf(watcher);
    const measure = async (latencyMs: number): Promise<{ readonly perSecond: number; readonly reads: number }> => {
      watcher.azure.faults.latencyMs = latencyMs;
      const from = watcher.azure.requests.length;
      const start = performance.now();
      await markAll(watcher, queues);
      await watcher.idle();
      const seconds = (performance.now() - start) / 1000;
      watcher.azure.faults.latencyMs = 0;
      return { perSecond: deployments / seconds, reads: (watcher.azure.requests.length - from) / deployments };
    };
    await measure(0);
    const quick = await measure(0);
    const slow = await measure(50);
    return [
      {
        claim: `evaluations a second of one worker, Azure answering at once (${quick.reads.toFixed(1)} reads each)`,
        bar: '>= 10 a second',
        measured: `${quick.perSecond.toFixed(0)}/s`,
        holds: quick.perSecond >= 10,
      },
      {
        claim: 'the same with Azure answering after 50 ms: what is left of it',
        bar: '>= 0.5 x',
        measured: times(slow.perSecond / quick.perSecond),
        holds: slow.perSecond / quick.perSecond >= 0.5,
      },
    ];
  } finally {
    await watcher.stop();
  }
}

export const evaluations: Claim = { name: 'evaluations', run };
