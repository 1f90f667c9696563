/**
 * Messages that failed for good: recorded, said aloud once, and kept for a replay. An evaluation that failed for good leaves its
 * deployment unknown; it is never left at what it was.
 */
import { names } from '../alerts/names.ts';
import { keepPoison, listPoison, replayPoison } from '../drift/poison.ts';
import type { QueueName } from '../drift/queue-names.ts';
import { evaluateMessageSchema } from '../drift/queues.ts';
import { markUnread } from './evaluate-due.ts';
import type { Watcher } from './watcher.ts';

/** @param text the message as it lay in the queue */
export async function keepPoisonMessage(
  { storage, clock, telemetry }: Watcher,
  queue: QueueName,
  text: string,
  reason: string,
): Promise<string> {
  const id = await keepPoison(storage, queue, text, clock.now());
  telemetry.event(names.poisonMessage, { queue, id, reason: reason.slice(0, 500) });
  await telemetry.flush();
  return id;
}

/** Takes one message of a `<queue>-poison`. */
export async function onPoison(watcher: Watcher, queue: QueueName, text: string): Promise<void> {
  await keepPoisonMessage(watcher, queue, text, 'failed in every try');
  if (queue !== 'evaluate') return;
  const message = evaluateMessageSchema.safeParse(parseJson(text));
  if (message.success) await markUnread(watcher, message.data.deployment, 'its evaluation failed in every try');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Puts messages back into their queues: one, or all. @returns how many */
export async function replay({ storage, queues }: Watcher, id?: string): Promise<number> {
  const ids = id === undefined ? (await listPoison(storage)).map((each) => each.id) : [id];
  let replayed = 0;
  for (const each of ids) if (await replayPoison(storage, queues, each)) replayed++;
  return replayed;
}
