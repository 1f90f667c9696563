/**
 * The door of Event Grid, as the real host's extension has it: `/runtime/webhooks/eventgrid?functionName=...`, with the handshakes of
 * both schemas (Microsoft Learn, "Webhook event delivery", section "Endpoint validation"; CloudEvents "HTTP 1.1 Web Hooks for Event
 * Delivery", section 4). Unlike a deployed one it asks for no key.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from 'hono';
import type { RegisteredFunction } from './core.ts';
import type { Runner } from './runner.ts';

export const eventGridPath = '/runtime/webhooks/eventgrid';

type Event = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a delivery is for: the header says it; a CloudEvent that somebody else sends goes without. */
function kindOf({ req }: Context): string {
  const isCloudEvent = /^application\/cloudevents(-batch)?\+json/i.test(req.header('content-type') ?? '');
  return (req.header('aeg-event-type') ?? (isCloudEvent ? 'Notification' : '')).toLowerCase();
}

/** `undefined` for a body that holds no events. */
async function eventsOf({ req }: Context): Promise<readonly Event[] | undefined> {
  const text = await req.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return undefined;
  }
  const events: unknown[] = Array.isArray(body) ? body : [body];
  return events.length > 0 && events.every(isRecord) ? events : undefined;
}

function validationCodeOf(event: Event | undefined): string | undefined {
  const data = event?.data;
  return isRecord(data) && typeof data.validationCode === 'string' ? data.validationCode : undefined;
}

/** The app says so by the error's name. The real host answers 500 to this as to all else that is thrown. */
function isMalformed(error: unknown): boolean {
  return error instanceof Error && error.name === 'MalformedEventError';
}

/** One invocation an event, or one for all of them where the function takes many. @returns the status of the answer */
async function deliver(
  runner: Runner,
  registered: RegisteredFunction,
  events: readonly Event[],
): Promise<202 | 400 | 500> {
  const inputs: readonly unknown[] = registered.trigger.cardinality?.toLowerCase() === 'many' ? [events] : events;
  const errors = await Promise.all(
    inputs.map(async (input) => {
      const invocationId = randomUUID();
      try {
        await runner.run(registered, { json: JSON.stringify(input) }, { invocationId });
        return [];
      } catch (error) {
        runner.logFailure(registered, invocationId, error);
        return [error];
      }
    }),
  );
  const failures = errors.flat();
  if (failures.length === 0) return 202;
  return failures.every(isMalformed) ? 400 : 500;
}

function handshake({ req }: Context): Response {
  const origin = req.header('webhook-request-origin');
  if (origin === undefined) return new Response(null, { status: 400 });
  return new Response(null, { headers: { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': '*' } });
}

/** @returns nothing for a request that is not Event Grid's */
export function eventGridDoor(
  functions: readonly RegisteredFunction[],
  runner: Runner,
): (context: Context) => Promise<Response | undefined> {
  return async (context) => {
    const { req } = context;
    if (new URL(req.url).pathname.toLowerCase() !== eventGridPath) return undefined;
    const wanted = req.query('functionName') ?? '';
    const registered = functions.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (!registered) return context.text(`cannot find function: '${wanted}'`, 404);
    if (req.method === 'OPTIONS') return handshake(context);
    if (req.method !== 'POST') return context.body(null, 404);
    const kind = kindOf(context);
    if (kind === 'unsubscribe') return context.body(null, 202);
    if (kind !== 'notification' && kind !== 'subscriptionvalidation') {
      return context.text('the header aeg-event-type names no kind of delivery that is known', 400);
    }
    const events = await eventsOf(context);
    if (!events) return context.text('the body holds no events', 400);
    if (kind === 'notification') return context.body(null, await deliver(runner, registered, events));
    const code = validationCodeOf(events[0]);
    return code === undefined ? context.body(null, 400) : context.json({ validationResponse: code });
  };
}
