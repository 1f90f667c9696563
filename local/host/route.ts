/**
 * Routes of HTTP functions as the real host has them (Microsoft Learn, "Azure Functions HTTP trigger", "Customize the HTTP
 * endpoint"; ASP.NET Core, "Route constraint reference"): without regard to case, `{name}`, `{name?}`, `{*rest}`, and constraints.
 */

/** Of the reference's constraints those without an argument that a path can be tested against. */
const constraints: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]+',
  bool: 'true|false',
  guid: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
  int: '-?\\d+',
  long: '-?\\d+',
};

export interface Route {
  /** @returns the parameters that the path names, or nothing where it is another's */
  readonly match: (path: string) => Readonly<Record<string, string>> | undefined;
  /** Sorts before those that say less. */
  readonly rank: string;
}

interface Segment {
  readonly pattern: string;
  readonly parameter?: string;
  readonly rank: number;
}

function parse(segment: string, route: string): Segment {
  const found = /^\{(?<star>\*{0,2})(?<name>\w+)(?::(?<constraint>\w+))?(?<optional>\??)\}$/.exec(segment)?.groups;
  if (!found) {
    if (/[{}]/.test(segment)) throw new Error(`the route ${route}: this host does not know "${segment}"`);
    return { pattern: `/${segment.replace(/[.*+?^$()|[\]\\]/g, '\\$&')}`, rank: 0 };
  }
  const { star, name = '', constraint, optional } = found;
  if (star) return { pattern: '(?:/(.*))?', parameter: name, rank: 3 };
  const value = constraint === undefined ? '[^/]+' : constraints[constraint];
  if (value === undefined)
    throw new Error(`the route ${route}: this host does not know the constraint "${constraint}"`);
  const pattern = `/(${value})`;
  const rank = constraint === undefined ? 2 : 1;
  return { pattern: optional ? `(?:${pattern})?` : pattern, parameter: name, rank };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** @throws Error for a route with parts that this host does not know */
export function compileRoute(route: string): Route {
  const segments = route
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => parse(segment, route));
  const pattern = new RegExp(`^${segments.map((segment) => segment.pattern).join('')}/?$`, 'i');
  const names = segments.flatMap(({ parameter }) => parameter ?? []);
  return {
    rank: segments.map(({ rank }) => rank).join(''),
    match: (path) => {
      const found = pattern.exec(path);
      if (!found) return undefined;
      const values = names.map((name, index) => [name, found[index + 1]] as const);
      return Object.fromEntries(values.flatMap(([name, value]) => (value ? [[name, decode(value)]] : [])));
    },
  };
}
