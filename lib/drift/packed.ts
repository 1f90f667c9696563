/**
 * Values in table entities: JSON, compressed, in as many binary properties as it takes (Azure Tables: 64 KB a property,
 * 1 MB an entity). Reads back what it wrote and nothing else.
 */
import { gunzipSync, gzipSync } from 'node:zlib';

/** Bytes a property holds. */
const propertyBytes = 64 * 1024;
/** What leaves room for an entity's other properties. */
const mostParts = 14;

export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/**
 * @returns properties `part0`, `part1`, ...
 * @throws TooLargeError for what does not fit into one entity
 */
export function pack(value: unknown): Record<string, Uint8Array> {
  const bytes = gzipSync(JSON.stringify(value));
  const parts = Math.ceil(bytes.length / propertyBytes);
  if (parts > mostParts) throw new TooLargeError(`${bytes.length} bytes do not fit into one table entity`);
  const properties: Record<string, Uint8Array> = {};
  for (let part = 0; part < parts; part++) {
    properties[`part${part}`] = new Uint8Array(bytes.subarray(part * propertyBytes, (part + 1) * propertyBytes));
  }
  return properties;
}

/** What `pack` was given; `undefined` for an entity that holds no such thing. */
export function unpack(entity: Readonly<Record<string, unknown>>): unknown {
  const parts: Uint8Array[] = [];
  for (let part = 0; ; part++) {
    const bytes = entity[`part${part}`];
    if (!(bytes instanceof Uint8Array)) break;
    parts.push(bytes);
  }
  return parts.length === 0 ? undefined : JSON.parse(gunzipSync(Buffer.concat(parts)).toString());
}
