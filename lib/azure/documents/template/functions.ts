/**
 * The functions of template expressions that need nothing but their arguments. Source: Microsoft Learn, "ARM template
 * functions". What a deployment alone can know (keys, run-time state, time, random ids) is not here and stays unresolved.
 */
import { createHash } from 'node:crypto';
import { formatIpv4Prefix, parseIpv4Prefix, prefixSize } from '../../../address/prefix.ts';
import { Unresolvable } from './expression.ts';
import {
  defineOwn,
  flagOf,
  integerOf,
  isObject,
  isSame,
  iterationLimit,
  listOf,
  sizeLimit,
  textOf,
  type Value,
} from './values.ts';

type TemplateFunction = (...args: readonly Value[]) => Value;

/** One place of a composite format; `specifier` is `D3`, `000` or nothing. */
function formatOne(value: Value, specifier: string | undefined): string {
  if (specifier === undefined) {
    return Array.isArray(value) || isObject(value) ? JSON.stringify(value) : textOf(value);
  }
  const width = /^[Dd](\d{1,2})$/.exec(specifier)?.[1] ?? (/^0{1,20}$/.test(specifier) ? specifier.length : undefined);
  if (width === undefined) throw new Unresolvable(`format: ":${specifier}" is not known here`);
  return String(integerOf(value)).padStart(Number(width), '0');
}

/** As .NET's composite formatting, without alignment. */
function format(template: Value, ...values: readonly Value[]): string {
  return textOf(template).replace(/\{\{|\}\}|\{([^{}]*)\}/g, (found, inside: string | undefined) => {
    if (inside === undefined) return found[0] ?? '';
    const [, index, specifier] = /^(\d+)(?::(.+))?$/.exec(inside) ?? [];
    if (index === undefined || Number(index) >= values.length)
      throw new Unresolvable(`format: "${found}" is not known`);
    return formatOne(values[Number(index)], specifier);
  });
}

/** A stand-in that is the same wherever the arguments are the same, so that names made of it match in one template. */
function uniqueString(...args: readonly Value[]): string {
  return `${createHash('sha256').update(JSON.stringify(args)).digest('hex').slice(0, 13)}-uniqueString`;
}

function cidrSubnet(network: Value, length: Value, index: Value): string {
  const prefix = parseIpv4Prefix(textOf(network));
  const newLength = integerOf(length);
  const at = integerOf(index);
  if (!prefix || newLength < prefix.length || newLength > 32) throw new Unresolvable('cidrSubnet: not an IPv4 network');
  const start = prefix.start + at * prefixSize(newLength);
  if (at < 0 || start >= prefix.start + prefixSize(prefix.length)) {
    throw new Unresolvable('cidrSubnet: outside the network');
  }
  return formatIpv4Prefix(start, newLength);
}

function formatAddress(address: number): string {
  return formatIpv4Prefix(address, 32).replace('/32', '');
}

function cidrHost(network: Value, index: Value): string {
  const prefix = parseIpv4Prefix(textOf(network));
  if (!prefix) throw new Unresolvable('cidrHost: not an IPv4 network');
  const offset = 1 + integerOf(index);
  if (offset < 1 || offset >= prefixSize(prefix.length)) throw new Unresolvable('cidrHost: outside the network');
  return formatAddress(prefix.start + offset);
}

function parseCidr(network: Value): Value {
  const prefix = parseIpv4Prefix(textOf(network));
  if (!prefix) throw new Unresolvable('parseCidr: not an IPv4 network');
  const last = prefix.start + prefixSize(prefix.length) - 1;
  return {
    network: formatAddress(prefix.start),
    netmask: formatAddress(2 ** 32 - prefixSize(prefix.length)),
    broadcast: formatAddress(last),
    firstUsable: formatAddress(Math.min(prefix.start + 1, last)),
    lastUsable: formatAddress(Math.max(last - 1, prefix.start)),
    cidr: prefix.length,
  };
}

