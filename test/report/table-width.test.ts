/** The table keeps to the columns it is given, whatever stands before a text. */
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../lib/audit/report.ts';
import { toTable } from '../../lib/report/table.ts';
import { wrap } from '../../lib/report/text.ts';
import { nonCompliant, openMedium, outOfScope, reportOf } from './sample-report.ts';

const wordy = 'The quick brown fox jumps over the lazy dog and comes back again. '.repeat(6);
const long: Finding = {
  ...openMedium,
  message: wordy,
  impact: wordy,
  evidence: {
    notSeen: [wordy],
    exemption: { category: 'waiver', reason: wordy, expiresOn: '2026-01-01T00:00:00Z', expired: true },
  },
  fix: { summary: wordy, azureCli: '', bicep: '' },
};
const wide = reportOf(
  [
    {
      ...nonCompliant,
      name: 'n'.repeat(50),
      role: 'additional',
      findings: [long, { ...long, status: 'fail' }, { ...long, status: 'exempt' }],
    },
    { ...outOfScope, reason: wordy },
  ],
  [{ resource: 'some resource', message: wordy }],
);

describe('table', () => {
  it.each([80, 100, 160])('has no line wider than %d columns, and uses the room', (width) => {
    const text = [...toTable(wide, { width, colour: false, toolVersion: '1.2.3', locate: () => undefined })].join('');
    const lines = text.split('\n').filter((line) => !line.startsWith('---'));
    const widest = Math.max(...lines.map(({ length }) => length));
    expect(widest).toBeLessThanOrEqual(width);
    expect(widest).toBeGreaterThan(width - 6);
  });

  it('keeps a word whole that is longer than the line, so that an id can be copied', () => {
    const id = '/'.padEnd(40, 'x');
    expect(wrap(`see ${id} now`, 20, '  ', 10)).toBe(`see\n  ${id}\n  now`);
  });
});
