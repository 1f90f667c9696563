/**
 * A sweep of 1,000 deployments in one subscription, against the reads that Resource Manager grants it: the simulated one keeps the
 * same buckets and refuses what is too much. The peer reads each deployment on its own, as an event has it read.
 */
import { realQuota } from '../../local/azure/quota.ts';
import { type Claim, type Result, times } from '../claim.ts';
import { deploymentResources } from '../estate-generator.ts';
import { type Json, startForBench } from './local.ts';
import { markAll, queuesOf } from './mark-all.ts';

const deployments = 1000;
const subscription = '77777777-7777-7777-7777-777777777777';
/** Of the peer: its reads for each do not depend on how many there are. */
const fewer = 50;

/** All in one subscription, so that one bucket has to do. */
function resources(): Json[] {
  const all = Array.from({ length: deployments }, (_, index) => deploymentResources(index)).flat();
  return JSON.parse(JSON.stringify(all).replace(/\/subscriptions\/[0-9a-f-]{36}/g, `/subscriptions/${subscription}`));
}

interface Reads {
  readonly each: number;
  readonly perSecond: number;
  readonly refused: number;
}

async function readsOf(count: number, run: Awaited<ReturnType<typeof startForBench>>, work: () => Promise<void>) {
  run.azure.reset();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const reads = run.azure.reads();
  const refused = run.azure.requests.filter(({ status }) => status === 429).length;
  return { each: reads / count, perSecond: reads / seconds, refused } satisfies Reads;
}

async function sweep(): Promise<Reads> {
  const watcher = await startForBench(deployments, { resources: resources(), quota: realQuota });
  try {
    return await readsOf(deployments, watcher, () => watcher.host.invokeTimer('sweep'));
  } finally {
    await watcher.stop();
  }
}

async function oneByOne(): Promise<Reads> {
  const watcher = await startForBench(fewer);
  try {
    const queues = await queuesOf(watcher);
    return await readsOf(fewer, watcher, async () => {
      await markAll(watcher, queues);
      await watcher.idle();
    });
  } finally {
    await watcher.stop();
  }
}

async function run(): Promise<Result[]> {
  const own = await sweep();
  const peer = await oneByOne();
  const most = realQuota.perSecond + realQuota.size / (deployments / realQuota.perSecond);
  return [
    {
      claim: `sweep of ${deployments.toLocaleString('en-US')} deployments in one subscription: reads each, against reading each on its own (${own.each.toFixed(2)} and ${peer.each.toFixed(1)})`,
      bar: 'at most half',
      measured: times(own.each / peer.each),
      holds: own.each <= peer.each / 2,
    },
    {
      claim: `the same: reads a second (Resource Manager grants ${realQuota.perSecond}, and ${realQuota.size} at once)`,
      bar: `<= ${most.toFixed(0)} a second`,
      measured: `${own.perSecond.toFixed(1)}/s`,
      holds: own.perSecond <= most,
    },
    { claim: 'the same: answers 429', bar: 'none', measured: String(own.refused), holds: own.refused === 0 },
  ];
}

export const sweepReads: Claim = { name: 'sweep', run };
