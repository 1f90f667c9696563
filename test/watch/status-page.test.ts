import { describe, expect, it } from 'vitest';
import type { WatcherStatus } from '../../lib/watch/status.ts';
import { ageText, statusPage } from '../../lib/watch/status-page.ts';
import { timelineOf } from '../../lib/watch/timeline.ts';
import { sampleDeployment } from './sample-deployment.ts';

function statusWith(name: string): WatcherStatus {
  const drift = {
    requirement: 'control-plane-route',
    status: 'fail' as const,
    severity: 'high' as const,
    since: '2026-11-23T15:00:00.000Z',
    causes: [
      {
        eventId: 'e',
        resourceId: '/r',
        operation: 'Microsoft.Network/routeTables/routes/delete',
        time: '2026-11-23T15:00:00.000Z',
        principal: { id: '5f0e6a1c', type: 'User' },
      },
    ],
    message: 'Replies go to the firewall.',
    ageSeconds: 7_300,
  };
  return {
    generatedAt: '2026-11-23T17:01:40.000Z',
    ready: true,
    summary: { deployments: 1, compliant: 0, nonCompliant: 1, unknown: 0, outOfScope: 0, openDrifts: 1 },
    deployments: [{ ...sampleDeployment(name), verdict: 'nonCompliant', open: [drift] }],
    queues: { changes: 0, alerts: 2 },
    events: { queued: 3 },
    heard: [{ subscriptionId: '00000000-0000-0000-0000-0000000000aa', eventId: 'e', time: '2026-03-04T05:06:07.000Z' }],
    poison: 1,
    lastSweep: { startedAt: '', finishedAt: '', ageSeconds: 42, services: 1, errors: [] },
  };
}

function pageOf(name: string): string {
  const status = statusWith(name);
  return statusPage(status, timelineOf([], status.deployments, Date.parse(status.generatedAt)));
}

describe('the status page', () => {
  const page = pageOf('apim-one');

  it('says what is open, for how long, by whom, and how the watcher is', () => {
    for (const part of [
      'apim-one',
      'control-plane-route',
      '2 h',
      'User 5f0e6a1c',
      'routes/delete',
      'alerts 2',
      '42 s ago',
      '1 messages failed',
    ]) {
      expect(page).toContain(part);
    }
  });

  it('shows names as text and asks for nothing', () => {
    const hostile = pageOf('<script>alert(1)</script>\u202e');
    expect(hostile.replace('href="data:,"', '')).not.toMatch(/\u202e|src=|href=/);
    expect(hostile.match(/<script>/g)).toHaveLength(1);
    expect(hostile).toContain('&lt;script&gt;');
  });
});

it.each([
  [5, '5 s'],
  [90, '1 min'],
  [7_300, '2 h'],
  [400_000, '4 days'],
])('%i seconds are said as %s', (seconds, text) => {
  expect(ageText(seconds)).toBe(text);
});
