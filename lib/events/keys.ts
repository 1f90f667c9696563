/** From the id of what changed to the keys under which somebody may have read it. No I/O. */
import { idKey } from '../network/model.ts';

interface ResourcePath {
  /** Id of the subscription, the group or the resource that it stands in or extends; empty for the tenant. */
  readonly scope: string;
  readonly namespace: string;
  /** type, name, type, name, ...; where the last type has no name, that of a list or an operation. */
  readonly segments: readonly string[];
}

/** The grammar of resource ids, from the front, because a resource may itself be called `providers`. */
const scopePattern = /^(?:\/subscriptions\/[^/]+(?:\/resourcegroups\/[^/]+)?)?(?=\/providers\/)/;
const extensionPattern = /^(?:\/[^/]+\/[^/]+)+?(?=\/providers\/[^/]+\/[^/]+\/[^/]+)/;

function normalised(id: string): string {
  return idKey(id)
    .replace(/\/{2,}/g, '/')
    .replace(/(?<=.)\/$/, '');
}

/** `undefined` for what is no resource: a subscription, a resource group, anything else. */
function pathOf(id: string): ResourcePath | undefined {
  let scope = scopePattern.exec(id)?.[0];
  if (scope === undefined) return undefined;
  let [, , namespace = '', ...segments] = id.slice(scope.length).split('/');
  for (;;) {
    // An extension, such as a lock: what it extends has not changed.
    const rest = `/${segments.join('/')}`;
    const extended = extensionPattern.exec(rest)?.[0];
    if (extended === undefined) break;
    scope = `${scope}/providers/${namespace}${extended}`;
    [, , namespace = '', ...segments] = rest.slice(extended.length).split('/');
  }
  return segments.length < 2 ? undefined : { scope, namespace, segments };
}

/**
 * The id itself, its parents down to the top-level resource, and the lists in which each of them stands (see `listKey`);
 * lower case, without duplicates, the id first. Of what is no resource, such as a resource group: only itself.
 */
export function keysOf(resourceId: string): readonly string[] {
  const whole = normalised(resourceId);
  const path = pathOf(whole);
  if (!path) return [whole];
  const { scope, namespace, segments } = path;
  const subscription = /^\/subscriptions\/[^/]+/.exec(scope)?.[0] ?? '';
  const keys: string[] = [];
  let id = `${scope}/providers/${namespace}`;
  for (let index = 0; index + 1 < segments.length; index += 2) {
    const [type, name] = segments.slice(index, index + 2);
    keys.push(index === 0 ? `${subscription}/providers/${namespace}/${type}` : `${id}/${type}`);
    id = `${id}/${type}/${name}`;
    keys.push(id);
  }
  return [...new Set([whole, ...keys.reverse()])];
}

/** The API Management service, lower case, that an id is or stands inside of. */
export function serviceOf(resourceId: string): string | undefined {
  return /^(.*?\/providers\/microsoft\.apimanagement\/service\/[^/]+)(\/.*)?$/.exec(normalised(resourceId))?.[1];
}
