/**
 * Makes the bundled service tag lists (`lib/azure/snapshots/`) out of Microsoft's weekly downloads, so that an audit
 * works without Azure. Usage: `npm run tags -- ServiceTags_Public_20251013.json [more files]`; the date is taken from
 * the file's name. Every tag is kept: a rule may name any of them, and one that is left out would make it undecidable.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseServiceTags, toSnapshot } from '../lib/address/service-tags.ts';

for (const path of process.argv.slice(2)) {
  const date = /(\d{4})(\d{2})(\d{2})\.json$/.exec(basename(path));
  if (!date) throw new Error(`${path}: the file's name does not end in a date (YYYYMMDD.json)`);
  const snapshot = toSnapshot(parseServiceTags(readFileSync(path, 'utf8'), path), date.slice(1).join('-'));
  const target = new URL(`../lib/azure/snapshots/${snapshot.cloud}.json`, import.meta.url);
  const rows = snapshot.tags.map((tag) => `  ${JSON.stringify(tag)}`).join(',\n');
  const { tags: _, ...about } = snapshot;
  writeFileSync(target, `${JSON.stringify(about).slice(0, -1)},"tags":[\n${rows}\n]}\n`);
  process.stdout.write(`${target.pathname}: ${snapshot.tags.length} tags, change ${snapshot.changeNumber}\n`);
}
