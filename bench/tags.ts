/** Real data for the benches: the prefixes of the bundled service tags, as text. */
import { formatIpv4Prefix } from '../lib/address/prefix.ts';
import { bundledServiceTags } from '../lib/azure/bundled-service-tags.ts';

export const tags = bundledServiceTags('Public');

/** The IPv4 prefixes of a tag as published. */
export function prefixesOf(name: string): string[] {
  return [...tags.get(name).packed].map((key) => formatIpv4Prefix(Math.floor(key / 64), key % 64));
}

/** Texts that nobody has looked at yet: engines remember what they know of a text. */
export function fresh(texts: readonly string[]): string[] {
  return JSON.parse(JSON.stringify(texts)) as string[];
}
