/**
 * A queue trigger as the real host runs it: messages are taken with an invisible time that is renewed while the function works,
 * deleted when it succeeds, shown again after `retryMs` when it throws, and moved to `<queue>-poison` after the last try
 * (Azure/azure-sdk-for-net, QueueProcessor). Unlike there, a message of a host that died is back after a minute, not after ten.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DequeuedMessageItem, type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { connectionStringOf, resolveSettings } from './app-settings.ts';
import type { LogLine, RegisteredFunction } from './core.ts';
import { describe } from './describe-error.ts';
import type { QueueSettings } from './host-settings.ts';
import type { TypedData } from './protocol.ts';
import type { Runner } from './runner.ts';

const shortestPollMs = 20;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** `undefined` for what is not in the encoding of the host. */
function decode(text: string, { messageEncoding }: QueueSettings): string | undefined {
  if (messageEncoding === 'none') return text;
  return base64.test(text) ? Buffer.from(text, 'base64').toString('utf8') : undefined;
}

function triggerMetadata(message: DequeuedMessageItem, text: string): Record<string, TypedData> {
  const date = (value: Date): TypedData => ({ json: JSON.stringify(value.toISOString()) });
  return {
    QueueTrigger: { string: text },
    DequeueCount: { int: message.dequeueCount },
    Id: { json: JSON.stringify(message.messageId) },
    PopReceipt: { json: JSON.stringify(message.popReceipt) },
    InsertionTime: date(message.insertedOn),
    ExpirationTime: date(message.expiresOn),
    NextVisibleTime: date(message.nextVisibleOn),
  };
}

export class QueueListener {
  readonly name: string;
  private readonly queue: QueueClient;
  /** A poison queue has none of its own: what fails there stays hidden until its time is over, and is tried again. */
  private readonly poison: QueueClient | undefined;
  private readonly settings: QueueSettings;
  private readonly runner: Runner;
  private readonly registered: RegisteredFunction;
  private readonly onLog: (line: LogLine) => void;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly renewals = new Set<NodeJS.Timeout>();
  private loop: Promise<void> | undefined;
  private looks = 0;

  /** @throws Error for a setting that is not there */
  constructor(registered: RegisteredFunction, runner: Runner, settings: QueueSettings, onLog: (line: LogLine) => void) {
    const { name, trigger } = registered;
    const service = QueueServiceClient.fromConnectionString(connectionStringOf(name, trigger.connection));
    this.name = resolveSettings(trigger.queueName ?? '');
    this.queue = service.getQueueClient(this.name);
    this.poison = this.name.endsWith('-poison') ? undefined : service.getQueueClient(`${this.name}-poison`);
    this.runner = runner;
    this.registered = registered;
    this.settings = settings;
    this.onLog = onLog;
  }

  async start(): Promise<void> {
    await this.queue.createIfNotExists();
    this.loop = this.run();
  }

  /** Takes no more messages, and resolves when those that are worked on are done. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.allSettled(this.running);
  }

  /** Leaves what still runs to itself: its messages are shown again in their time. */
  abandon(): void {
    for (const renewal of this.renewals) clearInterval(renewal);
  }

  /** Whether anything runs; how often the queue was seen tells whether a later answer is news. */
  get state(): { readonly busy: boolean; readonly looks: number } {
    return { busy: this.running.size > 0, looks: this.looks };
  }

  private async run(): Promise<void> {
    let pause = shortestPollMs;
    while (!this.stopping.signal.aborted) {
      const room = this.settings.concurrency - this.running.size;
      const taken = room > 0 ? await this.take(Math.min(room, this.settings.batchSize)) : 0;
      if (taken > 0) {
        pause = shortestPollMs;
        continue;
      }
      const wait = sleep(pause, undefined, { signal: this.stopping.signal }).catch(() => {});
      pause = Math.min(pause * 2, this.settings.pollMs);
      // A free place is a reason to look, but only while there was none.
      await (room > 0 ? wait : Promise.race([wait, ...this.running]));
    }
  }

