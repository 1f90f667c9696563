import { expect, it } from 'vitest';
import type { Telemetry } from '../../lib/alerts/telemetry.ts';
import { lazyTelemetry } from '../../lib/watch/watcher.ts';

it('is loaded with the first flush, and what was told before is not lost when that fails once', async () => {
  const told: string[] = [];
  const real: Telemetry = { event: (name) => void told.push(name), metric: () => {}, flush: async () => true };
  let loads = 0;
  const telemetry = lazyTelemetry(async () => {
    loads++;
    if (loads === 1) throw new Error('not today');
    return real;
  });
  telemetry.event('First', {});
  expect(loads).toBe(0);
  expect(await telemetry.flush()).toBe(false);
  telemetry.event('Second', {});
  expect(await telemetry.flush()).toBe(true);
  expect(told).toEqual(['First', 'Second']);
});
