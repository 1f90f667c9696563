/** From the id of what changed to the keys under which somebody may have read it. No I/O. */
import { idKey } from '../network/model.ts';

interface Split {
  /** `/subscriptions/<s>/resourcegroups/<g>` or what else stands before the provider, lower case. */
  readonly scope: string;
  readonly namespace: string;
  /** type, name, type, name, ... */
  readonly segments: readonly string[];
}

function split(resourceId: string): Split | undefined {
  const segments = idKey(resourceId)
    .split('/')
    .filter((segment) => segment !== '');
  const provider = segments.lastIndexOf('providers');
  const namespace = segments[provider + 1];
  const tail = segments.slice(provider + 2);
  if (provider < 0 || namespace === undefined || tail.length < 2 || tail.length % 2 !== 0) return undefined;
  return { scope: `/${segments.slice(0, provider).join('/')}`, namespace, segments: tail };
}

/**
 * The id itself, its parents down to the top-level resource, and the lists in which each of them stands (see `listKey`); lower
 * case, without duplicates. Of an id that is no resource, such as a resource group: only itself.
 */
export function keysOf(resourceId: string): readonly string[] {
  const parts = split(resourceId);
  if (!parts) return [idKey(resourceId)];
  const { scope, namespace, segments } = parts;
  const keys: string[] = [];
  const subscription = /^\/subscriptions\/[^/]+/.exec(scope)?.[0];
  let id = `${scope === '/' ? '' : scope}/providers/${namespace}`;
  for (let index = 0; index < segments.length; index += 2) {
    const [type = '', name = ''] = segments.slice(index, index + 2);
    if (index > 0) keys.push(`${id}/${type}`);
    else if (subscription !== undefined) {
      keys.push(`${subscription}/providers/${namespace}/${type}`);
      if (scope !== subscription) keys.push(`${scope}/providers/${namespace}/${type}`);
    }
    id = `${id}/${type}/${name}`;
    keys.push(id);
  }
  return [...new Set(keys)].reverse();
}

/** The API Management service, lower case, that an id is or stands inside of. */
export function serviceOf(resourceId: string): string | undefined {
  return /^(.*\/providers\/microsoft\.apimanagement\/service\/[^/]+)(\/.*)?$/.exec(idKey(resourceId))?.[1];
}
