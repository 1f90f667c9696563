/**
 * Resource Manager's interface over the store: GET of resources and lists, PUT, PATCH, DELETE, POST of actions, and Resource Graph.
 * Errors have Azure's shape; every change raises its event.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { EventGrid } from './delivery.ts';
import { notificationEvent, type Operation, resourceEvent } from './events.ts';
import type { Fault, Faults } from './faults.ts';
import type { Identity } from './identity.ts';
import { parseResourceId, type ResourceId } from './ids.ts';
import { answerQuery, type GraphRequest, InvalidQuery } from './resource-graph.ts';
import { isRecord, type Resource, type ResourceStore } from './store.ts';

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | undefined;
  readonly status: number;
}

export interface Parts {
  readonly store: ResourceStore;
  readonly events: EventGrid;
  readonly faults: Faults;
  readonly identity: Identity;
  readonly requests: AskedRequest[];
  readonly graphLagMs: number;
  readonly pageSize: number;
  readonly canary: string;
}

const readQuota = 250;

function problem(context: Context, status: number, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status as ContentfulStatusCode);
}

/** An answer that fails in the wanted way. */
async function fail(context: Context, fault: Fault): Promise<Response> {
  switch (fault.kind) {
    case 'status':
      return problem(context, fault.status ?? 500, fault.code ?? 'InternalServerError', 'A fault that was asked for.');
    case 'throttle':
      if (fault.retryAfter !== undefined) context.header('Retry-After', String(fault.retryAfter));
      return problem(context, 429, 'TooManyRequests', 'The request is being throttled.');
    case 'timeout':
      await sleep(fault.milliseconds ?? 60_000);
      return problem(context, 504, 'GatewayTimeout', 'The gateway did not receive a response.');
    case 'truncate':
      return context.body('{"id": "/subscriptions/0', 200, { 'Content-Type': 'application/json' });
    case 'reset': {
      const bindings = context.env as { incoming?: { socket: { destroy: () => void } } };
      bindings.incoming?.socket.destroy();
      return new Response(null);
    }
    case 'link':
      return context.json({ value: [], nextLink: fault.link });
    case 'halfPage':
      return context.json({ value: [], nextLink: `${new URL(context.req.url).origin}/broken?page=2` });
  }
}

function notFound(context: Context, id: ResourceId): Response {
  return problem(context, 404, 'ResourceNotFound', `The Resource '${id.type}/${id.name}' was not found.`);
}

/** A list's scope and type: `<scope>/providers/<namespace>/<type>` or `<parent>/<type>`. */
function listOf(path: string): { readonly scope: string; readonly type: string } | undefined {
  const below = /^(\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?)\/providers\/([^/]+\/[^/]+)$/i.exec(path);
  if (below?.[1] !== undefined && below[2] !== undefined) return { scope: below[1], type: below[2] };
  const cut = path.lastIndexOf('/');
  const parent = parseResourceId(path.slice(0, cut));
  return parent ? { scope: parent.id, type: `${parent.type}/${path.slice(cut + 1)}` } : undefined;
}

function page(context: Context, all: readonly Resource[], pageSize: number): Response {
  const url = new URL(context.req.url);
  const from = Number(url.searchParams.get('$skip') ?? 0);
  const value = all.slice(from, from + pageSize);
  url.searchParams.set('$skip', String(from + pageSize));
  const origin = `https://${context.req.header('host') ?? url.host}`;
  const nextLink = from + pageSize < all.length ? `${origin}${url.pathname}${url.search}` : undefined;
  return context.json({ value, ...(nextLink !== undefined && { nextLink }) });
}