function union(...values: readonly Value[]): Value {
  if (values.every(Array.isArray)) {
    const all: Value[] = [];
    for (const each of values.flatMap(listOf)) if (!all.some((known) => isSame(known, each))) all.push(each);
    return all;
  }
  if (values.every(isObject))
    return values.reduce<Record<string, Value>>((merged, each) => mergeDeep(merged, each), {});
  throw new Unresolvable('union: lists or objects are expected');
}

function mergeDeep(a: Readonly<Record<string, Value>>, b: Readonly<Record<string, Value>>): Record<string, Value> {
  const merged = { ...a };
  for (const [name, value] of Object.entries(b)) {
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    defineOwn(merged, name, isObject(before) && isObject(value) ? mergeDeep(before, value) : value);
  }
  return merged;
}

function intersection(...values: readonly Value[]): Value {
  const [first, ...others] = values;
  if (isObject(first) && others.every(isObject)) {
    return Object.fromEntries(
      Object.entries(first).filter(([name, value]) => others.every((each) => isSame(each[name], value))),
    );
  }
  return listOf(first).filter((each) => others.every((list) => listOf(list).some((other) => isSame(each, other))));
}

function concat(...values: readonly Value[]): Value {
  return values.length > 0 && values.every(Array.isArray) ? values.flatMap(listOf) : values.map(textOf).join('');
}

function contains(container: Value, item: Value): boolean {
  if (typeof container === 'string') return container.includes(textOf(item));
  if (Array.isArray(container)) return container.some((each) => isSame(each, item));
  if (isObject(container))
    return Object.keys(container).some((name) => name.toLowerCase() === textOf(item).toLowerCase());
  throw new Unresolvable('contains: a text, list or object is expected');
}

function isEmptyValue(value: Value): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

function length(value: Value): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (isObject(value)) return Object.keys(value).length;
  throw new Unresolvable('length: a text, list or object is expected');
}

function substring(value: Value, start: Value, count?: Value): string {
  const from = integerOf(start);
  return textOf(value).slice(from, count === undefined ? undefined : from + integerOf(count));
}

function split(value: Value, delimiter: Value): string[] {
  let parts = [textOf(value)];
  for (const each of Array.isArray(delimiter) ? delimiter : [delimiter])
    parts = parts.flatMap((part) => part.split(textOf(each)));
  return parts;
}

function compare(operation: (a: number | string, b: number | string) => boolean): TemplateFunction {
  return (a, b) => {
    if (typeof a === 'string' && typeof b === 'string') return operation(a, b);
    return operation(integerOf(a), integerOf(b));
  };
}

function range(start: Value, count: Value): number[] {
  const length = integerOf(count);
  if (length > iterationLimit) throw new Unresolvable(`range: more than ${iterationLimit}`);
  return Array.from({ length: Math.max(0, length) }, (_, index) => integerOf(start) + index);
}

function parseJson(value: Value): Value {
  try {
    return JSON.parse(textOf(value));
  } catch {
    throw new Unresolvable('json: not valid JSON');
  }
}

function slice(value: Value, from: number, to?: number): Value {
  const [start, end] = [Math.max(0, from), to === undefined ? undefined : Math.max(0, to)];
  return typeof value === 'string' ? value.slice(start, end) : listOf(value).slice(start, end);
}

function padLeft(value: Value, width: Value, filler?: Value): string {
  if (integerOf(width) > sizeLimit) throw new Unresolvable('padLeft: too wide');
  return textOf(value).padStart(integerOf(width), filler === undefined ? ' ' : textOf(filler));
}

function divide(a: Value, b: Value, operation: (a: number, b: number) => number): number {
  if (integerOf(b) === 0) throw new Unresolvable('divided by zero');
  return operation(integerOf(a), integerOf(b));
}

/** A member of an object or an element of a list, by steps; null where there is none. */
function tryGet(value: Value, ...steps: readonly Value[]): Value {
  let at = value;
  for (const step of steps) {
    if (Array.isArray(at) && typeof step === 'number') at = at[step];
    else if (isObject(at)) {
      const name = Object.keys(at).find((each) => each.toLowerCase() === textOf(step).toLowerCase());
      at = name === undefined ? undefined : at[name];
    } else return null;
  }
  return at ?? null;
}

