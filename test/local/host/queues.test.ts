/** Queue triggers over real storage: what a message becomes, how often it is tried, where it ends, and what is put out. */
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LogLine } from '../../../local/host/core.ts';
import { type Host, type HostOptions, startHost } from '../../../local/host/index.ts';
import { type LocalStorage, startStorage } from '../../../local/storage.ts';
import { appFolder, removeAppFolders, seenBy } from './app-folder.ts';

let storage: LocalStorage;
let service: QueueServiceClient;
let host: Host | undefined;
let folder = '';
const log: LogLine[] = [];

beforeAll(async () => {
  storage = await startStorage();
  service = QueueServiceClient.fromConnectionString(storage.connectionString);
});
afterEach(() => host?.stop());
afterAll(async () => {
  await storage?.stop();
  removeAppFolders();
});

let queues = 0;

interface Started {
  readonly host: Host;
  readonly name: string;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
}

/** An app with one function on a queue of its own; the source has `message` and `context`. */
async function start(handler: string, settings: object = {}, options: Partial<HostOptions> = {}, name?: string) {
  const queueName = name ?? `queue-${++queues}`;
  const source = `app.storageQueue('work', { queueName: '${queueName}', connection: 'AzureWebJobsStorage',
    handler: async (message, context) => { ${handler} } });`;
  folder = await appFolder(source, { extensions: { queues: { visibilityTimeout: '00:00:01', ...settings } } });
  log.length = 0;
  const environment = { AzureWebJobsStorage: storage.connectionString };
  host = await startHost({ root: folder, environment, onLog: (line) => log.push(line), ...options });
  const queue = service.getQueueClient(queueName);
  const started: Started = { host, name: queueName, queue, poison: service.getQueueClient(`${queueName}-poison`) };
  return started;
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function lengthOf(queue: QueueClient): Promise<number> {
  return (await queue.exists()) ? ((await queue.getProperties()).approximateMessagesCount ?? 0) : 0;
}

async function textsIn(queue: QueueClient): Promise<string[]> {
  return (await queue.peekMessages({ numberOfMessages: 32 })).peekedMessageItems.map(({ messageText }) => messageText);
}

describe('a message', () => {
  it('is an object where it is JSON, a string otherwise, and is deleted when it is done', async () => {
    const { host, queue } = await start('seen.push({ message });');
    for (const text of ['{"a":{"b":[1]}}', 'plain text', '{"broken":', 'Grüße']) await queue.sendMessage(encode(text));
    await host.idle();
    const messages = seenBy(folder).map(({ message }) => message);
    expect(messages).toHaveLength(4);
    expect(messages).toEqual(expect.arrayContaining([{ a: { b: [1] } }, 'plain text', '{"broken":', 'Grüße']));
    expect(await lengthOf(queue)).toBe(0);
  });

  it('comes with what the queue knows of it', async () => {
    const { host, queue } = await start('seen.push({ ...context.triggerMetadata });');
    const { messageId, insertedOn, expiresOn } = await queue.sendMessage(encode('text'));
    await host.idle();
    expect(seenBy(folder)).toMatchObject([
      {
        queueTrigger: 'text',
        dequeueCount: 1,
        id: messageId,
        popReceipt: expect.stringMatching(/./),
        insertionTime: insertedOn.toISOString(),
        expirationTime: expiresOn.toISOString(),
        nextVisibleTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    ]);
  });

  it('that fails comes again, counted, and ends in the poison queue with its text unchanged', async () => {
    const handler = "seen.push({ count: context.triggerMetadata.dequeueCount }); throw new Error('on purpose');";
    const { queue, poison } = await start(handler, { maxDequeueCount: 3 });
    const text = encode('{ "a":   1,\n"b":"ü" }');
    await queue.sendMessage(text);
    await expect.poll(() => lengthOf(poison), { timeout: 20_000 }).toBe(1);
    expect(await textsIn(poison)).toEqual([text]);
    expect(seenBy(folder).map(({ count }) => count)).toEqual([1, 2, 3]);
    await expect.poll(() => lengthOf(queue)).toBe(0);
    const errors = log.filter(({ level }) => level === 'error');
    expect(errors.map(({ message }) => message)).toEqual(
      [1, 2, 3].map((count) => `try ${count} of 3 failed: Error: on purpose`),
    );
    expect(new Set(errors.map(({ invocationId }) => invocationId)).size).toBe(3);
  });

  it('that fails is not seen before its time', async () => {
    const handler = "seen.push({}); throw new Error('on purpose');";
    const { host, queue } = await start(handler, { visibilityTimeout: '01:00:00' });
    await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length).toBe(1);
    await host.idle();
    expect([seenBy(folder).length, await lengthOf(queue), await textsIn(queue)]).toEqual([1, 1, []]);
  });

  it("that is not in the encoding of the host is poison at once, and not the function's business", async () => {
    const { host, queue, poison } = await start('seen.push({ message });');
    await queue.sendMessage('{"not": "base64"}');
    await expect.poll(() => lengthOf(poison)).toBe(1);
    expect(await textsIn(poison)).toEqual(['{"not": "base64"}']);
    await host.idle();
    expect(seenBy(folder)).toEqual([]);
  });

  it('may go without base64 where host.json says so', async () => {
    const { host, queue } = await start('seen.push({ message });', { messageEncoding: 'none' });
    await queue.sendMessage('{"a":1}');
    await host.idle();
    expect(seenBy(folder)).toEqual([{ message: { a: 1 } }]);
  });

  it('whose tries were all cut short is poison, untried', async () => {
    const queue = service.getQueueClient(`queue-${queues + 1}`);
    await queue.create();
    await queue.sendMessage(encode('text'));
    for (let count = 0; count < 2; count++) {
      const [taken] = (await queue.receiveMessages({ visibilityTimeout: 60 })).receivedMessageItems;
      await queue.updateMessage(taken?.messageId ?? '', taken?.popReceipt ?? '', undefined, 0);
    }
    const { poison } = await start('seen.push({ message });', { maxDequeueCount: 2 });
    await expect.poll(() => lengthOf(poison), { timeout: 10_000 }).toBe(1);
    expect(seenBy(folder)).toEqual([]);
    await expect.poll(() => lengthOf(queue)).toBe(0);
  });

  it('of a poison queue is kept there though it fails for ever', async () => {
    const count = 'seen.push({ count: context.triggerMetadata.dequeueCount });';
    const handler = `${count} throw new Error('on purpose');`;
    const { queue, poison } = await start(handler, { maxDequeueCount: 1 }, { invisibleSeconds: 1 }, 'own-poison');
    await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
    expect(await lengthOf(queue)).toBe(1);
    expect(await poison.exists()).toBe(false);
  });
});

const gate = 'await new Promise((resolve) => { seen.push({ resolve }); });';

function open(index: number): void {
  (seenBy(folder)[index] as { resolve: () => void }).resolve();
}

describe('a message that is worked on', () => {
  it('stays hidden for as long as that takes', async () => {
    const { host, queue } = await start(gate, {}, { invisibleSeconds: 1 });
    await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length).toBe(1);
    // Three times as long as it was taken for.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(seenBy(folder)).toHaveLength(1);
    open(0);
    await host.idle();
    expect(await lengthOf(queue)).toBe(0);
    expect(log).toEqual([]);
  });

  it('has others beside it, as many as batch and threshold allow', async () => {
    const { host, queue } = await start(gate, { batchSize: 2, newBatchThreshold: 1 });
    for (let count = 0; count < 5; count++) await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length).toBe(3);
    // Several looks at the queue.
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(seenBy(folder)).toHaveLength(3);
    for (let index = 0; index < 5; index++) {
      await expect.poll(() => seenBy(folder).length).toBeGreaterThan(index);
      open(index);
    }
    await host.idle();
    expect(await lengthOf(queue)).toBe(0);
  });

  it('is waited for at the end, and deleted', async () => {
    const { host, queue } = await start(gate);
    await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length).toBe(1);
    let hasStopped = false;
    const stopped = host.stop().then(() => {
      hasStopped = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(hasStopped).toBe(false);
    open(0);
    await stopped;
    expect(await lengthOf(queue)).toBe(0);
  });

  it('without end is not waited for without end, and is seen again by the next', async () => {
    const { host, queue } = await start(gate, {}, { longestStopMs: 200, invisibleSeconds: 1 });
    await queue.sendMessage(encode('text'));
    await expect.poll(() => seenBy(folder).length).toBe(1);
    await host.stop();
    await expect.poll(async () => (await queue.peekMessages()).peekedMessageItems.length, { timeout: 10_000 }).toBe(1);
  });
});

