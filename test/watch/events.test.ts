/** Nothing lost, nothing doubled: what Event Grid may do to the watcher, one thing at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { customEvents } from './alerts.ts';
import { statusOf, untilQuiet } from './quiet.ts';
import { controlPlane, kinds, start } from './started.ts';

function evaluations(log: readonly string[]): number {
  return log.filter((line) => line.includes('evaluateDeployment') && line.includes(': evaluated')).length;
}

/** Of the burst: half of what deployments have by default, so that there is more than one in it. */
const settleSeconds = 6;

describe('events', () => {
  it('that come twice, in any order and in batches make one alert each', async () => {
    const { watcher: started, colleague } = await start({
      settleSeconds: 1,
      trouble: { duplicates: 1, reorderMs: 400, seed: 7 },
    });
    await colleague.remove(controlPlane);
    await colleague.remove(`${ids.table}/routes/kms1`);
    await colleague.put({
      id: `${ids.table}/routes/other`,
      name: 'other',
      properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' },
    });
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started).sort()).toEqual(['opened control-plane-route', 'opened firewall-kms', 'opened kms-route']);
  });

  it('a thousand on one table are one evaluation a settle time and one more, so three in ten seconds, and one alert a finding', async () => {
    const { watcher: started, colleague, log } = await start({ settleSeconds });
    const before = evaluations(log);
    const from = Date.now();
    await colleague.remove(controlPlane);
    // The same table's events over and over, as a pipeline that rewrites it route by route sends them.
    const [template] = started.azure.events.raised.slice(-2);
    for (let count = 1; count < 1_000; count++) {
      if (template) started.azure.events.raise({ ...template, id: `repeated-${count}` });
      if (count % 100 === 0) await sleep(300);
    }
    await started.azure.events.idle();
    // However long this machine took for them: it is the burst that counts, not its speed.
    const periods = Math.ceil((Date.now() - from) / (settleSeconds * 1000));
    await untilQuiet(started.host);
    // What was counted last is written a little later.
    await expect
      .poll(async () => (await statusOf(started.host)).events.queued, { timeout: 20_000 })
      .toBeGreaterThanOrEqual(1_000);
    expect(evaluations(log) - before).toBeGreaterThanOrEqual(1);
    expect(evaluations(log) - before).toBeLessThanOrEqual(periods + 1);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('that are dropped altogether are made up for by the sweep', async () => {
    const { watcher: started, colleague } = await start({ trouble: { drops: 1 } });
    await colleague.remove(controlPlane);
    await started.idle();
    expect(kinds(started)).toEqual([]);
    await started.host.invokeTimer('sweep');
    await started.idle();
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('of a firewall policy that are dropped are found too, although a copy of it is at hand', async () => {
    const { watcher: started, colleague } = await start({ trouble: { drops: 1 } });
    await colleague.makeItSo(brokenEstate(['firewall without Azure Monitor']).resources);
    await started.host.invokeTimer('sweep');
    await started.idle();
    // The names of Microsoft Entra ID that Azure lists are followed one by one, which its ranges cannot be: they are known to fail.
    expect(kinds(started).sort()).toEqual([
      'opened firewall-azure-monitor',
      'opened firewall-entra-id',
      'opened listed-endpoints',
    ]);
  });

  it('delivered into the queue do the same as those delivered to the webhook', async () => {
    const { watcher: started, colleague } = await start({ delivery: 'queue' });
    await colleague.remove(controlPlane);
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('that cannot be read are refused, told and kept, and can be put back', async () => {
    const { watcher: started } = await start({ delivery: 'queue', retryMs: 0 });
    const { QueueClient } = await import('@azure/storage-queue');
    const queue = new QueueClient(started.storage.connectionString, 'changes');
    await queue.sendMessage(Buffer.from('{"no":"event"}').toString('base64'));
    await untilQuiet(started.host);
    expect((await statusOf(started.host)).poison).toBe(1);
    expect(customEvents(started.receiver.received).filter(({ name }) => name === 'TunnelPoisonMessage')).toHaveLength(
      1,
    );
    const response = await fetch(`${started.host.url}/api/replay`, {
      method: 'POST',
      headers: { 'x-functions-key': started.host.key },
    });
    expect(await response.json()).toEqual({ replayed: 1 });
    await untilQuiet(started.host);
    expect((await statusOf(started.host)).poison).toBe(1);
  });
});
