/** Values of template expressions, told apart; each function throws Unresolvable for a value of another kind. */
import { isRecord } from '../fields.ts';
import { Unevaluated, Unresolvable } from './expression.ts';

export type Value = unknown;

/** Turns of a loop, elements of a list. */
export const iterationLimit = 10_000;
/** Characters and elements of one value. */
export const sizeLimit = 1_000_000;

export function isObject(value: Value): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && !(value instanceof Unevaluated);
}

export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  throw new Unresolvable('a text is expected');
}

export function integerOf(value: Value): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return Math.trunc(number);
  throw new Unresolvable('a number is expected');
}

export function listOf(value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw new Unresolvable('a list is expected');
  if (value.length > iterationLimit) throw new Unresolvable(`a list of more than ${iterationLimit}`);
  return value;
}

export function flagOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw new Unresolvable('true or false is expected');
}

/** @throws Unresolvable where a part of either is not known */
export function isSame(a: Value, b: Value): boolean {
  for (const each of [a, b]) if (each instanceof Unevaluated) throw new Unresolvable(`${each.text} is not known`);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  }
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return names.length === Object.keys(b).length && names.every((name) => isSame(a[name], b[name]));
  }
  return a === b;
}

/** Characters and elements, parts included; stops counting beyond the limit. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || value instanceof Unevaluated) return 1;
  let size = 1;
  for (const each of Array.isArray(value) ? value : Object.values(value)) {
    size += sizeOf(each);
    if (size > sizeLimit) break;
  }
  return size;
}

/** Never through a setter: a member may be called `__proto__`. */
export function defineOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[name] = value;
  }
}
