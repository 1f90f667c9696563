/**
 * Timers as the real host runs them: NCRONTAB schedules in UTC, never twice at once, at the start where the function asks for it, and
 * again after a failure where it has a retry policy. Unlike the real host it remembers nothing of runs before its start.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cron } from 'croner';
import type { Clock } from '../../lib/clock.ts';
import { resolveSettings } from './app-settings.ts';
import type { LogLine, RegisteredFunction } from './core.ts';
import { describe } from './describe-error.ts';
import type { RetryContext, RetryOptions } from './protocol.ts';
import type { Runner } from './runner.ts';

/** What the real host says where a timer has not run yet. */
const never = '0001-01-01T00:00:00+00:00';

/** Milliseconds until the next try. */
function delayOf(
  { retryStrategy, delayInterval, minimumInterval, maximumInterval }: RetryOptions,
  tries: number,
): number {
  if (retryStrategy === 'fixedDelay') return (delayInterval?.seconds ?? 0) * 1000;
  return Math.min(maximumInterval?.seconds ?? 0, (minimumInterval?.seconds ?? 0) * 2 ** tries) * 1000;
}

interface Timer {
  readonly registered: RegisteredFunction;
  readonly cron: Cron;
  last: Date | undefined;
}

/** Croner reads more than NCRONTAB: names of schedules, dates, years. @throws Error that names the function */
function cronOf({ name, trigger }: RegisteredFunction): Cron {
  const schedule = resolveSettings(trigger.schedule ?? '').trim();
  try {
    if (!/^\S+(\s+\S+){4,5}$/.test(schedule)) throw new Error('not five or six fields');
    // NCRONTAB wants both of day and weekday.
    return new Cron(schedule, { paused: true, protect: true, timezone: 'UTC', domAndDow: true, mode: '5-or-6-parts' });
  } catch (error) {
    throw new Error(`the function ${name} has a schedule that cannot be read, "${schedule}": ${describe(error)}`);
  }
}

export class Timers {
  private readonly timers: readonly Timer[];
  private readonly runner: Runner;
  private readonly clock: Clock;
  private readonly onLog: (line: LogLine) => void;
  private readonly stopping = new AbortController();

  /** @throws Error for a schedule that cannot be read */
  constructor(functions: readonly RegisteredFunction[], runner: Runner, clock: Clock, onLog: (line: LogLine) => void) {
    this.timers = functions.map((registered) => ({ registered, cron: cronOf(registered), last: undefined }));
    this.runner = runner;
    this.clock = clock;
    this.onLog = onLog;
  }

  start(): void {
    for (const timer of this.timers) {
      const fire = (): Promise<void> => this.fire(timer).catch(() => {});
      timer.cron.schedule(fire);
      timer.cron.resume();
      if (timer.registered.trigger.runOnStartup === true) void fire();
    }
  }

  stop(): void {
    this.stopping.abort();
    for (const { cron } of this.timers) cron.stop();
  }

  /** Runs a timer's function now. @throws what it threw in its last try, and Error for a name that no timer has */
  async invoke(name: string): Promise<void> {
    const timer = this.timers.find(({ registered }) => registered.name === name);
    if (!timer) throw new Error(`there is no timer function ${name}`);
    await this.fire(timer);
  }

  /** The real host creates the data with these names; the library makes them camelCase. */
  private dataOf({ cron, last }: Timer): { readonly json: string } {
    const next = cron.nextRun(this.clock.now())?.toISOString();
    const at = last?.toISOString() ?? never;
    return {
      json: JSON.stringify({
        Schedule: { AdjustForDST: true },
        ScheduleStatus: { Last: at, LastUpdated: at, Next: next },
        IsPastDue: false,
      }),
    };
  }

  private async fire(timer: Timer): Promise<void> {
    const { registered } = timer;
    const data = this.dataOf(timer);
    timer.last = this.clock.now();
    await this.runner.track(async () => {
      let context = firstTry(registered.retryOptions);
      for (;;) {
        const invocationId = randomUUID();
        try {
          await this.runner.run(registered, data, { invocationId, ...(context && { retryContext: context }) });
          return;
        } catch (error) {
          this.runner.logFailure(registered, invocationId, error);
          context = await this.nextTry(registered, context, error);
          if (!context) throw error;
        }
      }
    });
  }

  /** Waits for it. @returns nothing where there is none */
  private async nextTry(
    { name, retryOptions }: RegisteredFunction,
    context: RetryContext | undefined,
    error: unknown,
  ): Promise<RetryContext | undefined> {
    if (!retryOptions || !context || this.stopping.signal.aborted) return undefined;
    const { retryCount, maxRetryCount } = context;
    if (maxRetryCount !== -1 && retryCount >= maxRetryCount) return undefined;
    const ms = delayOf(retryOptions, retryCount);
    const message = `tries again in ${ms} ms (${retryCount + 1} of ${maxRetryCount === -1 ? 'any' : maxRetryCount})`;
    this.onLog({ level: 'warning', function: name, invocationId: '', message });
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => {});
    if (this.stopping.signal.aborted) return undefined;
    return { retryCount: retryCount + 1, maxRetryCount, exception: { message: describe(error) } };
  }
}

function firstTry(options: RetryOptions | undefined): RetryContext | undefined {
  return options && { retryCount: 0, maxRetryCount: options.maxRetryCount };
}
