/**
 * Service tags: named lists of address prefixes that Microsoft publishes. Reads both published shapes (the weekly
 * download and the `serviceTags` API) and a compact one of our own for the bundled lists; compiles a tag once, when it
 * is first asked for. A tag that the data does not hold is `undefined` or an error that names it, never an empty set.
 */
import { fromSortedPacked, type IntervalSet } from './interval-set.ts';
import { packIpv4Prefix, parseIpv6Prefix } from './prefix.ts';
import { normaliseRegion } from './region.ts';

/** One tag, ready for arithmetic. */
export interface CompiledTag {
  /** As Microsoft spells it. */
  readonly name: string;
  /** Its IPv4 prefixes as published, packed (`packIpv4Prefix`), ascending. */
  readonly packed: Float64Array;
  /** All its IPv4 addresses. */
  readonly set: IntervalSet;
  /** Its IPv6 prefixes as published. */
  readonly ipv6Prefixes: readonly string[];
}

export type TagOrigin = 'bundled' | 'file' | 'arm';

export class ServiceTagsError extends Error {
  override readonly name = 'ServiceTagsError';
}

/** How one tag's prefixes are turned into numbers when it is first asked for. */
type TagSource = () => { readonly packed: Float64Array; readonly ipv6Prefixes: readonly string[] };

/** One published list. Names are compared without regard to case. */
export class ServiceTags {
  readonly cloud: string;
  readonly changeNumber: number | string;
  readonly origin: TagOrigin;
  readonly asOf: string | undefined;
  private readonly sources = new Map<string, { readonly name: string; readonly source: TagSource }>();
  private readonly compiled = new Map<string, CompiledTag>();

  constructor(
    about: { cloud: string; changeNumber: number | string; origin: TagOrigin; asOf?: string },
    tags: Iterable<{ readonly name: string; readonly source: TagSource }>,
  ) {
    this.cloud = about.cloud;
    this.changeNumber = about.changeNumber;
    this.origin = about.origin;
    this.asOf = about.asOf;
    for (const tag of tags) this.sources.set(tag.name.toLowerCase(), tag);
  }

  /** The names of all tags, as published. */
  names(): string[] {
    return [...this.sources.values()].map((tag) => tag.name);
  }

  /** The tag of this name, or `undefined` when the list has none. */
  find(name: string): CompiledTag | undefined {
    const key = name.toLowerCase();
    const known = this.compiled.get(key);
    if (known) return known;
    const entry = this.sources.get(key);
    if (!entry) return undefined;
    const { packed, ipv6Prefixes } = entry.source();
    const tag = { name: entry.name, packed, set: fromSortedPacked(packed), ipv6Prefixes };
    this.compiled.set(key, tag);
    return tag;
  }

  /** @throws ServiceTagsError naming the tag when the list has none */
  get(name: string): CompiledTag {
    const tag = this.find(name);
    if (!tag) throw new ServiceTagsError(`the service tag list (${this.cloud}, ${this.changeNumber}) has no "${name}"`);
    return tag;
  }

  /** The tag of a service in one region: `Storage` and `West Europe` -> `Storage.WestEurope`; no global fallback. */
  findRegional(service: string, region: string): CompiledTag | undefined {
    return this.find(`${service}.${normaliseRegion(region)}`);
  }

  /** The region's tag, else the global one (contract, section 2). */
  findForRegion(service: string, region: string): CompiledTag | undefined {
    return this.findRegional(service, region) ?? this.find(service);
  }
}

