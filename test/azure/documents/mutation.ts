/** Documents with one value replaced, for what must hold whatever stands where. */
import type { Json } from './reading.ts';

/** All places in a document, as paths. */
export function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).flatMap(([name, each]) =>
    places(each, [...path, Array.isArray(value) ? Number(name) : name]),
  );
  return [path, ...inner];
}

/** The document with one value in one place replaced. */
export function replaced(value: unknown, [first, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (first === undefined) return by;
  if (Array.isArray(value)) return value.map((each, index) => (index === first ? replaced(each, rest, by) : each));
  const fields = value as Json;
  return { ...fields, [first]: replaced(fields[first], rest, by) };
}
