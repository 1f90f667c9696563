/**
 * Reading values that may be absent, null or of the wrong type, as exports have them. Nothing here throws: what is of
 * the wrong type is noted as unresolved, so that it can never pass for absent.
 */
import type { Unresolved } from '../../network/model.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** The list of a field that was not given: always this very one, so that it can be told from an empty list. */
export const notGiven: readonly never[] = Object.freeze([]);

export function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** One resource's own fields: under `properties` (Resource Manager), else at the top (as `az ... show` prints them). */
export function propertiesOf(raw: Fields): Fields {
  const properties = own(raw, 'properties');
  return isRecord(properties) ? properties : raw;
}

/** A field of the object itself, never of its prototype. */
export function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The reason for fields of a resource that is only named, as `az resource list` does. */
export const noProperties = 'is not known: the input gives the resource without its properties';

/** Why a value of the wrong type is not known. */
export function reasonFor(value: unknown, wanted: string): string {
  const isExpression = typeof value === 'string' && value.startsWith('[');
  return isExpression ? `expression "${value}" was not evaluated` : `is not ${wanted} in the input`;
}

/** Fields that stand beside `properties`, also where those are left out. */
const namingFields = new Set(['provisioningState', 'sku', 'platformVersion', 'name', 'id']);

/** Reads fields of one object and remembers those of the wrong type. */
export class FieldReader {
  readonly unresolved: Record<string, string> = {};
  private readonly fields: Fields;
  private hasContent = false;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  private get(name: string): unknown {
    if (!Object.hasOwn(this.fields, name)) return undefined;
    if (!this.hasContent && !namingFields.has(name)) this.hasContent = true;
    const value = this.fields[name];
    return value === null ? undefined : value;
  }

  /** To be called last: notes these fields as not known when `raw` does no more than name its resource. */
  demand(raw: Fields, ...names: readonly string[]): void {
    if (this.fields !== raw || this.hasContent) return;
    for (const name of names) this.unresolved[name] ??= noProperties;
  }

  private wrong(name: string, wanted: string, value: unknown): undefined {
    this.unresolved[name] = reasonFor(value, wanted);
    return undefined;
  }

  /** Text; numbers count as text (ports, priorities); the empty text counts as absent. */
  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return String(value);
    return this.wrong(name, 'text', value);
  }

  flag(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (typeof value === 'string' && /^(?:true|false)$/i.test(value)) return value.toLowerCase() === 'true';
    return this.wrong(name, 'true or false', value);
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || value === '') return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    return this.wrong(name, 'a number', value);
  }

  record(name: string): Fields | undefined {
    const value = this.get(name);
    if (value === undefined || isRecord(value)) return value;
    return this.wrong(name, 'an object', value);
  }

  private list(name: string): readonly unknown[] {
    const value = this.get(name);
    if (value === undefined || value === '') return notGiven;
    if (Array.isArray(value)) return value;
    this.wrong(name, 'a list', value);
    return notGiven;
  }

  /** The objects of a list, each read, without those that yield nothing; elements of other kinds are noted. */
  records<T>(name: string, read: (record: Fields) => T | undefined): readonly T[] {
    const list = this.list(name);
    if (list === notGiven) return notGiven;
    const values: T[] = [];
    for (const each of list) {
      if (isRecord(each)) {
        const value = read(each);
        if (value !== undefined) values.push(value);
      } else if (each !== null) this.wrong(name, 'a list of objects', each);
    }
    return values;
  }

  /** The texts of a list, without empty ones; numbers count as text. */
  texts(name: string): readonly string[] {
    const list = this.list(name);
    if (list === notGiven) return notGiven;
    const texts: string[] = [];
    for (const each of list) {
      if (typeof each === 'string') {
        if (each !== '') texts.push(each);
      } else if (typeof each === 'number' && Number.isFinite(each)) texts.push(String(each));
      else if (each !== null) this.wrong(name, 'a list of texts', each);
    }
    return texts;
  }

  /** A singular member and its plural twin, joined, each value once. */
  joined(singular: string, plural: string): readonly string[] {
    const one = this.text(singular);
    const many = this.texts(plural);
    if (one === undefined) return many.length > 1 ? [...new Set(many)] : many;
    return many.length === 0 ? [one] : [...new Set([one, ...many])];
  }

  /** The id of a sub-resource, `{ "id": "..." }`. One that names nothing is not the same as none. */
  reference(name: string): string | undefined {
    const record = this.record(name);
    return record && this.idOf(name, record);
  }

  /** The ids of a list of sub-resources. */
  references(name: string): readonly string[] {
    return this.records(name, (record) => this.idOf(name, record));
  }

  private idOf(name: string, record: Fields): string | undefined {
    const id = own(record, 'id');
    if (typeof id !== 'string' || id === '') {
      this.unresolved[name] = 'names no id in the input';
      return undefined;
    }
    if (id.startsWith('[')) return this.wrong(name, 'an id', id);
    return id.length > 1 && id.endsWith('/') ? id.slice(0, -1) : id;
  }

  /** Takes over, under `name`, what could not be read in a part of this object. */
  adopt(name: string, part: { readonly unresolved?: Unresolved }): void {
    for (const [field, reason] of Object.entries(part.unresolved ?? {})) {
      this.unresolved[name] ??= field === name ? reason : `${field} ${reason}`;
    }
  }

  /** `{ unresolved }` when something was of the wrong type, else nothing: to be spread into a resource. */
  problems(): { unresolved?: Unresolved } {
    return Object.keys(this.unresolved).length === 0 ? {} : { unresolved: this.unresolved };
  }
}

/** The fields of an object that are not undefined, so that what is absent is absent. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}

/** The records of a list; nothing where it is none. */
export function recordsOf(fields: Fields, name: string): readonly Fields[] {
  const list = own(fields, name);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** The id in a reference, `{ id }`. */
export function referenceOf(fields: Fields, name: string): string | undefined {
  const reference = own(fields, name);
  const id = isRecord(reference) ? own(reference, 'id') : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}
