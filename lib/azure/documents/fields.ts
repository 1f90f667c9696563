/**
 * Reading values that may be absent, null or of the wrong type, as exports have them. Nothing here throws: what is of
 * the wrong type is noted as unresolved, so that it can never pass for absent.
 */
export type Fields = Readonly<Record<string, unknown>>;

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

/** Reads fields of one object and remembers those of the wrong type. */
export class FieldReader {
  readonly unresolved: Record<string, string> = {};
  private readonly fields: Fields;

  constructor(fields: Fields) {
    this.fields = fields;
  }

  private get(name: string): unknown {
    const value = own(this.fields, name);
    return value === null ? undefined : value;
  }

  private wrong(name: string, wanted: string, value: unknown): undefined {
    this.unresolved[name] =
      typeof value === 'string' && value.startsWith('[')
        ? `expression "${value}" was not evaluated`
        : `is not ${wanted} in the input`;
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
    if (value === 'true' || value === 'false') return value === 'true';
    return this.wrong(name, 'true or false', value);
  }

  number(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || value === '') return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    return this.wrong(name, 'a number', value);
  }

  record(name: string): Fields | undefined {
    const value = this.get(name);
    if (value === undefined || isRecord(value)) return value;
    return this.wrong(name, 'an object', value);
  }

  /** The objects of a list; other elements are noted. */
  records(name: string): readonly Fields[] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.wrong(name, 'a list', value);
      return [];
    }
    const records = value.filter(isRecord);
    if (records.length < value.filter((each) => each !== null).length) this.wrong(name, 'a list of objects', value);
    return records;
  }

  /** The texts of a list, without empty ones; numbers count as text. */
  texts(name: string): readonly string[] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      if (typeof value === 'string' && value === '') return [];
      this.wrong(name, 'a list', value);
      return [];
    }
    const texts: string[] = [];
    for (const each of value) {
      if (typeof each === 'string') {
        if (each !== '') texts.push(each);
      } else if (typeof each === 'number') texts.push(String(each));
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

  /** The id of a sub-resource, `{ "id": "..." }`. */
  reference(name: string): string | undefined {
    const record = this.record(name);
    if (!record) return undefined;
    const id = own(record, 'id');
    if (typeof id === 'string' && id !== '' && !id.startsWith('[')) return id;
    if (id === undefined || id === null || id === '') return undefined;
    return this.wrong(name, 'a reference', id);
  }

  /** The ids of a list of sub-resources. */
  references(name: string): readonly string[] {
    return this.records(name).flatMap((record) => {
      const id = own(record, 'id');
      return typeof id === 'string' && id !== '' ? [id] : [];
    });
  }

  /** `{ unresolved }` when something was of the wrong type, else nothing: to be spread into a resource. */
  problems(): { unresolved?: Readonly<Record<string, string>> } {
    return Object.keys(this.unresolved).length === 0 ? {} : { unresolved: this.unresolved };
  }
}

/** The fields of an object that are not undefined, so that what is absent is absent. */
export function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as { [K in keyof T]: Exclude<T[K], undefined> };
}
