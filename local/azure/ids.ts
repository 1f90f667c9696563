/** Resource ids taken apart as Resource Manager does. */

export interface ResourceId {
  /** As it was asked for. */
  readonly id: string;
  /** Lower case. */
  readonly key: string;
  /** `Microsoft.Network/routeTables/routes`, spelled as in the id. */
  readonly type: string;
  readonly name: string;
  readonly subscription: string | undefined;
  /** Id of the resource that this one is inside of; absent for a top-level one. */
  readonly parent: string | undefined;
}

/** @returns `undefined` for a path that is no resource, such as a list */
export function parseResourceId(path: string): ResourceId | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  const provider = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  const tail = segments.slice(provider + 2);
  const namespace = segments[provider + 1];
  if (provider < 0 || namespace === undefined || tail.length < 2 || tail.length % 2 !== 0) return undefined;
  const id = `/${segments.join('/')}`;
  return {
    id,
    key: id.toLowerCase(),
    type: [namespace, ...tail.filter((_, index) => index % 2 === 0)].join('/'),
    name: tail.at(-1) ?? '',
    subscription: /^\/subscriptions\/([^/]+)/i.exec(id)?.[1],
    parent: tail.length > 2 ? `/${segments.slice(0, -2).join('/')}` : undefined,
  };
}
