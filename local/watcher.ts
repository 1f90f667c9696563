/**
 * The whole of it on one machine: storage, simulated Azure, receivers, and the host with the functions, wired as a deployment wires
 * them. `npm start` and the end-to-end tests run the same.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Trouble } from './azure/delivery.ts';
import { type AzureOptions, type SimulatedAzure, startAzure } from './azure/index.ts';
import type { Resource } from './azure/store.ts';
import { selfSigned } from './certificate.ts';
import type { LogLine } from './host/core.ts';
import { type Host, startHost } from './host/index.ts';
import { type Received, type Receiver, startReceiver } from './receiver.ts';
import { type LocalStorage, startStorage } from './storage.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));

export interface LocalOptions extends Omit<AzureOptions, 'certificate' | 'resources'> {
  readonly resources: Iterable<Resource>;
  /** JSON or a path. */
  readonly policy?: string;
  readonly port?: number;
  readonly settleSeconds?: number;
  /** Beside, or instead of, those that are set here. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly trouble?: Trouble;
  /** How Event Grid delivers: to the webhook of `onResourceChange` (default), or into the queue `changes`. */
  readonly delivery?: 'webhook' | 'queue';
  readonly onLog?: (line: LogLine) => void;
  readonly onReceived?: (received: Received) => void;
  /** Milliseconds until a queue message that failed is seen again. */
  readonly retryMs?: number;
  readonly key?: string;
}

export interface LocalWatcher {
  readonly azure: SimulatedAzure;
  readonly storage: LocalStorage;
  readonly receiver: Receiver;
  readonly host: Host;
  /** Of the function app's process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Resolves when no event is on its way and no message is left that can be seen. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new Error(`${path}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}`);
  }
}

/** One JSON document, or one a line. */
function parseDocuments(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as unknown);
  }
}

function isRecord(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The resources of a document: a Resource Graph result, a list, or the one that it is itself. */
function resourcesIn(document: unknown): Resource[] {
  if (Array.isArray(document)) return document.flatMap(resourcesIn);
  if (!isRecord(document)) return [];
  const list = document.data ?? document.value;
  if (Array.isArray(list)) return list.flatMap(resourcesIn);
  return typeof document.id === 'string' ? [document] : [];
}

/** Raw resources out of what `az graph query`, `az resource list` or `az ... show` print, or one a line. @throws Error that names the file */
export function readResources(path: string): Resource[] {
  const text = textOf(path);
  let resources: Resource[];
  try {
    resources = parseDocuments(text).flatMap(resourcesIn);
  } catch {
    throw new Error(`${path}: is no JSON; "tunnelwatch audit --file" names the place`);
  }
  if (resources.length === 0) throw new Error(`${path}: holds no resource; expected what "az graph query" prints`);
  return resources;
}

async function putIntoQueue(connectionString: string): Promise<(event: Record<string, unknown>) => Promise<void>> {
  const { QueueClient } = await import('@azure/storage-queue');
  const queue = new QueueClient(connectionString, 'changes');
  await queue.createIfNotExists();
  return async (event) => {
    await queue.sendMessage(Buffer.from(JSON.stringify(event)).toString('base64'));
  };
}

export async function startLocalWatcher(options: LocalOptions): Promise<LocalWatcher> {
  const certificate = selfSigned();
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.reverse()) await each();
    setDefaultCACertificates([...rootCertificates]);
  };
  try {
    const { onReceived, settleSeconds = 10, policy, trouble, retryMs, key, onLog } = options;
    const [storage, azure, receiver] = await Promise.all([
      startStorage(),
      startAzure({ ...options, certificate }),
      startReceiver({ secret, certificate, ...(onReceived && { onReceived }) }),
    ]);
    stops.push(storage.stop, azure.stop, receiver.stop);
    const environment = {
      AzureWebJobsStorage: storage.connectionString,
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      APPLICATIONINSIGHTS_CONNECTION_STRING: receiver.connectionString,
      TUNNELWATCH_WEBHOOK_URL: receiver.webhookUrl,
      TUNNELWATCH_WEBHOOK_SECRET: secret,
      TUNNELWATCH_TEAMS_WEBHOOK_URL: receiver.teamsUrl,
      TUNNELWATCH_SETTLE_SECONDS: String(settleSeconds),
      ...(policy !== undefined && { TUNNELWATCH_POLICY: policy }),
      ...azure.environment,
      ...options.environment,
    };
    const host = await startHost({
      root,
      environment,
      ...(options.port !== undefined && { port: options.port }),
      ...(key !== undefined && { key }),
      ...(retryMs !== undefined && { retryMs }),
      ...(onLog && { onLog }),
    });
    stops.push(host.stop);
    const webhook = `${host.url}/runtime/webhooks/eventgrid?functionName=onResourceChange`;
    const endpoint = options.delivery === 'queue' ? await putIntoQueue(storage.connectionString) : webhook;
    await azure.events.subscribe({ endpoint, ...trouble });
    const idle = async (): Promise<void> => {
      await azure.events.idle();
      await host.idle();
    };
    return { azure, storage, receiver, host, environment, idle, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}
