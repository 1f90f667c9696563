/**
 * What stands around an event's data, the same for both schemas: read by Azure's own deserialiser, which is loaded with the
 * first event, because it takes longer to load than to work. The data itself is not looked at here.
 */
import type { EventGridDeserializer } from '@azure/eventgrid';
import { MalformedEventError } from './malformed-event-error.ts';

export interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
  /** As it was written: the deserialiser takes for a date what is none. */
  readonly time: unknown;
  readonly data: unknown;
}

/** What the deserialiser demands of an event in Event Grid's schema, and nobody here reads. */
const unread = { topic: '', subject: '', dataVersion: '', metadataVersion: '1', data: null };

/** Properties that the deserialiser may complain of; nothing else of its complaint is repeated. */
const named = new Set(['id', 'type', 'source', 'specversion', 'subject', 'time', 'eventType', 'eventTime', 'topic']);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function faultOf(error: unknown): MalformedEventError {
  const property = error instanceof Error ? /property '(\w+)/.exec(error.message)?.[1] : undefined;
  return new MalformedEventError(
    property !== undefined && named.has(property)
      ? `${property} is missing or no text`
      : 'neither in the schema of Event Grid nor a CloudEvent 1.0',
  );
}

/** JSON that came as bytes (`data_base64`). */
function unpacked(data: unknown): unknown {
  if (!(data instanceof Uint8Array)) return data;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    throw new MalformedEventError('data_base64 is no JSON');
  }
}

async function fromCloudEvent(
  event: Readonly<Record<string, unknown>>,
  deserializer: EventGridDeserializer,
): Promise<Envelope | undefined> {
  const [found] = await deserializer.deserializeCloudEvents(event);
  if (!found) return undefined;
  const { id, type, subject } = found;
  // Of the deserialiser's data only what it unpacks from base64: text comes out of it as an object of letters.
  return { id, type, subject, time: event.time, data: event.data === undefined ? found.data : event.data };
}

async function fromEventGridEvent(
  event: Readonly<Record<string, unknown>>,
  deserializer: EventGridDeserializer,
): Promise<Envelope | undefined> {
  const [found] = await deserializer.deserializeEventGridEvents({ ...unread, ...event });
  if (!found) return undefined;
  const { id, eventType, subject } = found;
  return { id, type: eventType, subject, time: event.eventTime, data: event.data };
}

let loaded: Promise<EventGridDeserializer> | undefined;

function load(): Promise<EventGridDeserializer> {
  loaded ??= import('@azure/eventgrid').then((module) => new module.EventGridDeserializer());
  return loaded;
}

/**
 * @param event one event, in the schema of Event Grid or a CloudEvent 1.0, told apart by `specversion`
 * @throws MalformedEventError
 */
export async function readEnvelope(event: unknown): Promise<Envelope> {
  if (!isRecord(event)) throw new MalformedEventError('no object');
  const deserializer = await load();
  let envelope: Envelope | undefined;
  try {
    const isCloudEvent = Object.hasOwn(event, 'specversion');
    envelope = await (isCloudEvent ? fromCloudEvent(event, deserializer) : fromEventGridEvent(event, deserializer));
  } catch (error) {
    throw faultOf(error);
  }
  if (!envelope?.id || !envelope.type) throw new MalformedEventError('id or type is empty');
  return { ...envelope, data: unpacked(envelope.data) };
}
