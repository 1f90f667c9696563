/** The real package against an ingestion on loopback TLS: what arrives, and whether a flush tells the truth. */
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTelemetry } from '../../lib/alerts/application-insights.ts';
import { applicationInsightsChannel } from '../../lib/alerts/application-insights-channel.ts';
import type { Telemetry } from '../../lib/alerts/telemetry.ts';
import { selfSigned } from '../../local/certificate.ts';
import { type Receiver, startReceiver } from '../../local/receiver.ts';
import { alertOf, transitionOf } from './sample-alert.ts';

let receiver: Receiver;
let telemetry: Telemetry;

beforeAll(async () => {
  const certificate = selfSigned();
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  receiver = await startReceiver({ secret: `whsec_${Buffer.alloc(32).toString('base64')}`, certificate });
  telemetry = await openTelemetry({ connectionString: receiver.connectionString });
});
afterAll(async () => {
  await receiver.stop();
  setDefaultCACertificates([...rootCertificates]);
});

const types = (): string[] => receiver.received.map(({ type }) => type);

describe('Application Insights', () => {
  it('gets events with their dimensions and metrics with their values, and nothing that nobody asked for', async () => {
    telemetry.event('First', { a: 'b' }, { count: 3 });
    telemetry.metric('tunnelwatch.unknown', 4, { region: 'westeurope' });
    expect(await telemetry.flush()).toBe(true);
    expect(types().sort()).toEqual(['First', 'tunnelwatch.unknown']);
    const first = receiver.received.find(({ type }) => type === 'First')?.body;
    expect(first).toMatchObject({ data: { baseData: { properties: { a: 'b' }, measurements: { count: 3 } } } });
  });

  it.each([401, 402, 429, 500])('that answers %i makes the flush say so', async (status) => {
    receiver.answer('applicationInsights', status);
    telemetry.event('Lost', {});
    expect(await telemetry.flush()).toBe(false);
    receiver.recover();
    telemetry.event('Found', {});
    expect(await telemetry.flush()).toBe(true);
  });

  it('tells each of many flushes at once the truth', async () => {
    const from = receiver.received.length;
    const flushes = Array.from({ length: 10 }, (_, index) => {
      telemetry.event(`Many${index}`, {});
      return telemetry.flush();
    });
    expect(await Promise.all(flushes)).toEqual(flushes.map(() => true));
    expect(new Set(receiver.received.slice(from).map(({ type }) => type)).size).toBe(10);
  });

  it('is asked again for an alert that it did not take', async () => {
    const channel = applicationInsightsChannel(telemetry);
    receiver.answer('applicationInsights', 500);
    const alert = alertOf([transitionOf('control-plane-route')]);
    expect(await channel.deliver(alert)).toMatchObject({ kind: 'retry' });
    receiver.recover();
    expect(await channel.deliver(alert)).toEqual({ kind: 'sent' });
    const event = receiver.received.findLast(({ type }) => type === 'TunnelDriftOpened')?.body;
    expect(event).toMatchObject({
      data: {
        baseData: {
          properties: {
            deployment: alert.deployment.key,
            requirement: 'control-plane-route',
            severity: 'high',
            status: 'fail',
            principalId: '5f0e6a1c',
            operation: 'Microsoft.Network/routeTables/routes/delete',
          },
        },
      },
    });
  });
});
