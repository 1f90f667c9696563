/**
 * Mends what was lost between a table and a queue, and tells how late each queue is. Needs no Azure, so an outage there neither keeps
 * alerts from going out nor hides that they wait.
 */
import { type Backlog, tellBacklog } from '../alerts/standing.ts';
import { allPending, isLate, markPending } from '../drift/pending.ts';
import { listPoison } from '../drift/poison.ts';
import type { QueueName } from '../drift/queue-names.ts';
import { requeueLost } from './deliver-due.ts';
import type { Watcher } from './watcher.ts';

/** Marks whose message is lost, or whose work was never finished, get one more. @returns when the first of all marks was due */
async function remarkLost({ storage, queues, clock }: Watcher): Promise<number | undefined> {
  let first: number | undefined;
  for await (const pending of allPending(storage)) {
    const due = Date.parse(pending.dueAt);
    first = Math.min(first ?? due, due);
    if (isLate(pending, clock.now())) await markPending(storage, queues, clock, pending.deployment, [], 0);
  }
  return first;
}

export async function restoreLost(watcher: Watcher): Promise<void> {
  const { storage, queues, telemetry, clock } = watcher;
  const changes = (await queues.oldest('changes'))?.getTime();
  const evaluate = await remarkLost(watcher);
  const { firstDue: alerts } = await requeueLost(watcher);
  const poison = await listPoison(storage);
  const now = clock.now().getTime();
  const backlogOf = (name: QueueName, due = now): Backlog => ({
    // What comes due later is not late.
    oldestSeconds: Math.max(0, Math.round((now - due) / 1000)),
    poisoned: poison.filter(({ queue }) => queue === name).length,
  });
  tellBacklog(telemetry, {
    changes: backlogOf('changes', changes),
    evaluate: backlogOf('evaluate', evaluate),
    alerts: backlogOf('alerts', alerts),
  });
  await telemetry.flush();
}
