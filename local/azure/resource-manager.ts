/**
 * Resource Manager's interface over the store: GET of resources and lists, PUT, PATCH, DELETE, POST of actions, and Resource Graph.
 * Errors have Azure's shape; every change that is made raises its events.
 */
import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { breakAnswer, brokenPage } from './breaking.ts';
import type { EventGrid } from './delivery.ts';
import { notificationEvent, type Operation, resourceEvent } from './events.ts';
import type { Faults } from './faults.ts';
import type { Identity } from './identity.ts';
import { parseResourceId, type ResourceId } from './ids.ts';
import type { LaggingView } from './lagging-view.ts';
import { isLearnedAction, type LearnedRouteBook } from './learned-routes.ts';
import { listOf, page } from './lists.ts';
import type { NetworkStatusBook } from './network-status.ts';
import type { OutboundDependencyBook } from './outbound-dependencies.ts';
import { forbidden, missingScope, notFound, problem, throttled } from './problems.ts';
import { type Quota, readBuckets } from './quota.ts';
import { type Exchange, replayed } from './recording.ts';
import { answerQuery, GraphError } from './resource-graph.ts';
import { isRecord, type Resource, type ResourceStore } from './store.ts';

export interface AskedRequest {
  readonly method: string;
  readonly path: string;
  readonly apiVersion: string | undefined;
  readonly status: number;
}

export interface Parts {
  readonly store: ResourceStore;
  readonly graph: LaggingView;
  readonly events: EventGrid;
  readonly faults: Faults;
  readonly identity: Identity;
  readonly networkStatus: NetworkStatusBook;
  readonly outboundDependencies: OutboundDependencyBook;
  readonly learnedRoutes: LearnedRouteBook;
  readonly requests: AskedRequest[];
  readonly pageSize: number;
  readonly canary: string;
  readonly managementGroups: Readonly<Record<string, readonly string[]>> | undefined;
  readonly quota: Quota | undefined;
  readonly recording: readonly Exchange[];
}

const networkStatusPath =
  /^(.*\/providers\/Microsoft\.ApiManagement\/service\/[^/]+)(?:\/locations\/([^/]+))?\/networkstatus$/i;
const dependenciesPath =
  /^(.*\/providers\/Microsoft\.ApiManagement\/service\/[^/]+)\/outboundNetworkDependenciesEndpoints$/i;
const graphPath = '/providers/Microsoft.ResourceGraph/resources';

