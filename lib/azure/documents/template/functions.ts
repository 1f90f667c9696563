/**
 * The functions of template expressions that need nothing but their arguments. Source: Microsoft Learn, "ARM template
 * functions". What a deployment alone can know (keys, run-time state, time, random ids) is not here and stays unresolved.
 */
import { createHash } from 'node:crypto';
import { formatIpv4Prefix, parseIpv4Prefix, prefixSize } from '../../../address/prefix.ts';
import { isRecord } from '../fields.ts';
import { Unresolvable } from './expression.ts';

type Value = unknown;
type TemplateFunction = (...args: readonly Value[]) => Value;

function text(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean')
    return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  throw new Unresolvable('a text is expected');
}

function integer(value: Value): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number);
  throw new Unresolvable('a number is expected');
}

function list(value: Value): readonly Value[] {
  if (Array.isArray(value)) return value;
  throw new Unresolvable('a list is expected');
}

function flag(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new Unresolvable('true or false is expected');
}

export function isSame(a: Value, b: Value): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  if (isRecord(a) && isRecord(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
  }
  return a === b;
}

/** As .NET's composite formatting, without alignment and number formats. */
function format(template: Value, ...values: readonly Value[]): string {
  return text(template).replace(/\{\{|\}\}|\{(\d+)\}/g, (found, index: string | undefined) => {
    if (index === undefined) return found[0] ?? '';
    const value = values[Number(index)];
    return Array.isArray(value) || isRecord(value) ? JSON.stringify(value) : text(value);
  });
}

/** A stand-in that is the same wherever the arguments are the same, so that names made of it match in one template. */
function uniqueString(...args: readonly Value[]): string {
  return createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 13);
}

function cidrSubnet(network: Value, length: Value, index: Value): string {
  const prefix = parseIpv4Prefix(text(network));
  const newLength = integer(length);
  if (!prefix || newLength < prefix.length || newLength > 32) throw new Unresolvable('cidrSubnet: not an IPv4 network');
  const start = prefix.start + integer(index) * prefixSize(newLength);
  if (start >= prefix.start + prefixSize(prefix.length)) throw new Unresolvable('cidrSubnet: outside the network');
  return formatIpv4Prefix(start, newLength);
}

function cidrHost(network: Value, index: Value): string {
  const prefix = parseIpv4Prefix(text(network));
  if (!prefix) throw new Unresolvable('cidrHost: not an IPv4 network');
  return formatIpv4Prefix(prefix.start + 1 + integer(index), 32).replace('/32', '');
}

function union(...values: readonly Value[]): Value {
  if (values.every(Array.isArray)) {
    const all: Value[] = [];
    for (const each of values.flatMap(list)) if (!all.some((known) => isSame(known, each))) all.push(each);
    return all;
  }
  if (values.every(isRecord))
    return values.reduce<Record<string, Value>>((merged, each) => mergeDeep(merged, each), {});
  throw new Unresolvable('union: lists or objects are expected');
}

function mergeDeep(a: Record<string, Value>, b: Readonly<Record<string, Value>>): Record<string, Value> {
  const merged = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = merged[name];
    merged[name] = isRecord(before) && isRecord(value) ? mergeDeep({ ...before }, value) : value;
  }
  return merged;
}

function concat(...values: readonly Value[]): Value {
  return values.length > 0 && values.every(Array.isArray) ? values.flatMap(list) : values.map(text).join('');
}

function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') return container.includes(text(item));
  if (Array.isArray(container)) return container.some((each) => isSame(each, item));
  if (isRecord(container))
    return Object.keys(container).some((name) => name.toLowerCase() === text(item).toLowerCase());
  throw new Unresolvable('contains: a text, list or object is expected');
}

function isEmptyValue(value: Value): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function length(value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (isRecord(value)) return Object.keys(value).length;
  throw new Unresolvable('length: a text, list or object is expected');
}

function substring(value: Value, start: Value, count?: Value): string {
  const from = integer(start);
  return text(value).slice(from, count === undefined ? undefined : from + integer(count));
}

function split(value: Value, delimiter: Value): string[] {
  let parts = [text(value)];
  for (const each of Array.isArray(delimiter) ? delimiter : [delimiter])
    parts = parts.flatMap((part) => part.split(text(each)));
  return parts;
}

