/**
 * From what Event Grid delivers to changes: one event or several, in either schema, as objects or as text. The data is read by
 * the schemas below, with the names that are on the wire. Nothing of `claims` and `httpRequest` is looked at: they hold
 * personal data.
 */
import { z } from 'zod';
import type { Change, Principal } from './change.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { MalformedEventError } from './malformed-event-error.ts';
import { isQuestion } from './questions.ts';

export { MalformedEventError } from './malformed-event-error.ts';

/** Why an event is none of the watcher's business. */
export type IgnoredReason =
  /** No type that tells of a change to a resource. */
  | 'type'
  /** The change failed or was called off. */
  | 'notSuccess'
  /** A question that changes nothing, such as the watcher's own POST reads. */
  | 'ownRead';

export type Parsed =
  | { readonly kind: 'change'; readonly change: Change }
  | { readonly kind: 'ignored'; readonly type: string; readonly reason: IgnoredReason };

/** One line, of a length that a row in a table can hold. */
function line(longest: number): z.ZodString {
  return z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{Cc}*$/u);
}

const resourceId = line(2048).startsWith('/');
const operationName = line(512);
/** What only tells more of a change never makes it unreadable. */
const principalId = z.string().regex(/^[^\s@]{1,128}$/);
const evidence = z.object({ principalId, principalType: line(64).optional().catch(undefined) });
const authorization = z.object({ evidence: evidence.optional().catch(undefined) });

/** `data` of `Microsoft.Resources.*` (Microsoft Learn, "Azure subscription as an Event Grid source"). */
const resourceDataSchema = z.object({
  resourceUri: z.union([resourceId, z.literal('')]).nullish(),
  operationName,
  correlationId: line(128).optional().catch(undefined),
  authorization: authorization.optional().catch(undefined),
});

/** `data` of `Microsoft.ResourceNotifications.Resources.*`; its body of the resource is not trusted, only the id. */
const notificationDataSchema = z.object({
  resourceInfo: z.object({ id: resourceId }),
  operationalInfo: z.object({ resourceEventTime: z.unknown() }).optional().catch(undefined),
});

/** Azure writes no offset for UTC in places. */
const instant = z.iso.datetime({ offset: true, local: true });

type Reading =
  | { readonly as: 'resource' | 'notification'; readonly kind: Change['kind'] }
  | { readonly as: 'ignored'; readonly reason: IgnoredReason };

const notSuccess: Reading = { as: 'ignored', reason: 'notSuccess' };

/** Event type, lower case -> how it is read. */
const readings: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ...(['write', 'delete', 'action'] as const).flatMap((kind): [string, Reading][] => [
    [`microsoft.resources.resource${kind}success`, { as: 'resource', kind }],
    [`microsoft.resources.resource${kind}failure`, notSuccess],
    [`microsoft.resources.resource${kind}cancel`, notSuccess],
  ]),
  ['microsoft.resourcenotifications.resources.createdorupdated', { as: 'notification', kind: 'write' }],
  ['microsoft.resourcenotifications.resources.deleted', { as: 'notification', kind: 'delete' }],
]);

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const path = [what, ...(result.error.issues[0]?.path ?? [])].join('.');
  throw new MalformedEventError(`${path} is missing or not of the expected shape`);
}

/** In UTC, to the millisecond. */
function timeOf(value: unknown): string {
  const { success, data } = instant.safeParse(value);
  const hasOffset = success && /(Z|[+-]\d\d:\d\d)$/.test(data);
  const time = new Date(success ? `${data}${hasOffset ? '' : 'Z'}` : Number.NaN);
  if (Number.isNaN(time.getTime())) throw new MalformedEventError('no readable time');
  return time.toISOString();
}

function principalOf({ authorization }: z.infer<typeof resourceDataSchema>): Principal | undefined {
  const found = authorization?.evidence;
  if (!found) return undefined;
  return { id: found.principalId, ...(found.principalType !== undefined && { type: found.principalType }) };
}

function fromResourceEvent(event: Envelope, kind: Change['kind']): Parsed {
  const data = check(resourceDataSchema, event.data, 'data');
  const principal = principalOf(data);
  const { correlationId, operationName: operation } = data;
  const change: Change = {
    eventId: check(line(512), event.id, 'id'),
    resourceId: data.resourceUri || check(resourceId, event.subject, 'data.resourceUri'),
    operation,
    kind,
    time: timeOf(event.time),
    ...(correlationId !== undefined && { correlationId }),
    ...(principal && { principal }),
  };
  if (kind === 'action' && isQuestion(operation)) return { kind: 'ignored', type: event.type, reason: 'ownRead' };
  return { kind: 'change', change };
}

function fromNotification(event: Envelope, kind: Change['kind']): Parsed {
  const { resourceInfo, operationalInfo } = check(notificationDataSchema, event.data, 'data');
  const change: Change = {
    eventId: check(line(512), event.id, 'id'),
    resourceId: resourceInfo.id,
    operation: event.type,
    kind,
    time: timeOf(event.time ?? operationalInfo?.resourceEventTime),
  };
  return { kind: 'change', change };
}

function parseEvent(event: Envelope): Parsed {
  const reading = readings.get(event.type.toLowerCase());
  switch (reading?.as) {
    case 'resource':
      return fromResourceEvent(event, reading.kind);
    case 'notification':
      return fromNotification(event, reading.kind);
    case 'ignored':
      return { kind: 'ignored', type: event.type, reason: reading.reason };
    case undefined:
      return { kind: 'ignored', type: event.type, reason: 'type' };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedEventError('the body is no JSON');
  }
}

/**
 * @param body one event or a list of them, of either schema, as an object or as JSON text
 * @returns one result for each event, in the same order
 * @throws MalformedEventError where any event of the body cannot be read: all of it is refused then
 */
export async function parseEvents(body: unknown): Promise<Parsed[]> {
  const decoded = typeof body === 'string' ? parseJson(body) : body;
  const events: readonly unknown[] = Array.isArray(decoded) ? decoded : [decoded];
  const parsed: Parsed[] = [];
  for (const [index, event] of events.entries()) {
    try {
      parsed.push(parseEvent(await readEnvelope(event)));
    } catch (error) {
      if (!(error instanceof MalformedEventError)) throw error;
      const place = events.length === 1 ? 'the event' : `event ${index + 1} of ${events.length}`;
      throw new MalformedEventError(`${place} cannot be read: ${error.message}`);
    }
  }
  return parsed;
}
