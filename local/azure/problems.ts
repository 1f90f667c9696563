/**
 * How Resource Manager says no: code and message in `error`, in the words of the real one (recorded answers; Microsoft Learn,
 * "Common Azure deployment errors"). Nothing is decided here.
 */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { ResourceId } from './ids.ts';
import type { ResourceStore } from './store.ts';

export function problem(context: Context, status: number, code: string, message: string): Response {
  return context.json({ error: { code, message } }, status as ContentfulStatusCode);
}

/** `Microsoft.Network/routeTables/read` of `GET .../routeTables/rt`, for a resource as for a list. */
export function actionOf(method: string, path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  const provider = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (provider < 0) return 'Microsoft.Resources/subscriptions/read';
  const [namespace = '', ...tail] = segments.slice(provider + 1);
  const type = [namespace, ...tail.filter((_, index) => index % 2 === 0)].join('/');
  const verbs: Readonly<Record<string, string>> = { GET: 'read', DELETE: 'delete', POST: 'action' };
  return `${type}/${verbs[method] ?? 'write'}`;
}

export function forbidden(context: Context, path: string): Response {
  const action = actionOf(context.req.method, path);
  return problem(
    context,
    403,
    'AuthorizationFailed',
    `The client with object id '00000000-0000-0000-0000-00000000beef' does not have authorization to perform action '${action}' over scope '${path}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

/** @param seconds of `Retry-After`, where it is sent */
export function throttled(context: Context, seconds: number | undefined): Response {
  if (seconds !== undefined) context.header('Retry-After', String(seconds));
  const until = seconds === undefined ? 'later' : `after '${seconds}' seconds`;
  return problem(
    context,
    429,
    'SubscriptionRequestsThrottled',
    `Number of requests for the subscription exceeded. Please try again ${until} after additional tokens are available.`,
  );
}

/** The subscription or the group that a path is in, if it is not there. */
export function missingScope(context: Context, store: ResourceStore, path: string): Response | undefined {
  const [, , subscription = '', , group = ''] = path.split('/');
  switch (store.missingScope(path)) {
    case 'subscription':
      return problem(context, 404, 'SubscriptionNotFound', `The subscription '${subscription}' could not be found.`);
    case 'resourceGroup':
      return problem(context, 404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
    case undefined:
      return undefined;
  }
}

/** A child of something that is there is not found in other words than a resource of its own. */
export function notFound(context: Context, id: ResourceId, hasParent: boolean): Response {
  if (hasParent) return problem(context, 404, 'NotFound', `Resource ${id.id} not found.`);
  const [, , , , group = ''] = id.id.split('/');
  // Of a child whose parent is missing, the resource that stands on its own is named.
  const top = id.id.split('/').slice(0, 9);
  return problem(
    context,
    404,
    'ResourceNotFound',
    `The Resource '${top.slice(6).join('/')}' under resource group '${group}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}
