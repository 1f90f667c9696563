/**
 * The service tag lists that ship with the program, for work without Azure. Read from disk when first asked for;
 * their age is in every report. `npm run tags` makes them.
 */
import { readFileSync } from 'node:fs';
import { type Cloud, cloudOfRegion } from '../address/region.ts';
import { fromSnapshot, type ServiceTags, type TagSnapshot } from '../address/service-tags.ts';

const loaded = new Map<Cloud, ServiceTags>();

export function bundledServiceTags(cloud: Cloud): ServiceTags {
  const known = loaded.get(cloud);
  if (known) return known;
  const path = new URL(`./snapshots/${cloud}.json`, import.meta.url);
  const tags = fromSnapshot(JSON.parse(readFileSync(path, 'utf8')) as TagSnapshot);
  loaded.set(cloud, tags);
  return tags;
}

/** The bundled list of the cloud that a region belongs to. */
export function bundledTagsFor(region: string): ServiceTags {
  return bundledServiceTags(cloudOfRegion(region));
}
