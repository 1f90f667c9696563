import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../lib/drift/deployment-store.ts';
import { timelineOf } from '../../lib/watch/timeline.ts';
import { sampleDeployment } from './sample-deployment.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-24T00:00:00Z');
const known = [sampleDeployment('one')];
const line = (daysAgo: number, verdict: string, openedDaysAgo?: number): HistoryEntry => {
  const at = new Date(now - daysAgo * day).toISOString();
  const transition = { id: 'i', kind: 'resolved' as const, requirement: 'r', severity: 'high', to: 'pass' };
  return {
    deployment: 'one|westeurope',
    at,
    verdict,
    transitions:
      openedDaysAgo === undefined ? [] : [{ ...transition, since: new Date(now - openedDaysAgo * day).toISOString() }],
  };
};
const daysOf = (entries: readonly HistoryEntry[]) =>
  (timelineOf(entries, known, now).spans.get('one|westeurope') ?? []).map(({ verdict, from, until }) => [
    verdict,
    (now - from) / day,
    (now - until) / day,
  ]);

describe('the time line of a deployment', () => {
  it('joins what did not change, whatever the order of the lines', () => {
    expect(
      daysOf([line(2, 'compliant', 10), line(10, 'nonCompliant'), line(20, 'compliant'), line(15, 'compliant')]),
    ).toEqual([
      ['compliant', 20, 10],
      ['nonCompliant', 10, 2],
      ['compliant', 2, 0],
    ]);
  });

  it('begins with what an older line says, and is cut at 90 days', () => {
    expect(daysOf([line(120, 'unknown'), line(30, 'compliant')])).toEqual([
      ['unknown', 90, 30],
      ['compliant', 30, 0],
    ]);
  });

  it('is what the deployment is now where nothing changed', () => {
    expect(daysOf([])).toEqual([['compliant', 90, 0]]);
  });

  it('knows how long repairs took', () => {
    const { repairSeconds } = timelineOf([line(2, 'compliant', 10), line(30, 'compliant', 31)], known, now);
    expect(repairSeconds).toEqual([86_400, 8 * 86_400]);
  });

  it('counts no repair that is older than what is drawn, and none that ended with the deployment', () => {
    const { repairSeconds } = timelineOf([line(95, 'compliant', 96), line(5, 'gone', 6)], known, now);
    expect(repairSeconds).toEqual([]);
  });

  it('has a gap where the deployment was gone', () => {
    expect(daysOf([line(20, 'compliant'), line(10, 'gone'), line(5, 'compliant')])).toEqual([
      ['compliant', 20, 10],
      ['compliant', 5, 0],
    ]);
  });
});
