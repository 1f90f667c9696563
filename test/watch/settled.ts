/** A watcher of a test's own, in this process: its parts are called directly, with a clock that the test sets. */
import { openCounters } from '../../lib/drift/counters.ts';
import type { AlertMessage, EvaluateMessage } from '../../lib/drift/queues.ts';
import { readSettings } from '../../lib/settings.ts';
import { openWatcher, type Watcher } from '../../lib/watch/watcher.ts';

export class SetClock {
  private at: number;

  constructor(start: Date) {
    this.at = start.getTime();
  }

  readonly now = (): Date => new Date(this.at);

  advance(milliseconds: number): void {
    this.at += milliseconds;
  }
}

interface Due<T> {
  readonly at: number;
  readonly message: T;
}

/** Messages that come due by the test's clock instead of by the queue's. */
export class Schedule {
  readonly evaluations: Due<EvaluateMessage>[] = [];
  readonly alerts: Due<AlertMessage>[] = [];
}

/** @param environment of the function app; the queues of evaluations and alerts are the test's */
export async function openSettled(
  environment: Readonly<Record<string, string>>,
  clock: SetClock,
): Promise<{ readonly watcher: Watcher; readonly schedule: Schedule }> {
  const opened = await openWatcher(readSettings(environment), clock);
  const schedule = new Schedule();
  const due = (delaySeconds: number): number => clock.now().getTime() + delaySeconds * 1000;
  const watcher: Watcher = {
    ...opened,
    counters: openCounters(opened.storage, clock),
    queues: {
      ...opened.queues,
      evaluate: async (message, delay) => void schedule.evaluations.push({ at: due(delay), message }),
      alert: async (message, delay) => void schedule.alerts.push({ at: due(delay), message }),
    },
  };
  return { watcher, schedule };
}

/** Takes the message that is due next, setting the clock to its time. */
export function takeNext<T>(list: Due<T>[], clock: SetClock): T | undefined {
  const next = list.sort((a, b) => a.at - b.at).shift();
  if (!next) return undefined;
  clock.advance(Math.max(next.at - clock.now().getTime(), 0));
  return next.message;
}
