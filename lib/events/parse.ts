/**
 * From what Event Grid delivers to changes: one event or several, in either schema, as objects or as text. The envelope is read
 * by Azure's own deserialiser, the data by the schemas below, with the names that are on the wire. Nothing of `claims` and
 * `httpRequest` is looked at: they hold personal data.
 */
import { z } from 'zod';
import type { Change, Principal } from './change.ts';
import { isOwnRead } from './own-reads.ts';

/** An event that cannot be read; its message names what is wrong and nothing of the content. */
export class MalformedEventError extends Error {
  override readonly name = 'MalformedEventError';
}

/** Why an event is none of the watcher's business. */
export type IgnoredReason =
  /** No type that tells of a change that happened. */
  | 'type'
  /** A question that changes nothing, such as the watcher's own POST reads. */
  | 'ownRead';

export type Parsed =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'ignored'; readonly type: string; readonly reason: IgnoredReason };

/** The same in both schemas. */
interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly subject: string | undefined;
  readonly time: Date | undefined;
  readonly data: unknown;
}

const idText = z.string().regex(/^\/./);

/** `data` of `Microsoft.Resources.*`: Azure subscription as an Event Grid source. */
const resourceDataSchema = z.object({
  resourceUri: idText.optional(),
  operationName: z.string().min(1).optional(),
  correlationId: z.string().optional(),
  authorization: z
    .object({
      action: z.string().optional(),
      evidence: z.object({ principalId: z.string().optional(), principalType: z.string().optional() }).nullish(),
    })
    .nullish(),
});

/** `data` of `Microsoft.ResourceNotifications.Resources.*`; its body of the resource is not trusted, only the id. */
const notificationDataSchema = z.object({
  resourceInfo: z.object({ id: idText }),
  operationalInfo: z.object({ resourceEventTime: z.string().optional() }).nullish(),
});

const resourceTypes: ReadonlyMap<string, Change['kind']> = new Map([
  ['microsoft.resources.resourcewritesuccess', 'write'],
  ['microsoft.resources.resourcedeletesuccess', 'delete'],
  ['microsoft.resources.resourceactionsuccess', 'action'],
]);

const notificationTypes: ReadonlyMap<string, Change['kind']> = new Map([
  ['microsoft.resourcenotifications.resources.createdorupdated', 'write'],
  ['microsoft.resourcenotifications.resources.deleted', 'delete'],
]);

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join('.') ?? '';
  throw new MalformedEventError(`${what}${path === '' ? '' : `.${path}`} is missing or not of the expected shape`);
}

function timeOf({ time }: Envelope): string {
  if (time && Number.isFinite(time.getTime())) return time.toISOString();
  throw new MalformedEventError('the event has no readable time');
}

function principalOf(data: z.infer<typeof resourceDataSchema>): Principal | undefined {
  const evidence = data.authorization?.evidence;
  if (!evidence?.principalId) return undefined;
  return { id: evidence.principalId, ...(evidence.principalType && { type: evidence.principalType }) };
}

function fromResourceEvent(event: Envelope, kind: Change['kind']): Parsed {
  const data = check(resourceDataSchema, event.data, 'data');
  const resourceId = data.resourceUri ?? check(idText, event.subject, 'subject');
  const operation = data.operationName ?? data.authorization?.action;
  if (operation === undefined) throw new MalformedEventError('data.operationName is missing');
  const time = timeOf(event);
  if (isOwnRead(operation)) return { kind: 'ignored', type: event.type, reason: 'ownRead' };
  const principal = principalOf(data);
  const { correlationId } = data;
  const change: Change = {
    eventId: event.id,
    resourceId,
    operation,
    kind,
    time,
    ...(correlationId !== undefined && { correlationId }),
    ...(principal && { principal }),
  };
  return { kind: 'change', change };
}

function fromNotification(event: Envelope, kind: Change['kind']): Parsed {
  const { resourceInfo } = check(notificationDataSchema, event.data, 'data');
  const time = timeOf(event);
  const change: Change = { eventId: event.id, resourceId: resourceInfo.id, operation: event.type, kind, time };
  return { kind: 'change', change };
}

function parseEvent(event: Envelope): Parsed {
  const type = event.type.toLowerCase();
  const resourceKind = resourceTypes.get(type);
  if (resourceKind) return fromResourceEvent(event, resourceKind);
  const notificationKind = notificationTypes.get(type);
  if (notificationKind) return fromNotification(event, notificationKind);
  return { kind: 'ignored', type: event.type, reason: 'type' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedEventError('the event is no JSON');
  }
}

/** The envelopes of a body. Azure's deserialiser checks them, but not that they are objects. */
async function envelopesOf(body: unknown): Promise<Envelope[]> {
  const decoded = typeof body === 'string' ? parseJson(body) : body;
  const events: unknown[] = Array.isArray(decoded) ? decoded : [decoded];
  const { EventGridDeserializer } = await import('@azure/eventgrid');
  const deserializer = new EventGridDeserializer();
  const read = async (event: unknown): Promise<Envelope[]> => {
    if (typeof event !== 'object' || event === null) throw new MalformedEventError('an event is no object');
    if ('specversion' in event) {
      const found = await deserializer.deserializeCloudEvents({ ...event });
      return found.map(({ id, type, subject, time, data }) => ({ id, type, subject, time, data }));
    }
    // What the deserialiser demands of the envelope and nobody here reads may be missing.
    const unread = { topic: '', dataVersion: '', metadataVersion: '1' };
    const found = await deserializer.deserializeEventGridEvents({ ...unread, ...event });
    return found.map(({ id, eventType, subject, eventTime, data }) => {
      return { id, type: eventType, subject, time: eventTime, data };
    });
  };
  return (await Promise.all(events.map(read))).flat();
}

/**
 * @throws MalformedEventError where any event of the body cannot be read: all of it is refused then
 */
export async function parseEvents(body: unknown): Promise<Parsed[]> {
  let envelopes: Envelope[];
  try {
    envelopes = await envelopesOf(body);
  } catch (error) {
    if (error instanceof MalformedEventError) throw error;
    throw new MalformedEventError('an event is not in the Event Grid schema, nor a CloudEvent 1.0');
  }
  return envelopes.map(parseEvent);
}
