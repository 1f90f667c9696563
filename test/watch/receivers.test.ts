/** What storage and receivers may do to the watcher, one thing at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ids } from '../support/broken-estate.ts';
import { replay, webhookAlerts } from './alerts.ts';
import { auditOf, openIn } from './colleague.ts';
import { openInStatus, statusOf, untilQuiet } from './quiet.ts';
import { controlPlane, kinds, sound, start } from './started.ts';

describe('storage', () => {
  it('that answers nothing for thirty seconds loses nothing', async () => {
    const { watcher: started, colleague } = await start({
      trouble: { retryMs: Array.from({ length: 60 }, () => 1_000) },
    });
    const { pid = 0 } = started.storage;
    process.kill(pid, 'SIGSTOP');
    await colleague.remove(controlPlane);
    await sleep(15_000);
    await colleague.remove(`${ids.table}/routes/kms1`);
    await sleep(15_000);
    process.kill(pid, 'SIGCONT');
    await started.azure.events.idle();
    const status = await untilQuiet(started.host, 100_000);
    expect(openInStatus(status)).toEqual(openIn(auditOf(started.azure, sound.policy)));
    const told = new Map(webhookAlerts(started.receiver.received).map((alert) => [alert.id, alert]));
    expect([...replay([...told.values()])].sort()).toEqual([...openInStatus(status)].sort());
  });
});

describe('receivers', () => {
  it('that are down keep no other waiting, and get the same alert under the same id later', async () => {
    const { watcher: started, colleague } = await start();
    started.receiver.answer('webhook', 503, 2);
    await colleague.remove(controlPlane);
    await started.idle();
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toHaveLength(1);
    expect(kinds(started)).toEqual([]);
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
    const attempts = started.receiver.raw.filter((text) => text.includes('drift.opened'));
    const idsOfAttempts = attempts.map((text) => /"webhook-id":"([^"]+)"/.exec(text)?.[1]);
    expect(attempts).toHaveLength(3);
    expect(new Set(idsOfAttempts).size).toBe(1);
  });

  it('that refuse an alert for good are told of, and the alert can be replayed', async () => {
    const { watcher: started, colleague } = await start();
    started.receiver.answer('teams', 410, 1);
    await colleague.remove(controlPlane);
    await started.idle();
    await untilQuiet(started.host);
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toEqual([]);
    expect((await statusOf(started.host)).poison).toBe(1);
    await fetch(`${started.host.url}/api/replay`, { method: 'POST', headers: { 'x-functions-key': started.host.key } });
    await untilQuiet(started.host);
    expect(started.receiver.received.filter(({ channel }) => channel === 'teams')).toHaveLength(1);
    expect((await statusOf(started.host)).poison).toBe(0);
  });
});
