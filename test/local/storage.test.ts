/** The storage of a local run: it comes up on free ports, keeps what it shall keep, says why it does not come up, and leaves nothing behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TableClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, describe, expect, it } from 'vitest';
import { startStorage } from '../../local/storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-storage-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A process that starts the storage and says the pid of it. */
async function startParent(): Promise<{ readonly parent: ChildProcess; readonly pid: number }> {
  const module = fileURLToPath(new URL('../../local/storage.ts', import.meta.url));
  const program = `import { startStorage } from ${JSON.stringify(module)};
    const { pid } = await startStorage();
    console.log('pid ' + pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    parent.stdout.on('data', (chunk: Buffer) => {
      const found = /pid (\d+)/.exec(chunk.toString())?.[1];
      if (found !== undefined) resolve(Number(found));
    });
    parent.once('exit', () => reject(new Error('the parent ended before its storage was up')));
  });
  return { parent, pid };
}

describe('the storage', () => {
  it('gives queues and tables on ports of its own, and is gone when it is stopped', async () => {
    const storage = await startStorage();
    const queue = QueueServiceClient.fromConnectionString(storage.connectionString).getQueueClient('one');
    await queue.create();
    expect(queue.url).toBe(`${storage.queueUrl}/one`);
    const table = TableClient.fromConnectionString(storage.connectionString, 'one', { allowInsecureConnection: true });
    await table.createTable();
    expect((await fetch(`${storage.blobUrl}?comp=list`)).status).toBe(403);
    expect(storage.pid).toBeTypeOf('number');
    await storage.stop();
    expect(isAlive(storage.pid ?? 0)).toBe(false);
    await storage.stop();
  });

  it('keeps its data in a folder over a restart', async () => {
    const first = await startStorage({ folder });
    await QueueServiceClient.fromConnectionString(first.connectionString).getQueueClient('kept').create();
    await first.stop();
    const second = await startStorage({ folder });
    const queue = QueueServiceClient.fromConnectionString(second.connectionString).getQueueClient('kept');
    expect(await queue.exists()).toBe(true);
    await second.stop();
  });

  it('says why it does not come up', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startStorage({ ports: { Blob: 0, Queue: port, Table: 0 } })).rejects.toThrow(
      new RegExp(`Azurite, the local storage, did not start: .*EADDRINUSE.*${port}`),
    );
    taken.close();
  });

  it('ends though it cannot answer', async () => {
    const storage = await startStorage();
    process.kill(storage.pid ?? 0, 'SIGSTOP');
    await storage.stop();
    expect(isAlive(storage.pid ?? 0)).toBe(false);
  });

  it('does not outlive a parent, whatever signal ends that', async () => {
    await Promise.all(
      (['SIGKILL', 'SIGTERM', 'SIGINT'] as const).map(async (signal) => {
        const { parent, pid } = await startParent();
        expect(isAlive(pid)).toBe(true);
        parent.removeAllListeners('exit');
        parent.kill(signal);
        await expect.poll(() => isAlive(pid), { timeout: 20_000, message: signal }).toBe(false);
      }),
    );
  });
});
