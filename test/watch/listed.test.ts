/** What Azure lists as the dependencies of a service, from the simulated answer and a real DNS server to the alert that people read. */
import { afterEach, describe, expect, it } from 'vitest';
import { ids, route } from '../support/broken-estate.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';
import { cards, webhookAlerts } from './alerts.ts';
import { untilQuiet } from './quiet.ts';
import { kinds, type Started, start } from './started.ts';

const path = `${ids.service}/outboundNetworkDependenciesEndpoints`;
let server: NameServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function sweep({ watcher }: Started): Promise<void> {
  watcher.receiver.received.length = 0;
  await watcher.host.invokeTimer('sweep');
  await untilQuiet(watcher.host);
}

function told({ watcher }: Started, requirement = 'listed-endpoints') {
  const alert = webhookAlerts(watcher.receiver.received)
    .filter(({ subject }) => subject.endsWith(`/${requirement}`))
    .at(-1);
  const evidence = (alert?.data.evidence ?? {}) as { listed?: string; details?: string[] };
  return { severity: alert?.severity, message: String(alert?.data.message), evidence };
}

describe('what Azure lists', () => {
  it('is an alert where the firewall does not know the host, and resolves with the list', async () => {
    const started = await start();
    const { outboundDependencies } = started.watcher.azure;
    outboundDependencies.add(ids.service, 'Other', 'new.example.com', 8443);
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened listed-endpoints']);
    const alert = told(started);
    expect(alert.severity).toBe('medium');
    expect(alert.message).toMatch(/^1 of 28 .*new\.example\.com:8443 \(Other\).*not allowed by firewall fw-one/);
    expect(cards(started.watcher.receiver.received).join()).toContain('new.example.com');

    outboundDependencies.add(ids.service, 'Another', 'newer.example.com', 8443);
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['changed listed-endpoints']);
    expect(told(started).message).toContain('newer.example.com:8443');

    outboundDependencies.clear();
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['resolved listed-endpoints']);
  });

  it('is no second alert where another one says it, and stands in that one', async () => {
    const started = await start();
    const rule = {
      id: `${ids.securityGroup}/securityRules/no-sql`,
      name: 'no-sql',
      properties: {
        priority: 200,
        direction: 'Outbound',
        access: 'Deny',
        protocol: 'Tcp',
        sourceAddressPrefix: '*',
        sourcePortRange: '*',
        destinationAddressPrefix: 'Sql',
        destinationPortRange: '1433',
      },
    };
    await started.colleague.put(rule);
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(['opened nsg-outbound-sql']);
    const alert = told(started, 'nsg-outbound-sql');
    expect(alert.evidence.listed).toMatch(/^apimstapimone\.database\.windows\.net:1433 .*by rule "no-sql"/);
    expect(cards(started.watcher.receiver.received).join()).toContain('Listed by Azure: apimstapimone');
  });

  it('is unknown where it may not be read, naming the action, and hides nothing else', async () => {
    const started = await start();
    started.watcher.azure.faults.deny(path);
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['opened listed-endpoints']);
    expect(told(started).message).toContain(
      'the action Microsoft.ApiManagement/service/outboundNetworkDependenciesEndpoints/read is not permitted',
    );
  });

  it('is followed by the addresses that the DNS server says, where that is wanted', async () => {
    server = await startNameServer({ 'smtpi-ch1.msn.com': { addresses: ['65.55.52.1'] } });
    const environment = { TUNNELWATCH_DEPENDENCIES: 'resolve', TUNNELWATCH_DNS_SERVERS: server.address };
    const started = await start({ environment });
    expect(server.asked).toContain('smtpi-ch1.msn.com');
    await started.colleague.put(route('mail', '65.55.52.1/32', 'None'));
    await started.watcher.idle();
    expect(kinds(started.watcher)).toEqual(expect.arrayContaining(['opened listed-endpoints']));
    const alert = told(started);
    expect(alert.severity).toBe('low');
    expect(alert.message).toContain('dropped by None of route "mail"');
    expect(alert.evidence.details?.[0]).toContain('65.55.52.1');
  });

  it('is read by the sweep, and not again by each evaluation', async () => {
    const started = await start();
    const asked = () => started.watcher.azure.requests.filter((each) => each.path === path);
    started.watcher.azure.reset();
    await started.colleague.put(route('extra', '10.99.0.0/16', 'VnetLocal'));
    await started.watcher.idle();
    expect(asked()).toEqual([]);
    await sweep(started);
    expect(asked().map(({ apiVersion, status }) => [apiVersion, status])).toEqual([['2024-05-01', 200]]);
  });

  it('is not asked for where that is switched off', async () => {
    const started = await start({ environment: { TUNNELWATCH_DEPENDENCIES: 'off' } });
    expect(started.watcher.azure.requests.filter((each) => each.path === path)).toEqual([]);
  });
});
