/** What a resource id says: its type, its name, its parent. */

/** `/subscriptions/s/resourceGroups/g/providers/A/b/x/c/y` -> `a/b/c` (lower case); `undefined` for no such id. */
export function typeOfId(id: string): string | undefined {
  const segments = id.split('/').filter((segment) => segment !== '');
  const provider = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  if (provider < 0 || segments.length < provider + 4) return undefined;
  const tail = segments.slice(provider + 2);
  if (tail.length % 2 !== 0) return undefined;
  return [segments[provider + 1], ...tail.filter((_, index) => index % 2 === 0)].join('/').toLowerCase();
}

export function nameOfId(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

/** The id without its last type and name. */
export function parentId(id: string): string {
  const segments = id.split('/');
  return segments.slice(0, -2).join('/');
}