  private async take(most: number): Promise<number> {
    try {
      const { receivedMessageItems } = await this.queue.receiveMessages({
        numberOfMessages: most,
        visibilityTimeout: this.settings.invisibleSeconds,
      });
      for (const message of receivedMessageItems) {
        const work: Promise<void> = this.work(message)
          .catch((error: unknown) => this.log('error', '', `message ${message.messageId}: ${describe(error)}`))
          .finally(() => void this.running.delete(work));
        this.running.add(work);
      }
      this.looks++;
      return receivedMessageItems.length;
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.log('warning', '', `the queue ${this.name} cannot be read: ${describe(error)}`);
      return 0;
    }
  }

  private async work(message: DequeuedMessageItem): Promise<void> {
    const { maxDequeueCount } = this.settings;
    const text = decode(message.messageText, this.settings);
    if (text === undefined) return this.toPoison(message, message.popReceipt, 'is not in base64');
    // Its last try ended with the host that ran it.
    if (this.poison && message.dequeueCount > maxDequeueCount)
      return this.toPoison(message, message.popReceipt, `was taken ${message.dequeueCount} times`);
    const invocationId = randomUUID();
    const lease = this.renew(message);
    let failed: { readonly error: unknown } | undefined;
    try {
      const metadata = triggerMetadata(message, text);
      await this.runner.run(this.registered, { string: text }, { invocationId, triggerMetadata: metadata });
    } catch (error) {
      failed = { error };
    }
    const popReceipt = await lease.end();
    if (failed === undefined) await this.queue.deleteMessage(message.messageId, popReceipt);
    else await this.fail(message, popReceipt, invocationId, failed.error);
  }

  /** Keeps a message hidden. @returns what ends that, and then tells the message's last receipt */
  private renew({ messageId, popReceipt }: DequeuedMessageItem): { readonly end: () => Promise<string> } {
    const { invisibleSeconds } = this.settings;
    let receipt = popReceipt;
    let renewal = Promise.resolve();
    const again = async (): Promise<void> => {
      try {
        const answer = await this.queue.updateMessage(messageId, receipt, undefined, invisibleSeconds);
        receipt = answer.popReceipt ?? receipt;
      } catch (error) {
        this.log('warning', '', `message ${messageId}: ${describe(error)}`);
      }
    };
    const timer = setInterval(
      () => {
        renewal = renewal.then(again);
      },
      (invisibleSeconds * 1000) / 2,
    );
    this.renewals.add(timer);
    return {
      end: async () => {
        clearInterval(timer);
        this.renewals.delete(timer);
        await renewal;
        return receipt;
      },
    };
  }

  private async fail(message: DequeuedMessageItem, popReceipt: string, id: string, error: unknown): Promise<void> {
    const { maxDequeueCount, retryMs } = this.settings;
    this.log('error', id, `try ${message.dequeueCount} of ${maxDequeueCount} failed: ${describe(error)}`);
    if (!this.poison) return;
    if (message.dequeueCount < maxDequeueCount) {
      await this.queue.updateMessage(message.messageId, popReceipt, undefined, Math.ceil(retryMs / 1000));
      return;
    }
    await this.toPoison(message, popReceipt, `failed ${message.dequeueCount} times`);
  }

  private async toPoison(message: DequeuedMessageItem, popReceipt: string, reason: string): Promise<void> {
    this.log('warning', '', `message ${message.messageId} ${reason}${this.poison ? ': it is poison' : ''}`);
    if (!this.poison) return;
    await this.poison.createIfNotExists();
    await this.poison.sendMessage(message.messageText);
    await this.queue.deleteMessage(message.messageId, popReceipt);
  }

  private log(level: string, invocationId: string, message: string): void {
    this.onLog({ level, function: this.registered.name, invocationId, message });
  }
}
