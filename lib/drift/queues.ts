/**
 * The messages between the functions: JSON, base64 as the Functions host expects it. A message only says where to look; what
 * is true stands in the table.
 */
import { z } from 'zod';
import { queueNames } from './queue-names.ts';
import type { Storage } from './storage.ts';

/** Look at a deployment; a key that ends in `|*` means: look which deployments the service has. */
export const evaluateMessageSchema = z.object({ deployment: z.string().min(3) });
export type EvaluateMessage = z.infer<typeof evaluateMessageSchema>;

/** Deliver one row of the outbox. */
export const alertMessageSchema = z.object({ partition: z.string().min(1), row: z.string().min(1) });
export type AlertMessage = z.infer<typeof alertMessageSchema>;

export interface Queues {
  readonly evaluate: (message: EvaluateMessage, delaySeconds: number) => Promise<void>;
  readonly alert: (message: AlertMessage, delaySeconds: number) => Promise<void>;
  /** Puts a message back as it was. */
  readonly resend: (queue: string, text: string) => Promise<void>;
  /** When the first message that can be seen was put into a queue; `undefined`: there is none. */
  readonly oldest: (queue: string) => Promise<Date | undefined>;
  /** Queue -> messages in it, about. */
  readonly depths: () => Promise<Readonly<Record<string, number>>>;
}

/** Azure's queues hide a message for seven days at most. */
const longestDelaySeconds = 7 * 24 * 3600;
/** A message never expires: what it stands for is not done before it is handled. */
const noExpiry = -1;
/** Azure shows no more at once; the order in a queue is about that of arrival. */
const mostPeeked = 32;

export function openQueues(storage: Storage): Queues {
  const send = async (queue: string, text: string, delaySeconds: number): Promise<void> => {
    const visibilityTimeout = Math.min(Math.max(Math.ceil(delaySeconds), 0), longestDelaySeconds);
    await storage
      .queue(queue)
      .sendMessage(Buffer.from(text).toString('base64'), { visibilityTimeout, messageTimeToLive: noExpiry });
  };
  return {
    evaluate: (message, delaySeconds) => send('evaluate', JSON.stringify(message), delaySeconds),
    alert: (message, delaySeconds) => send('alerts', JSON.stringify(message), delaySeconds),
    resend: (queue, text) => send(queue, text, 0),
    oldest: async (queue) => {
      const { peekedMessageItems } = await storage.queue(queue).peekMessages({ numberOfMessages: mostPeeked });
      const times = peekedMessageItems.map(({ insertedOn }) => insertedOn.getTime());
      return times.length === 0 ? undefined : new Date(Math.min(...times));
    },
    depths: async () => {
      const names = queueNames.flatMap((name) => [name, `${name}-poison`]);
      const counts = await Promise.all(
        names.map(async (name) => (await storage.queue(name).getProperties()).approximateMessagesCount ?? 0),
      );
      return Object.fromEntries(names.map((name, index) => [name, counts[index] ?? 0]));
    },
  };
}