function indexOf(value: Value, part: Value, isLast: boolean): number {
  if (Array.isArray(value)) {
    const matches = value.map((each) => isSame(each, part));
    return isLast ? matches.lastIndexOf(true) : matches.indexOf(true);
  }
  const [text, wanted] = [textOf(value).toLowerCase(), textOf(part).toLowerCase()];
  return isLast ? text.lastIndexOf(wanted) : text.indexOf(wanted);
}

/** All of them, by their names in lower case. @throws Unresolvable from each, for arguments that do not fit */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  add: (a, b) => integerOf(a) + integerOf(b),
  sub: (a, b) => integerOf(a) - integerOf(b),
  mul: (a, b) => integerOf(a) * integerOf(b),
  div: (a, b) => divide(a, b, (x, y) => Math.trunc(x / y)),
  mod: (a, b) => divide(a, b, (x, y) => x % y),
  min: (...args) => Math.min(...(args.length === 1 ? listOf(args[0]) : args).map(integerOf)),
  max: (...args) => Math.max(...(args.length === 1 ? listOf(args[0]) : args).map(integerOf)),
  not: (value) => !flagOf(value),
  bool: flagOf,
  true: () => true,
  false: () => false,
  null: () => null,
  equals: isSame,
  less: compare((a, b) => a < b),
  lessorequals: compare((a, b) => a <= b),
  greater: compare((a, b) => a > b),
  greaterorequals: compare((a, b) => a >= b),
  int: integerOf,
  float: (value) => Number(textOf(value)),
  string: (value) => (typeof value === 'object' ? JSON.stringify(value) : textOf(value)),
  json: parseJson,
  concat,
  format,
  tolower: (value) => textOf(value).toLowerCase(),
  toupper: (value) => textOf(value).toUpperCase(),
  trim: (value) => textOf(value).trim(),
  replace: (value, from, to) => textOf(value).replaceAll(textOf(from), textOf(to)),
  split,
  join: (value, delimiter) => listOf(value).map(textOf).join(textOf(delimiter)),
  substring,
  startswith: (value, part) => textOf(value).toLowerCase().startsWith(textOf(part).toLowerCase()),
  endswith: (value, part) => textOf(value).toLowerCase().endsWith(textOf(part).toLowerCase()),
  indexof: (value, part) => indexOf(value, part, false),
  lastindexof: (value, part) => indexOf(value, part, true),
  padleft: padLeft,
  length,
  empty: isEmptyValue,
  contains,
  first: (value) => (typeof value === 'string' ? value.slice(0, 1) : listOf(value)[0]),
  last: (value) => (typeof value === 'string' ? value.slice(-1) : listOf(value).at(-1)),
  take: (value, count) => slice(value, 0, integerOf(count)),
  skip: (value, count) => slice(value, integerOf(count)),
  array: (value) => (Array.isArray(value) ? value : [value]),
  createarray: (...args) => args,
  createobject: (...args) =>
    Object.fromEntries(
      Array.from({ length: args.length / 2 }, (_, index) => [textOf(args[index * 2]), args[index * 2 + 1]]),
    ),
  flatten: (value) => listOf(value).flat(1),
  union,
  shallowmerge: (value) => Object.fromEntries(listOf(value).filter(isObject).flatMap(Object.entries)),
  tryget: tryGet,
  intersection,
  range,
  objectkeys: (value) => (isObject(value) ? Object.keys(value).sort() : []),
  items: (value) =>
    isObject(value)
      ? Object.keys(value)
          .sort()
          .map((key) => ({ key, value: value[key] }))
      : [],
  uniquestring: uniqueString,
  guid: uniqueString,
  base64: (value) => Buffer.from(textOf(value)).toString('base64'),
  base64tostring: (value) => Buffer.from(textOf(value), 'base64').toString('utf8'),
  uricomponent: (value) => encodeURIComponent(textOf(value)),
  cidrsubnet: cidrSubnet,
  cidrhost: cidrHost,
  parsecidr: parseCidr,
};
