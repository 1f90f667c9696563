/**
 * The storage account of a local run: Azurite, Microsoft's emulator, as a process of its own, on ports that are free. Its account
 * name and key are the ones that Microsoft publishes for it; they open nothing else. It never outlives the process that started it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface LocalStorage {
  readonly connectionString: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly blobUrl: string;
  readonly pid: number | undefined;
  /** Ends it, by force where it does not end when it is asked to. Data in a folder are kept. */
  readonly stop: () => Promise<void>;
}

const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const startMs = 60_000;
const stopMs = 3_000;
/** Run in Azurite's process before it: however this process ends, be it by SIGKILL, its channel closes, and Azurite ends. */
const endWithParent = `data:text/javascript,${encodeURIComponent("process.on('disconnect', () => process.exit(0)); process.channel.unref();")}`;
const services = ['Blob', 'Queue', 'Table'] as const;

export interface StorageOptions {
  /** Where to keep the data; absent: in memory. */
  readonly folder?: string;
  /** Where another process looks for it; default: any that are free. */
  readonly ports?: Readonly<Record<(typeof services)[number], number>>;
}

/** The addresses that Azurite says it listens at. */
function addresses(child: ChildProcess): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve, reject) => {
    const found = new Map<string, string>();
    let output = '';
    const fail = (reason: string): void => {
      clearTimeout(timer);
      reject(new Error(`Azurite, the local storage, did not start: ${reason}`));
    };
    const timer = setTimeout(() => fail(`no answer within ${startMs / 1000} s`), startMs);
    const read = (chunk: Buffer): void => {
      // When all addresses are known, what it prints is only taken off its hands, so that it never waits for a reader.
      if (found.size === services.length) return;
      output += chunk.toString();
      for (const [, name = '', url = ''] of output.matchAll(
        /Azurite (\w+) service is successfully listening at (http:\S+)/g,
      )) {
        found.set(name, url);
      }
      if (found.size < services.length) return;
      clearTimeout(timer);
      resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('error', (error) => fail(error.message));
    // Not "exit": what it said last may still be on its way then.
    child.once('close', (code) => fail(`it ended with ${code ?? 'a signal'}: ${faultIn(output)}`));
  });
}

/** Of a stack trace the line that names the fault; otherwise what was printed last. */
function faultIn(output: string): string {
  const lines = output.split('\n').map((line) => line.trim());
  return lines.find((line) => /^\w*Error: /.test(line)) ?? lines.findLast((line) => line !== '') ?? 'it said nothing';
}

/** Azurite's program, as its package names it. */
function programOf(): string {
  const require = createRequire(import.meta.url);
  const manifest = require.resolve('azurite/package.json');
  const { bin } = require('azurite/package.json') as { bin: { azurite: string } };
  return join(dirname(manifest), bin.azurite);
}

/** @throws Error that says why, where it does not come up */
export async function startStorage({ folder, ports }: StorageOptions = {}): Promise<LocalStorage> {
  const options = services.flatMap((name) => [`--${name.toLowerCase()}Port`, String(ports?.[name] ?? 0)]);
  const where = folder === undefined ? ['--inMemoryPersistence'] : ['--location', folder];
  const child = spawn(
    process.execPath,
    [
      ...['--import', endWithParent, programOf()],
      ...[...where, ...options, '--silent', '--skipApiVersionCheck', '--disableTelemetry'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] },
  );
  const kill = (): void => void child.kill('SIGKILL');
  // At once, and even where it is stopped (SIGSTOP) and would not see its channel close.
  process.once('exit', kill);
  try {
    const urls = await addresses(child);
    const url = (name: string): string => `${urls.get(name)}/${account}`;
    const endpoints = services.map((name) => `${name}Endpoint=${url(name)}`).join(';');
    return {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};${endpoints};`,
      queueUrl: url('Queue'),
      tableUrl: url('Table'),
      blobUrl: url('Blob'),
      pid: child.pid,
      stop: async () => {
        process.off('exit', kill);
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        const force = setTimeout(kill, stopMs);
        await ended;
        clearTimeout(force);
      },
    };
  } catch (error) {
    process.off('exit', kill);
    kill();
    throw error;
  }
}
