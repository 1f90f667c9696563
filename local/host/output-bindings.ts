/**
 * What functions put out beside their answer: messages of storage queues. Other outputs, and inputs beside the trigger, are refused at
 * the start: a function that got on without them here would not do so when it is deployed.
 */
import { QueueServiceClient } from '@azure/storage-queue';
import { connectionStringOf, resolveSettings } from './app-settings.ts';
import type { RegisteredFunction } from './core.ts';
import type { Binding, InvocationResponse, TypedData } from './protocol.ts';

const returnName = '$return';

function isQueue({ type }: Binding): boolean {
  return type.toLowerCase() === 'queue';
}

/** @throws Error that names the function and the binding */
export function refuseUnknownBindings({ name, bindings, triggerName }: RegisteredFunction): void {
  for (const [binding, { type, direction }] of Object.entries(bindings)) {
    const isKnown = binding === triggerName || (direction === 'out' && /^(http|queue)$/i.test(type));
    if (!isKnown)
      throw new Error(`the function ${name} has the binding ${binding} (${type}), which this host does not know`);
  }
}

/** A list makes a message of each of its items, as in the real host. */
function messagesOf(data: TypedData): readonly string[] {
  if ('string' in data) return [data.string];
  if ('bytes' in data) return [Buffer.from(data.bytes).toString('utf8')];
  if ('int' in data) return [String(data.int)];
  if ('double' in data) return [String(data.double)];
  if ('http' in data) return [];
  const value: unknown = JSON.parse(data.json);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item)));
}

async function send({ name }: RegisteredFunction, binding: Binding, data: TypedData, encoding: BufferEncoding) {
  const service = QueueServiceClient.fromConnectionString(connectionStringOf(name, binding.connection));
  const queue = service.getQueueClient(resolveSettings(binding.queueName ?? ''));
  await queue.createIfNotExists();
  for (const message of messagesOf(data)) await queue.sendMessage(Buffer.from(message).toString(encoding));
}

/** @throws what the storage account refuses: the invocation has failed then */
export async function sendOutputs(
  registered: RegisteredFunction,
  { returnValue, outputData = [] }: InvocationResponse,
  messageEncoding: 'base64' | 'none',
): Promise<void> {
  const encoding = messageEncoding === 'base64' ? 'base64' : 'utf8';
  const returned = returnValue ? [{ name: returnName, data: returnValue }] : [];
  for (const { name, data } of [...outputData, ...returned]) {
    const binding = registered.bindings[name];
    if (binding && isQueue(binding)) await send(registered, binding, data, encoding);
  }
}
