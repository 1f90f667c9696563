/**
 * One part of one alert to one channel. What is delivered leaves the outbox; what is not goes back into the queue with a growing
 * delay, so that a channel that is down keeps no other waiting, and nothing waits in a function.
 */

import type { Alert } from '../drift/model.ts';
import {
  findEntry,
  giveUp,
  markDelivered,
  markQueued,
  type OutboxEntry,
  type Part,
  postpone,
  undelivered,
  unqueued,
} from '../drift/outbox.ts';
import type { AlertMessage } from '../drift/queues.ts';
import type { Watcher } from './watcher.ts';

export type Delivered =
  | { readonly kind: 'alreadyDelivered' }
  | { readonly kind: 'tooEarly' }
  | { readonly kind: 'sent'; readonly channel: string }
  | { readonly kind: 'postponed'; readonly channel: string; readonly reason: string; readonly seconds: number }
  | { readonly kind: 'givenUp'; readonly channel: string; readonly reason: string };

/** What each channel delivers of an alert, part by part. */
export function partsOf({ channels }: Watcher, alert: Alert): readonly Part[] {
  return channels.flatMap(({ name, split }) => split(alert).map((part) => ({ channel: name, alert: part })));
}

/** Seconds to wait after a try that failed; the last one again and again. */
const backoffSeconds = [2, 10, 60, 300, 900, 1800, 3600];
/** Then an alert is old news, and its row is kept where people can see it. */
const longestMs = 3 * 24 * 3600 * 1000;
/** A row that is so late has lost its message. */
const lostAfterMs = 5 * 60_000;
/** Clocks of queue and function differ a little. */
const toleranceMs = 2_000;

/** A tenth more or less, so that alerts that failed together do not come back together. */
function jittered(seconds: number): number {
  return Math.ceil(seconds * (0.9 + Math.random() * 0.2));
}

export async function deliverDue(watcher: Watcher, message: AlertMessage): Promise<Delivered> {
  const { storage, channels, clock } = watcher;
  const entry = await findEntry(storage, message.partition, message.row);
  if (!entry) return { kind: 'alreadyDelivered' };
  const now = clock.now();
  if (Date.parse(entry.dueAt) > now.getTime() + toleranceMs) return { kind: 'tooEarly' };
  const channel = channels.find(({ name }) => name === entry.channel);
  if (!channel) return abandon(watcher, entry, 'the channel is not set up any more');
  const outcome = await channel.deliver(entry.alert);
  if (outcome.kind === 'sent') {
    await markDelivered(storage, entry);
    return { kind: 'sent', channel: channel.name };
  }
  if (outcome.kind === 'refused') return abandon(watcher, entry, outcome.reason);
  if (now.getTime() - Date.parse(entry.createdAt) > longestMs) return abandon(watcher, entry, outcome.reason);
  const usual = jittered(backoffSeconds[Math.min(entry.attempts, backoffSeconds.length - 1)] ?? 0);
  const seconds = Math.max(usual, outcome.afterSeconds ?? 0);
  // The message first: a crash between the two costs one try too many, the other order would cost the alert.
  await watcher.queues.alert(message, seconds);
  await postpone(storage, entry, new Date(clock.now().getTime() + seconds * 1000));
  return { kind: 'postponed', channel: channel.name, reason: outcome.reason, seconds };
}

/** Recorded as poison, so that people see it and can replay it; the row stays for that. */
async function abandon(watcher: Watcher, entry: OutboxEntry, reason: string): Promise<Delivered> {
  const { keepPoisonMessage } = await import('./on-poison.ts');
  const { partition, row, channel } = entry;
  await keepPoisonMessage(watcher, 'alerts', JSON.stringify({ partition, row }), reason);
  await giveUp(watcher.storage, entry);
  return { kind: 'givenUp', channel, reason };
}

/** Whoever wrote a part sends its message at once; after that somebody else does. */
const sendingMs = 3_000;

/**
 * A message for each part of a partition that has none yet: the caller's own, and those whose writer did not get to it.
 * @param own rows that the caller has just written
 * @returns how many parts are left to a writer who may still be at it
 */
export async function queueOutbox(
  { storage, queues, clock }: Watcher,
  partition: string,
  own: readonly string[] = [],
): Promise<number> {
  let left = 0;
  for await (const entry of unqueued(storage, partition)) {
    const isYoung = Date.parse(entry.createdAt) + sendingMs > clock.now().getTime();
    if (isYoung && !own.includes(entry.row)) {
      left++;
      continue;
    }
    await queues.alert({ partition, row: entry.row }, 0);
    await markQueued(storage, entry);
  }
  return left;
}

/**
 * Parts whose message is lost get another one.
 * @returns how many, and when the first of all that is not delivered was due, in milliseconds
 */
export async function requeueLost({
  storage,
  queues,
  clock,
}: Watcher): Promise<{ readonly queued: number; readonly firstDue: number | undefined }> {
  let queued = 0;
  let firstDue: number | undefined;
  for await (const { partition, row, dueAt } of undelivered(storage)) {
    const due = Date.parse(dueAt);
    firstDue = Math.min(firstDue ?? due, due);
    if (due + lostAfterMs > clock.now().getTime()) continue;
    await queues.alert({ partition, row }, 0);
    queued++;
  }
  return { queued, firstDue };
}
