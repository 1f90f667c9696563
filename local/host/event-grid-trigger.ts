/**
 * The door of Event Grid, as the real host's extension has it: `/runtime/webhooks/eventgrid?functionName=...`, with the handshakes of
 * both schemas (Microsoft Learn, "Webhook event delivery", section "Endpoint validation"; CloudEvents "HTTP 1.1 Web Hooks for Event
 * Delivery", section 4).
 */
import type { Context, Hono } from 'hono';
import type { Core, LogLine, RegisteredFunction } from './core.ts';
import { describe } from './queue-trigger.ts';

export const eventGridPath = '/runtime/webhooks/eventgrid';

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSameWord(a: string | undefined, b: string): boolean {
  return a?.toLowerCase() === b.toLowerCase();
}

/** `undefined` for a body that holds no events. */
async function eventsOf(context: Context): Promise<Record<string, unknown>[] | undefined> {
  try {
    const body: unknown = await context.req.json();
    const events: unknown[] = Array.isArray(body) ? body : [body];
    return events.length > 0 && events.every(isRecord) ? events : undefined;
  } catch {
    return undefined;
  }
}

function validationCode(event: Record<string, unknown> | undefined): string | undefined {
  const data = event?.data;
  return isRecord(data) && typeof data.validationCode === 'string' ? data.validationCode : undefined;
}

export function serveEventGrid(
  app: Hono,
  core: Core,
  functions: readonly RegisteredFunction[],
  track: <T>(work: Promise<T>) => Promise<T>,
  onLog: (line: LogLine) => void,
): void {
  const find = (context: Context): RegisteredFunction | undefined =>
    functions.find(({ name }) => isSameWord(context.req.query('functionName'), name));
  const path = '/runtime/webhooks/:extension{[eE][vV][eE][nN][tT][gG][rR][iI][dD]}';

  app.options(path, (context) => {
    if (!find(context)) return context.body(null, 404);
    const origin = context.req.header('webhook-request-origin');
    if (origin === undefined) return context.body(null, 400);
    return context.body(null, 200, { 'WebHook-Allowed-Origin': origin, 'WebHook-Allowed-Rate': '*' });
  });

  app.post(path, async (context) => {
    const registered = find(context);
    if (!registered) return context.text(`cannot find function: '${context.req.query('functionName') ?? ''}'`, 404);
    const kind = context.req.header('aeg-event-type');
    const events = await eventsOf(context);
    if (!events) return context.text('the body holds no events', 400);
    if (isSameWord(kind, 'SubscriptionValidation')) {
      const code = validationCode(events[0]);
      return code === undefined ? context.body(null, 400) : context.json({ validationResponse: code });
    }
    if (isSameWord(kind, 'Unsubscribe')) return context.body(null, 202);
    const isMany = (registered.trigger as { readonly cardinality?: string }).cardinality === 'many';
    const inputs: readonly unknown[] = isMany ? [events] : events;
    const results = await Promise.allSettled(
      inputs.map((input) => track(core.invoke(registered, { json: JSON.stringify(input) }))),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (!failed) return context.body(null, 202);
    onLog({ level: 'error', function: registered.name, invocationId: '', message: describe(failed.reason) });
    return context.body(null, isMalformed(failed.reason) ? 400 : 500);
  });
}

/** The app says so by the error's name: Event Grid keeps such an event instead of trying again. */
function isMalformed(error: unknown): boolean {
  return error instanceof Error && error.name === 'MalformedEventError';
}