/** Whether a request reads from Azure: queries of Resource Graph and of learned routes are POSTs. */
export function isRead({ method, path }: Pick<AskedRequest, 'method' | 'path'>): boolean {
  if (method === 'GET') return true;
  return method === 'POST' && (path.toLowerCase() === graphPath.toLowerCase() || isLearnedAction(lastOf(path)));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function pathOf({ req }: Context): string {
  const { pathname } = new URL(req.url);
  try {
    return decodeURI(pathname);
  } catch {
    return pathname;
  }
}

/** Of this server, as the client calls it. */
function originOf({ req }: Context): string {
  return `https://${req.header('host') ?? new URL(req.url).host}`;
}

/** What tells one question of an action from another: a resource, or a page. */
function aboutOf(parameters: Resource | undefined): unknown {
  return parameters?.resourceId ?? parameters?.skipToken;
}

async function bodyOf(context: Context): Promise<Resource | undefined> {
  try {
    const body: unknown = await context.req.json();
    return isRecord(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

export function resourceManager(parts: Parts): Hono {
  const { store, graph, events, faults, identity, requests, pageSize, managementGroups, canary } = parts;
  const take = readBuckets(parts.quota, Date.now);
  const replay = replayed(parts.recording);
  const app = new Hono();

  const raise = (operation: Operation, resource?: unknown): void => {
    events.raise(resourceEvent(operation, canary));
    const notification = notificationEvent(operation, resource);
    if (notification) events.raise(notification);
  };

  const absent = (context: Context, id: ResourceId): Response => {
    const parent = id.parent === undefined ? undefined : parseResourceId(id.parent);
    return missingScope(context, store, id.id) ?? notFound(context, id, parent !== undefined && !!store.get(parent));
  };

  /** What stands before every answer: who asks, with which version, how much was asked already. */
  const gate = (context: Context): Response | undefined => {
    const path = pathOf(context);
    const { method } = context.req;
    const refused = identity.refusal(context.req.header('authorization'), originOf(context));
    if (refused) return problem(context, 401, refused.code, refused.message);
    if (context.req.query('api-version') === undefined) {
      const message = 'The api-version query parameter (?api-version=) is required for all requests.';
      return problem(context, 400, 'MissingApiVersionParameter', message);
    }
    if (!isRead({ method, path }) || path.toLowerCase() === graphPath.toLowerCase()) return undefined;
    if (faults.isDenied(path)) return forbidden(context, path);
    const taken = take(/^\/subscriptions\/([^/]+)/i.exec(path)?.[1]?.toLowerCase() ?? '');
    if ('waitSeconds' in taken) return throttled(context, taken.waitSeconds);
    context.header('x-ms-ratelimit-remaining-subscription-reads', String(taken.left));
    return undefined;
  };

  app.use(async (context, next) => {
    const { method } = context.req;
    const { pathname, search, searchParams } = new URL(context.req.url);
    await faults.delay();
    const fault = faults.strike(method, `${pathname}${search}`);
    const answer = async (): Promise<Response> => {
      const early = gate(context) ?? replay(context, originOf(context));
      if (early) context.res = early;
      else await next();
      return context.res;
    };
    if (fault) context.res = await breakAnswer(context, fault, answer, originOf(context));
    else await answer();
    context.header('x-ms-request-id', randomUUID());
    context.header('x-ms-correlation-request-id', randomUUID());
    const apiVersion = searchParams.get('api-version') ?? undefined;
    requests.push({ method, path: pathOf(context), apiVersion, status: context.res.status });
  });

  app.post(graphPath, async (context) => {
    context.header('x-ms-user-quota-remaining', '14');
    context.header('x-ms-user-quota-resets-after', '00:00:05');
    try {
      const scope = { pageSize, managementGroups, isDenied: (id: string) => faults.isDenied(id) };
      return context.json(answerQuery(graph.read(), await bodyOf(context), scope));
    } catch (error) {
      if (error instanceof GraphError) return context.json(error.body, error.status);
      throw error;
    }
  });

  app.get(brokenPage, (context) => problem(context, 500, 'InternalServerError', 'A fault that was asked for.'));

  app.get('/subscriptions', (context) => {
    const value = store
      .subscriptions()
      .filter((id) => !faults.isDenied(`/subscriptions/${id}`))
      .map((id) => ({ id: `/subscriptions/${id}`, subscriptionId: id, state: 'Enabled' }));
    return page(context, value, pageSize, originOf(context));
  });

  app.get('/subscriptions/:id', (context) => {
    const subscriptionId = context.req.param('id');
    const missing = missingScope(context, store, `/subscriptions/${subscriptionId}`);
    return missing ?? context.json({ id: `/subscriptions/${subscriptionId}`, subscriptionId, state: 'Enabled' });
  });

  /** What a service depends on: no resource, but below one. */
  const dependencies = (context: Context, path: string): Response | undefined => {
    const id = parseResourceId(dependenciesPath.exec(path)?.[1] ?? '');
    if (!id) return undefined;
    const service = store.get(id);
    return service ? context.json(parts.outboundDependencies.of(service)) : absent(context, id);
  };

  /** What a service observes of its network: no resource, but below one. */
  const observed = (context: Context, path: string): Response | undefined => {
    const [, serviceId = '', location] = networkStatusPath.exec(path) ?? [];
    const id = parseResourceId(serviceId);
    if (!id) return undefined;
    const service = store.get(id);
    if (!service) return absent(context, id);
    if (location === undefined) return context.json(parts.networkStatus.ofAll(service));
    const status = parts.networkStatus.ofLocation(service, location);
    return status ? context.json(status) : problem(context, 404, 'ResourceNotFound', `Location ${location} not found.`);
  };

  app.get('*', (context) => {
    const path = pathOf(context);
    const view = observed(context, path) ?? dependencies(context, path) ?? parts.learnedRoutes.outcome(context, path);
    if (view) return view;
    const id = parseResourceId(path);
    if (id) {
      const resource = store.get(id);
      return resource ? context.json(resource) : absent(context, id);
    }
    const list = listOf(path);
    if (!list) return problem(context, 404, 'NotFound', 'There is nothing at this path.');
    const missing = missingScope(context, store, list.scope);
    if (missing) return missing;
    const parent = parseResourceId(list.scope);
    if (parent && !store.get(parent)) return absent(context, parent);
    const resources = store.list(list.scope, list.type).filter((resource) => !faults.isDenied(String(resource.id)));
    return page(context, resources, pageSize, originOf(context));
  });

  app.on(['PUT', 'PATCH'], '*', async (context) => {
    const id = parseResourceId(pathOf(context));
    const body = await bodyOf(context);
    if (!id || !body) return problem(context, 400, 'InvalidRequestContent', 'The request content was invalid.');
    const changed = context.req.method === 'PUT' ? store.put(id, body) : store.patch(id, body);
    if (changed === 'absent') return absent(context, id);
    if (changed === 'noParent') {
      const parent = id.parent?.split('/').at(-1) ?? '';
      const message = `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`;
      return problem(context, 404, 'ParentResourceNotFound', message);
    }
    const resource = store.get(id) ?? {};
    raise({ kind: 'write', id }, resource);
    return context.json(resource, changed === 'created' ? 201 : 200);
  });

  app.delete('*', (context) => {
    const id = parseResourceId(pathOf(context));
    if (!id) return problem(context, 400, 'InvalidRequestContent', 'The path names no resource.');
    if (store.delete(id) === 'absent') return context.body(null, 204);
    raise({ kind: 'delete', id });
    return context.body(null, 200);
  });

  app.post('*', async (context) => {
    const path = pathOf(context);
    const cut = path.lastIndexOf('/');
    const id = parseResourceId(path.slice(0, cut));
    if (!id) return problem(context, 404, 'NotFound', 'There is nothing to act on.');
    if (!store.get(id)) return absent(context, id);
    const action = path.slice(cut + 1);
    raise({ kind: 'action', id, action });
    if (isLearnedAction(action)) {
      const about = aboutOf(await bodyOf(context));
      return parts.learnedRoutes.accept(context, id, path, originOf(context), about === undefined ? '' : String(about));
    }
    return context.json({});
  });

  return app;
}
