/** What Azure itself observes, from the simulated service's own network status to the alert that people read. */
import { describe, expect, it } from 'vitest';
import type { Resource } from '../../local/azure/store.ts';
import { ids, route } from '../support/broken-estate.ts';
import { cards, customEvents, webhookAlerts } from './alerts.ts';
import { untilQuiet } from './quiet.ts';
import { controlPlane, kinds, type Started, start } from './started.ts';

const change = '2026-11-20T08:00:00.1234567Z';

function failing(resourceType: string, error = 'A connection attempt failed.') {
  return (entry: Resource): Resource =>
    entry.resourceType === resourceType ? { ...entry, status: 'failure', error, lastStatusChange: change } : entry;
}

async function sweep({ watcher }: Started): Promise<void> {
  watcher.receiver.received.length = 0;
  await watcher.host.invokeTimer('sweep');
  await untilQuiet(watcher.host);
}

/** Of the last alert about a requirement, as the webhook has it. */
function told({ watcher }: Started, requirement: string) {
  const alert = webhookAlerts(watcher.receiver.received)
    .filter(({ subject }) => subject.endsWith(`/${requirement}`))
    .at(-1);
  const evidence = (alert?.data.evidence ?? {}) as { observed?: string; details?: string[]; notSeen?: string[] };
  return { kind: alert?.kind, severity: alert?.severity, message: String(alert?.data.message), evidence };
}

describe('what Azure observes', () => {
  it('is an alert that says so loudly where the configuration does not explain it, and resolves when it is over', async () => {
    const started = await start();
    const { networkStatus } = started.watcher.azure;
    networkStatus.change(ids.service, failing('BlobStorage'));
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened observed-connectivity']);
    const alert = told(started, 'observed-connectivity');
    expect(alert.severity).toBe('critical');
    expect(alert.message).toMatch(/cannot reach apimstapimone\.blob\.core\.windows\.net \(BlobStorage\)/);
    expect(alert.message).toMatch(
      /UNEXPLAINED: .*on-premises.*DNS \(the service asks 168\.63\.129\.16\).*service-side/,
    );
    expect(alert.evidence.details?.[0]).toContain(`A connection attempt failed.; since ${change}; last updated `);
    expect(cards(started.watcher.receiver.received).join()).toContain('UNEXPLAINED');
    const events = customEvents(started.watcher.receiver.received).filter(({ name }) => name === 'TunnelDriftOpened');
    expect(events.map(({ properties }) => properties.requirement)).toEqual(['observed-connectivity']);

    networkStatus.clear();
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['resolved observed-connectivity']);
    expect(told(started, 'observed-connectivity').message).toMatch(
      /^Azure observes that the service reaches all of its 17/,
    );
  });

  it('stands beside a failure that is predicted, and confirms it when it is felt', async () => {
    const started = await start();
    await started.colleague.remove(controlPlane);
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened control-plane-route']);
    const predicted = told(started, 'control-plane-route');
    expect(predicted.evidence.observed).toMatch(
      /^predicted, not yet felt: Azure still observes success for https:\/\/apim-one/,
    );
    expect(cards(started.watcher.receiver.received).join()).toContain('predicted, not yet felt');

    started.watcher.azure.networkStatus.change(ids.service, failing('ApiManagement Control Plane - inbound'));
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened observed-connectivity']);
    const confirmed = told(started, 'observed-connectivity');
    expect(confirmed.severity).toBe('high');
    expect(confirmed.message).toMatch(/Confirmed by the configuration for .*3443.*: control-plane-route\./);
    expect(confirmed.message).not.toContain('UNEXPLAINED');
  });

  it('is unknown where it may not be read, naming the action, and hides nothing else', async () => {
    const started = await start();
    started.watcher.azure.faults.deny(`${ids.service}/networkstatus`);
    await started.colleague.remove(controlPlane);
    await started.watcher.idle();
    await untilQuiet(started.watcher.host);
    expect(kinds(started.watcher).sort()).toEqual(['opened control-plane-route', 'opened observed-connectivity']);
    const alert = told(started, 'observed-connectivity');
    expect(alert.message).toContain('the action Microsoft.ApiManagement/service/networkstatus/read is not permitted');
    expect(told(started, 'control-plane-route').evidence.observed).toBeUndefined();
  });

  it('is asked for again before it is news that it could not be had this once', async () => {
    const started = await start();
    started.watcher.azure.faults.add({ match: /networkstatus/i, kind: 'status', status: 409, times: 2 });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual([]);
    expect(started.log.some((line) => line.includes('postponed'))).toBe(true);
  });

  it('does not keep back what a change broke while it cannot be had', async () => {
    const started = await start();
    started.watcher.azure.faults.add({ match: /networkstatus/i, kind: 'status', status: 409 });
    await started.colleague.remove(controlPlane);
    await started.watcher.idle();
    expect(kinds(started.watcher)).toContain('opened control-plane-route');
  });

  it('is an alert when it is not refreshed any more', async () => {
    const started = await start();
    const old = '2026-01-01T00:00:00.0000000Z';
    started.watcher.azure.networkStatus.change(ids.service, (entry) =>
      entry.isOptional === true ? { ...entry, lastUpdated: old } : entry,
    );
    await sweep(started);
    const optional = told(started, 'observed-connectivity');
    expect(optional.severity).toBe('low');
    expect(optional.message).toMatch(/^Azure has lost sight of .* and 6 more: not updated since 2026-01-01/);
    started.watcher.azure.networkStatus.change(ids.service, (entry) => ({ ...entry, lastUpdated: old }));
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['changed observed-connectivity']);
    expect(told(started, 'observed-connectivity').severity).toBe('critical');
  });

  it('costs one read for each evaluation', async () => {
    const started = await start();
    started.watcher.azure.reset();
    await started.colleague.put(route('extra', '10.99.0.0/16', 'VnetLocal'));
    await started.watcher.idle();
    const asked = started.watcher.azure.requests.filter(({ path }) => path.endsWith('/networkstatus'));
    expect(asked.map(({ apiVersion, status }) => [apiVersion, status])).toEqual([['2024-05-01', 200]]);
  });
});
