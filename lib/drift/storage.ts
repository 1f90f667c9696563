/**
 * The storage account: one table, three queues, through Azure's own clients. Nothing here knows what is stored. Retries of
 * single requests are the SDK's; what fails after them is thrown.
 */
import type { TableClient } from '@azure/data-tables';
import type { QueueClient } from '@azure/storage-queue';
import type { StorageSettings } from '../settings.ts';
import { queueNames } from './queue-names.ts';

export const tableName = 'tunnelwatch';

export interface Storage {
  readonly table: TableClient;
  readonly queue: (name: string) => QueueClient;
}

/** Table and queues have to answer within the time in which a person waits, or the next try of the queue does it. */
const retryOptions = { maxRetries: 3, retryDelayInMs: 300, maxRetryDelayInMs: 4_000 };

function isLoopback(url: string): boolean {
  return /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);
}

/** Opens the clients and makes what is missing. @throws what the storage account refuses */
export async function openStorage(settings: StorageSettings): Promise<Storage> {
  const storage = await connect(settings);
  await Promise.all([
    storage.table.createTable(),
    ...queueNames.flatMap((name) => [
      storage.queue(name).createIfNotExists(),
      storage.queue(`${name}-poison`).createIfNotExists(),
    ]),
  ]);
  return storage;
}

async function connect(settings: StorageSettings): Promise<Storage> {
  const [{ TableClient }, { QueueServiceClient }] = await Promise.all([
    import('@azure/data-tables'),
    import('@azure/storage-queue'),
  ]);
  if (settings.kind === 'connectionString') {
    const { connectionString } = settings;
    const local = /UseDevelopmentStorage=true/i.test(connectionString) || /=http:\/\//i.test(connectionString);
    const queues = QueueServiceClient.fromConnectionString(connectionString);
    return {
      table: TableClient.fromConnectionString(connectionString, tableName, {
        allowInsecureConnection: local,
        retryOptions,
      }),
      queue: (name) => queues.getQueueClient(name),
    };
  }
  const { ManagedIdentityCredential, DefaultAzureCredential } = await import('@azure/identity');
  const { clientId, queueServiceUri, tableServiceUri } = settings;
  const credential =
    clientId === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential({ clientId });
  const queues = new QueueServiceClient(queueServiceUri, credential);
  return {
    table: new TableClient(tableServiceUri, tableName, credential, {
      allowInsecureConnection: isLoopback(tableServiceUri),
      retryOptions,
    }),
    queue: (name) => queues.getQueueClient(name),
  };
}

/** HTTP status of a storage error; `undefined` for anything else. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

/** Somebody else was faster: the entity changed, or was there already. */
export function isConflict(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409;
}

export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}