describe('idle', () => {
  it('means that no message is left on its way from queue to queue', async () => {
    const source = `for (const [from, to] of [['one', 'two'], ['two', 'three'], ['three', 'none']]) {
      app.storageQueue(from, { queueName: 'chain-' + from, connection: '', return: output.storageQueue({ queueName: 'chain-' + to, connection: '' }),
        handler: async (message) => { seen.push({ from }); return message; } });
    }`;
    folder = await appFolder(source);
    const environment = { AzureWebJobsStorage: storage.connectionString };
    host = await startHost({ root: folder, environment });
    for (let count = 0; count < 3; count++) {
      await service.getQueueClient('chain-one').sendMessage(encode('text'));
      await host.idle();
      expect(seenBy(folder)).toHaveLength((count + 1) * 3);
    }
  });
});

describe('what a function puts out', () => {
  it('are messages: of its return, of its outputs, one for each of a list', async () => {
    const source = `
      const extra = output.storageQueue({ queueName: '%EXTRA%', connection: 'Other' });
      app.storageQueue('work', { queueName: 'out-work', connection: 'Other', extraOutputs: [extra],
        return: output.storageQueue({ queueName: 'out-return', connection: 'Other' }),
        handler: async (message, context) => {
          if (message === 'fail') { context.extraOutputs.set(extra, 'never'); throw new Error('on purpose'); }
          context.extraOutputs.set(extra, ['one', { two: 2 }]);
          return { got: message };
        } });`;
    folder = await appFolder(source);
    const environment = { Other: storage.connectionString, EXTRA: 'out-extra' };
    host = await startHost({ root: folder, environment });
    const queue = service.getQueueClient('out-work');
    await queue.sendMessage(encode('text'));
    await queue.sendMessage(encode('fail'));
    const poison = service.getQueueClient('out-work-poison');
    await expect.poll(() => lengthOf(poison), { timeout: 10_000 }).toBe(1);
    await host.idle();
    expect(await textsIn(service.getQueueClient('out-return'))).toEqual([encode('{"got":"text"}')]);
    expect(await textsIn(service.getQueueClient('out-extra'))).toEqual([encode('one'), encode('{"two":2}')]);
  });

  it('needs the setting that names its storage', async () => {
    folder = await appFolder(
      "app.storageQueue('work', { queueName: 'x', connection: 'Nowhere', handler: async () => {} });",
    );
    await expect(startHost({ root: folder })).rejects.toThrow('the function work needs the setting Nowhere');
  });
});
