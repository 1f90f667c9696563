import { expect, it } from 'vitest';
import type { TracePiece } from '../../lib/audit/trace.ts';
import { tracePage } from '../../lib/report/html/trace.ts';

const route = { name: 'System default route', source: 'Default', addressPrefix: '0.0.0.0/0', nextHopType: 'Internet' };

function pageOf(piece: Partial<TracePiece>): string {
  const whole = { addressPrefixes: ['8.8.8.8/32'], addresses: 1, path: 'direct', winner: route, losers: [] } as const;
  const trace = { subnet: '/s', to: '8.8.8.8', pieces: [{ ...whole, ...piece }], assumptions: [], notSeen: [] };
  return tracePage(trace);
}

it('says that a route wins only where that is certain', () => {
  expect(pageOf({})).toContain('>wins<');
  const uncertain = pageOf({ path: 'unknown' });
  expect(uncertain).toContain('>may win<');
  expect(uncertain).not.toContain('>wins<');
});

it('says dropped only where it is known that no route matches', () => {
  expect(pageOf({ path: 'dropped', winner: null })).toContain('No route matches: dropped.');
  expect(pageOf({ path: 'unknown', winner: null })).not.toContain('dropped.');
});