function compare(operation: (a: number | string, b: number | string) => boolean): TemplateFunction {
  return (a, b) => {
    if (typeof a === 'string' && typeof b === 'string') return operation(a, b);
    return operation(integer(a), integer(b));
  };
}

const rangeLimit = 10_000;

function range(start: Value, count: Value): number[] {
  if (integer(count) > rangeLimit) throw new Unresolvable(`range: more than ${rangeLimit}`);
  return Array.from({ length: integer(count) }, (_, index) => integer(start) + index);
}

function parseJson(value: Value): Value {
  try {
    return JSON.parse(text(value));
  } catch {
    throw new Unresolvable('json: not valid JSON');
  }
}

function slice(value: Value, from: number, to?: number): Value {
  return typeof value === 'string' ? value.slice(from, to) : list(value).slice(from, to);
}

export const functions: Readonly<Record<string, TemplateFunction>> = {
  add: (a, b) => integer(a) + integer(b),
  sub: (a, b) => integer(a) - integer(b),
  mul: (a, b) => integer(a) * integer(b),
  div: (a, b) => Math.trunc(integer(a) / integer(b)),
  mod: (a, b) => integer(a) % integer(b),
  min: (...args) => Math.min(...(args.length === 1 ? list(args[0]) : args).map(integer)),
  max: (...args) => Math.max(...(args.length === 1 ? list(args[0]) : args).map(integer)),
  and: (...args) => args.every(flag),
  or: (...args) => args.some(flag),
  not: (value) => !flag(value),
  bool: flag,
  true: () => true,
  false: () => false,
  null: () => null,
  equals: isSame,
  less: compare((a, b) => a < b),
  lessorequals: compare((a, b) => a <= b),
  greater: compare((a, b) => a > b),
  greaterorequals: compare((a, b) => a >= b),
  int: integer,
  string: (value) => (typeof value === 'object' ? JSON.stringify(value) : text(value)),
  json: parseJson,
  concat,
  format,
  tolower: (value) => text(value).toLowerCase(),
  toupper: (value) => text(value).toUpperCase(),
  trim: (value) => text(value).trim(),
  replace: (value, from, to) => text(value).replaceAll(text(from), text(to)),
  split,
  join: (value, delimiter) => list(value).map(text).join(text(delimiter)),
  substring,
  startswith: (value, part) => text(value).toLowerCase().startsWith(text(part).toLowerCase()),
  endswith: (value, part) => text(value).toLowerCase().endsWith(text(part).toLowerCase()),
  indexof: (value, part) =>
    Array.isArray(value)
      ? value.findIndex((each) => isSame(each, part))
      : text(value).toLowerCase().indexOf(text(part).toLowerCase()),
  padleft: (value, width, filler) => text(value).padStart(integer(width), filler === undefined ? ' ' : text(filler)),
  length,
  empty: isEmptyValue,
  contains,
  first: (value) => (typeof value === 'string' ? value.slice(0, 1) : list(value)[0]),
  last: (value) => (typeof value === 'string' ? value.slice(-1) : list(value).at(-1)),
  take: (value, count) => slice(value, 0, integer(count)),
  skip: (value, count) => slice(value, integer(count)),
  array: (value) => (Array.isArray(value) ? value : [value]),
  createarray: (...args) => args,
  createobject: (...args) =>
    Object.fromEntries(
      Array.from({ length: args.length / 2 }, (_, index) => [text(args[index * 2]), args[index * 2 + 1]]),
    ),
  flatten: (value) => list(value).flat(1),
  union,
  intersection: (a, b) => list(a).filter((each) => list(b).some((other) => isSame(each, other))),
  range,
  coalesce: (...args) => args.find((each) => each !== null && each !== undefined) ?? null,
  objectkeys: (value) => (isRecord(value) ? Object.keys(value).sort() : []),
  items: (value) =>
    isRecord(value)
      ? Object.keys(value)
          .sort()
          .map((key) => ({ key, value: value[key] }))
      : [],
  uniquestring: uniqueString,
  guid: uniqueString,
  base64: (value) => Buffer.from(text(value)).toString('base64'),
  base64tostring: (value) => Buffer.from(text(value), 'base64').toString('utf8'),
  uricomponent: (value) => encodeURIComponent(text(value)),
  cidrsubnet: cidrSubnet,
  cidrhost: cidrHost,
};
