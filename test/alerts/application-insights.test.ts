/** The real package against an ingestion on loopback TLS: what arrives, and whether a flush tells the truth. */
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTelemetry } from '../../lib/alerts/application-insights.ts';
import { applicationInsightsChannel } from '../../lib/alerts/application-insights-channel.ts';
import type { Telemetry } from '../../lib/alerts/telemetry.ts';
import { selfSigned } from '../../local/certificate.ts';
import { type Receiver, startReceiver } from '../../local/receiver.ts';
import { alertOf, transitionOf } from './sample-alert.ts';

const certificate = selfSigned();
let receiver: Receiver;
let telemetry: Telemetry;

beforeAll(async () => {
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  receiver = await startReceiver({ secret: `whsec_${Buffer.alloc(32).toString('base64')}`, certificate });
  telemetry = await openTelemetry({ connectionString: receiver.connectionString });
});
afterAll(async () => {
  await receiver.stop();
  setDefaultCACertificates([...rootCertificates]);
});

/** An ingestion that takes all, and keeps who asked. */
async function answering(): Promise<{
  connectionString: string;
  authorizations: unknown[];
  stop: () => Promise<void>;
}> {
  const authorizations: unknown[] = [];
  const server = createServer(certificate, (request, response) => {
    authorizations.push(request.headers.authorization);
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ itemsReceived: 1, itemsAccepted: 1, errors: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    connectionString: `InstrumentationKey=00000000-0000-0000-0000-000000000002;IngestionEndpoint=${endpoint};LiveEndpoint=${endpoint}`,
    authorizations,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

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

  it('gets the token of the identity with each request, where there is one', async () => {
    const asked: unknown[] = [];
    const credential = {
      getToken: async (scope: unknown) => {
        asked.push(scope);
        return { token: 'token-of-the-identity', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const answered = await answering();
    const own = await openTelemetry({ connectionString: answered.connectionString, credential });
    own.event('Signed', {});
    expect(await own.flush()).toBe(true);
    expect(asked).toEqual([['https://monitor.azure.com/.default']]);
    expect(answered.authorizations).toEqual(['Bearer token-of-the-identity']);
    await answered.stop();
  });

  it('gets nothing without a token, and the flush says so', async () => {
    const answered = await answering();
    const credential = { getToken: () => Promise.reject(new Error('no identity here')) };
    const own = await openTelemetry({ connectionString: answered.connectionString, credential });
    own.event('Unsigned', {});
    expect(await own.flush()).toBe(false);
    expect(answered.authorizations).toEqual([]);
    await answered.stop();
  });
});
