/** docs/settings.md and the list of settings say the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settingsList } from '../../lib/settings.ts';

const page = readFileSync(new URL('../../docs/settings.md', import.meta.url), 'utf8');

function row({ name, need, about, secret, default: byDefault }: (typeof settingsList)[number]): string {
  const needed = { required: 'yes', optional: 'no', platform: 'by the platform' }[need];
  const cells = [`\`${name}\``, needed, byDefault ?? '', `${about}${secret ? ' Secret.' : ''}`];
  return `| ${cells.join(' | ')} |`.replaceAll('|  |', '| |');
}

describe('docs/settings.md', () => {
  it('has a row for each setting, in the order of the list, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    expect(rows).toEqual(settingsList.map(row));
  });
});
