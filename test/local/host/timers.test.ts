/** Timers: when they run, what they are told, and how often they try again. */
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../local/host/core.ts';
import { type Host, startHost } from '../../../local/host/index.ts';
import { appFolder, removeAppFolders, seenBy } from './app-folder.ts';

let host: Host | undefined;
let folder = '';
const log: LogLine[] = [];

async function start(source: string, environment: Record<string, string> = {}): Promise<Host> {
  folder = await appFolder(source);
  log.length = 0;
  const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
  host = await startHost({ root: folder, clock, environment, onLog: (line) => log.push(line) });
  return host;
}
afterEach(() => host?.stop());
afterAll(removeAppFolders);

function timer(schedule: string, more = '', handler = 'seen.push({ timer })'): string {
  return `app.timer('tick', { schedule: '${schedule}', ${more} handler: async (timer, context) => { ${handler}; } });`;
}

/** What a timer that is run now, on the first of January 2026, is told of its next run. */
async function nextOf(schedule: string, environment: Record<string, string> = {}): Promise<unknown> {
  const started = await start(timer(schedule), environment);
  await started.invokeTimer('tick');
  const [{ timer: told } = {}] = seenBy(folder) as { timer?: { scheduleStatus: { next: string } } }[];
  await started.stop();
  return told?.scheduleStatus.next;
}

describe('a schedule', () => {
  it('runs the function at its time', async () => {
    await start(timer('* * * * * *'));
    await expect.poll(() => seenBy(folder).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
  });

  it('is in UTC, wherever the machine is', async () => {
    expect(await nextOf('0 30 9 * * *', { TZ: 'Asia/Tokyo' })).toBe('2026-01-01T09:30:00.000Z');
  });

  it('wants both of day and weekday, has seconds first, and may leave them out', async () => {
    expect(await nextOf('0 0 0 13 * 5')).toBe('2026-02-13T00:00:00.000Z');
    expect(await nextOf('30 */15 * * * *')).toBe('2026-01-01T00:00:30.000Z');
    expect(await nextOf('*/15 * * * *')).toBe('2026-01-01T00:15:00.000Z');
  });

  it('may be a setting, which must be there', async () => {
    expect(await nextOf('%WHEN%', { WHEN: '0 0 12 * * *' })).toBe('2026-01-01T12:00:00.000Z');
    await expect(start(timer('%WHEN%'))).rejects.toThrow('the setting WHEN');
  });

  it.each(['', '* * * *', '0 0 25 * * *', '@daily', '2026-01-01T00:00:00', 'tomorrow'])(
    '%j stops the start by the name of its function',
    async (schedule) => {
      await expect(start(timer(schedule))).rejects.toThrow('the function tick has a schedule that cannot be read');
    },
  );
});

describe('a timer', () => {
  it('is told in the words of the real host what there is to know', async () => {
    const { invokeTimer, functions } = await start(timer('0 0 0 * * *'));
    await invokeTimer('tick');
    await invokeTimer('tick');
    const never = '0001-01-01T00:00:00+00:00';
    const now = '2026-01-01T00:00:00.000Z';
    const next = '2026-01-02T00:00:00.000Z';
    const told = (last: string) => ({
      timer: { schedule: { adjustForDST: true }, scheduleStatus: { last, lastUpdated: last, next }, isPastDue: false },
    });
    expect(seenBy(folder)).toEqual([told(never), told(now)]);
    expect(functions).toEqual([{ name: 'tick', trigger: 'timerTrigger', schedule: '0 0 0 * * *' }]);
    await expect(invokeTimer('tock')).rejects.toThrow('there is no timer function tock');
  });

  it('runs at the start where it asks for it', async () => {
    const { idle } = await start(
      timer('0 0 0 1 1 *', 'runOnStartup: true,') + timer('0 0 0 1 1 *').replace('tick', 'no'),
    );
    await idle();
    expect(seenBy(folder)).toHaveLength(1);
  });

  const retry = (count: number) => `retry: { strategy: 'fixedDelay', maxRetryCount: ${count}, delayInterval: 0 },`;

  it('that fails tries again as often as its policy says, and knows how often', async () => {
    const { invokeTimer } = await start(
      timer('0 0 0 1 1 *', retry(2), "seen.push({ retry: context.retryContext }); throw new Error('on purpose')"),
    );
    await expect(invokeTimer('tick')).rejects.toThrow('on purpose');
    const exception = { message: 'Error: on purpose' };
    expect(seenBy(folder)).toEqual([
      { retry: { retryCount: 0, maxRetryCount: 2 } },
      { retry: { retryCount: 1, maxRetryCount: 2, exception } },
      { retry: { retryCount: 2, maxRetryCount: 2, exception } },
    ]);
    expect(log.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual(
      Array.from({ length: 3 }, () => 'Error: on purpose'),
    );
  });

  it('that succeeds at last has not failed', async () => {
    const { invokeTimer } = await start(
      timer('0 0 0 1 1 *', retry(-1), "seen.push({}); if (seen.length < 4) throw new Error('not yet')"),
    );
    await invokeTimer('tick');
    expect(seenBy(folder)).toHaveLength(4);
  });

  it('waits longer from try to try where its policy says so, and not beyond the end of the host', async () => {
    const policy =
      "retry: { strategy: 'exponentialBackoff', maxRetryCount: -1, minimumInterval: 60000, maximumInterval: 90000 },";
    const { invokeTimer, stop } = await start(timer('0 0 0 1 1 *', policy, "throw new Error('always')"));
    const run = invokeTimer('tick');
    await expect.poll(() => log.map(({ message }) => message)).toContain('tries again in 60000 ms (1 of any)');
    await Promise.all([expect(run).rejects.toThrow('always'), stop()]);
  });

  it('without a policy fails once', async () => {
    const { invokeTimer } = await start(
      timer('0 0 0 1 1 *', '', "seen.push({ retry: context.retryContext }); throw new Error('on purpose')"),
    );
    await expect(invokeTimer('tick')).rejects.toThrow('on purpose');
    expect(seenBy(folder)).toEqual([{ retry: undefined }]);
  });
});