async function bodyOf(context: Context): Promise<Resource | undefined> {
  try {
    const body: unknown = await context.req.json();
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** What Resource Graph shows: maybe older than the truth. */
class LaggingView {
  private readonly store: ResourceStore;
  private readonly lagMs: number;
  private shown: { readonly at: number; readonly resources: Resource[] };

  constructor(store: ResourceStore, lagMs: number) {
    this.store = store;
    this.lagMs = lagMs;
    this.shown = { at: 0, resources: store.all() };
  }

  read(): Resource[] {
    if (Date.now() - this.store.changedAt >= this.lagMs) this.shown = { at: Date.now(), resources: this.store.all() };
    return this.shown.resources;
  }
}

export function resourceManager(parts: Parts): Hono {
  const { store, events, faults, identity, requests, pageSize, canary } = parts;
  const graph = new LaggingView(store, parts.graphLagMs);
  const app = new Hono();
  let reads = 0;

  const raise = (operation: Operation, resource?: unknown): void => {
    events.raise(resourceEvent(operation, canary));
    const notification = notificationEvent(operation, resource);
    if (notification) events.raise(notification);
  };

  app.use(async (context, next) => {
    const { method, url } = context.req;
    const { pathname, searchParams, search } = new URL(url);
    await faults.delay();
    const fault = faults.strike(`${method} ${pathname}${search}`);
    if (fault) context.res = await fail(context, fault);
    else if (!identity.isKnown(context.req.header('authorization'))) {
      context.res = problem(context, 401, 'AuthenticationFailed', 'Authentication failed.');
    } else await next();
    if (method === 'GET') reads++;
    context.header('x-ms-request-id', randomUUID());
    context.header('x-ms-ratelimit-remaining-subscription-reads', String(readQuota - (reads % 50)));
    const apiVersion = searchParams.get('api-version') ?? undefined;
    requests.push({ method, path: decodeURI(pathname), apiVersion, status: context.res.status });
  });

  app.post('/providers/Microsoft.ResourceGraph/resources', async (context) => {
    try {
      return context.json(answerQuery(graph.read(), (await context.req.json()) as GraphRequest, pageSize));
    } catch (error) {
      if (error instanceof InvalidQuery)
        return problem(context, 400, 'BadRequest', `Please provide below info: ${error.message}`);
      throw error;
    }
  });

  app.get('/subscriptions/:id', (context) => {
    const subscriptionId = context.req.param('id');
    const prefix = `/subscriptions/${subscriptionId}/`.toLowerCase();
    const isKnown = store.all().some(({ id }) => String(id).toLowerCase().startsWith(prefix));
    if (!isKnown) return problem(context, 404, 'SubscriptionNotFound', 'The subscription could not be found.');
    return context.json({ id: `/subscriptions/${subscriptionId}`, subscriptionId, state: 'Enabled' });
  });

  app.get('*', (context) => {
    const path = decodeURI(new URL(context.req.url).pathname);
    const id = parseResourceId(path);
    if (id) {
      const resource = store.get(id);
      return resource ? context.json(resource) : notFound(context, id);
    }
    const list = listOf(path);
    if (!list) return problem(context, 404, 'NotFound', 'There is nothing at this path.');
    return page(context, store.list(list.scope, list.type), pageSize);
  });

  app.on(['PUT', 'PATCH'], '*', async (context) => {
    const id = parseResourceId(decodeURI(new URL(context.req.url).pathname));
    const body = await bodyOf(context);
    if (!id || !body) return problem(context, 400, 'InvalidRequestContent', 'The request content was invalid.');
    const changed = context.req.method === 'PUT' ? store.put(id, body) : store.patch(id, body);
    if (changed === 'absent') return notFound(context, id);
    if (changed === 'noParent')
      return problem(context, 404, 'ParentResourceNotFound', 'The parent resource does not exist.');
    const resource = store.get(id) ?? {};
    raise({ kind: 'write', id }, resource);
    return context.json(resource, changed === 'created' ? 201 : 200);
  });

  app.delete('*', (context) => {
    const id = parseResourceId(decodeURI(new URL(context.req.url).pathname));
    if (!id) return problem(context, 400, 'InvalidRequestContent', 'The path names no resource.');
    if (store.delete(id) === 'absent') return context.body(null, 204);
    raise({ kind: 'delete', id });
    return context.body(null, 200);
  });

  app.post('*', (context) => {
    const path = decodeURI(new URL(context.req.url).pathname);
    const cut = path.lastIndexOf('/');
    const id = parseResourceId(path.slice(0, cut));
    if (!id || !store.get(id)) return problem(context, 404, 'ResourceNotFound', 'There is nothing to act on.');
    raise({ kind: 'action', id, action: path.slice(cut + 1) });
    return context.json({});
  });

  return app;
}