/** @throws ServiceTagsError naming the tag and the prefix that is neither IPv4 nor IPv6 */
function compilePrefixes(name: string, prefixes: readonly string[]): ReturnType<TagSource> {
  const packed = new Float64Array(prefixes.length);
  const ipv6Prefixes: string[] = [];
  let used = 0;
  for (const prefix of prefixes) {
    const key = packIpv4Prefix(prefix);
    if (key >= 0) packed[used++] = key;
    else if (parseIpv6Prefix(prefix)) ipv6Prefixes.push(prefix);
    else throw new ServiceTagsError(`service tag ${name}: "${prefix}" is not an address prefix`);
  }
  return { packed: packed.slice(0, used).sort(), ipv6Prefixes };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Reads Microsoft's list: the weekly download (`changeNumber` a number) or the API's answer (a string), an object with
 * `values[].name` and `values[].properties.addressPrefixes[]`.
 * @param name of the file, for messages
 * @throws ServiceTagsError that names the file and the place
 */
export function parseServiceTags(text: string, name: string, origin: TagOrigin = 'file'): ServiceTags {
  let document: unknown;
  try {
    document = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw new ServiceTagsError(`${name}: not JSON (${error instanceof Error ? error.message : 'unreadable'})`);
  }
  if (!isRecord(document) || !Array.isArray(document.values)) {
    throw new ServiceTagsError(`${name}: no service tag list (expected an object with "values" and "changeNumber")`);
  }
  const tags = document.values.map((value: unknown, index) => readTag(value, `${name}: values[${index}]`));
  if (tags.length === 0) throw new ServiceTagsError(`${name}: the service tag list is empty`);
  const { changeNumber, cloud } = document;
  return new ServiceTags(
    {
      cloud: typeof cloud === 'string' ? cloud : 'Public',
      changeNumber: typeof changeNumber === 'number' || typeof changeNumber === 'string' ? changeNumber : 'unknown',
      origin,
    },
    tags,
  );
}

function readTag(value: unknown, place: string): { name: string; source: TagSource } {
  const properties = isRecord(value) && isRecord(value.properties) ? value.properties : undefined;
  const prefixes = properties?.addressPrefixes;
  if (!isRecord(value) || typeof value.name !== 'string' || !Array.isArray(prefixes)) {
    throw new ServiceTagsError(`${place}: expected "name" and "properties.addressPrefixes"`);
  }
  const texts = prefixes.map((prefix: unknown, index) => {
    if (typeof prefix !== 'string')
      throw new ServiceTagsError(`${place}.properties.addressPrefixes[${index}]: not text`);
    return prefix;
  });
  const compiled = compilePrefixes(value.name, texts);
  return { name: value.name, source: () => compiled };
}

/**
 * The compact form of a list, as bundled: IPv4 prefixes as five bytes each (address, big-endian, and length) in
 * base64, ascending; IPv6 prefixes as text, separated by spaces.
 */
export interface TagSnapshot {
  readonly cloud: string;
  readonly changeNumber: number;
  readonly asOf: string;
  readonly tags: readonly (readonly [name: string, ipv4: string, ipv6: string])[];
}

export function toSnapshot(tags: ServiceTags, asOf: string): TagSnapshot {
  return {
    cloud: tags.cloud,
    changeNumber: Number(tags.changeNumber),
    asOf,
    tags: tags.names().map((name) => {
      const { packed, ipv6Prefixes } = tags.get(name);
      const bytes = Buffer.alloc(packed.length * 5);
      packed.forEach((key, index) => {
        bytes.writeUInt32BE(Math.floor(key / 64), index * 5);
        bytes.writeUInt8(key % 64, index * 5 + 4);
      });
      return [name, bytes.toString('base64'), ipv6Prefixes.join(' ')];
    }),
  };
}

export function fromSnapshot(snapshot: TagSnapshot): ServiceTags {
  const about = { cloud: snapshot.cloud, changeNumber: snapshot.changeNumber, asOf: snapshot.asOf };
  return new ServiceTags(
    { ...about, origin: 'bundled' },
    snapshot.tags.map(([name, ipv4, ipv6]) => ({ name, source: () => decodeSnapshot(ipv4, ipv6) })),
  );
}

function decodeSnapshot(ipv4: string, ipv6: string): ReturnType<TagSource> {
  const bytes = Buffer.from(ipv4, 'base64');
  const packed = new Float64Array(bytes.length / 5);
  for (let i = 0; i < packed.length; i++) {
    packed[i] = bytes.readUInt32BE(i * 5) * 64 + bytes.readUInt8(i * 5 + 4);
  }
  return { packed, ipv6Prefixes: ipv6 === '' ? [] : ipv6.split(' ') };
}
