/**
 * A queue trigger as the real host runs it: messages are taken with an invisible time that is renewed while the function works,
 * deleted when it succeeds, shown again after `retryMs` when it throws, and moved to `<queue>-poison` after the last try.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient, QueueServiceClient } from '@azure/storage-queue';
import type { Core, LogLine, RegisteredFunction, TypedData } from './core.ts';
import type { QueueSettings } from './host-settings.ts';

function decode(text: string, { messageEncoding }: QueueSettings): string {
  return messageEncoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
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
  private readonly poison: QueueClient;
  private readonly settings: QueueSettings;
  private readonly core: Core;
  private readonly registered: RegisteredFunction;
  private readonly onLog: (line: LogLine) => void;
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private looks = 0;

  constructor(
    service: QueueServiceClient,
    core: Core,
    registered: RegisteredFunction,
    settings: QueueSettings,
    onLog: (line: LogLine) => void,
  ) {
    this.name = registered.trigger.queueName ?? '';
    this.queue = service.getQueueClient(this.name);
    this.poison = service.getQueueClient(`${this.name}-poison`);
    this.core = core;
    this.registered = registered;
    this.settings = settings;
    this.onLog = onLog;
  }

  async start(): Promise<void> {
    await this.queue.createIfNotExists();
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
    await Promise.allSettled(this.running);
  }

  /** Whether nothing runs; how often the queue was looked at tells whether a later answer is news. */
  get state(): { readonly busy: boolean; readonly looks: number } {
    return { busy: this.running.size > 0, looks: this.looks };
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const room = this.settings.concurrency - this.running.size;
      const taken = room > 0 ? await this.take(Math.min(room, this.settings.batchSize)) : 0;
      this.looks++;
      if (taken > 0) continue;
      const wait = sleep(this.settings.pollMs, undefined, { signal: this.stopping.signal }).catch(() => {});
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
          .catch((error: unknown) => this.log('error', `message ${message.messageId}: ${describe(error)}`))
          .finally(() => void this.running.delete(work));
        this.running.add(work);
      }
      return receivedMessageItems.length;
    } catch (error) {
      if (!this.stopping.signal.aborted)
        this.log('warning', `the queue ${this.name} cannot be read: ${describe(error)}`);
      return 0;
    }
  }

  private async work(message: DequeuedMessageItem): Promise<void> {
    const text = decode(message.messageText, this.settings);
    const { invisibleSeconds } = this.settings;
    let { popReceipt } = message;
    let renewal = Promise.resolve();
    const renew = setInterval(
      () => {
        renewal = this.queue
          .updateMessage(message.messageId, popReceipt, undefined, invisibleSeconds)
          .then((answer) => {
            popReceipt = answer.popReceipt ?? popReceipt;
          })
          .catch((error: unknown) => this.log('warning', `message ${message.messageId}: ${describe(error)}`));
      },
      (invisibleSeconds * 1000) / 2,
    );
    let failed: unknown;
    try {
      await this.core.invoke(this.registered, { string: text }, triggerMetadata(message, text));
    } catch (error) {
      failed = error ?? new Error('the function threw nothing');
    }
    clearInterval(renew);
    await renewal;
    if (failed === undefined) await this.queue.deleteMessage(message.messageId, popReceipt);
    else await this.fail(message, popReceipt, failed);
  }

  private async fail(message: DequeuedMessageItem, popReceipt: string, error: unknown): Promise<void> {
    const { maxDequeueCount, retryMs } = this.settings;
    this.log('error', `try ${message.dequeueCount} of ${maxDequeueCount} failed: ${describe(error)}`);
    if (message.dequeueCount < maxDequeueCount) {
      await this.queue.updateMessage(message.messageId, popReceipt, undefined, Math.ceil(retryMs / 1000));
      return;
    }
    await this.poison.createIfNotExists();
    await this.poison.sendMessage(message.messageText);
    await this.queue.deleteMessage(message.messageId, popReceipt);
  }

  private log(level: string, message: string): void {
    this.onLog({ level, function: this.registered.name, invocationId: '', message });
  }
}

export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0] ?? ''}` : String(error);
}
