/** What brings a drift about and sends no event: the sweep finds it, and the alert says what it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startHost } from '../../local/host/index.ts';
import { type LocalWatcher, root } from '../../local/watcher.ts';
import { brokenEstate } from '../support/broken-estate.ts';
import { cards, customEvents, webhookAlerts } from './alerts.ts';
import { start } from './started.ts';

/** The one drift that was opened, as each channel told it. */
function toldBy({ receiver }: LocalWatcher, requirement: string) {
  const alerts = webhookAlerts(receiver.received).filter(({ subject }) => subject.endsWith(`/${requirement}`));
  expect(alerts.map(({ kind }) => kind)).toEqual(['opened']);
  const event = customEvents(receiver.received).find(
    ({ name, properties }) => name === 'TunnelDriftOpened' && properties.requirement === requirement,
  );
  return {
    webhook: alerts[0]?.data.because,
    card: cards(receiver.received).join('\n'),
    event: event?.properties.because,
  };
}

it('an exemption that expires: the alert names it and its day', async () => {
  const expiresOn = new Date(Date.now() + 8_000).toISOString();
  const exemption = {
    requirement: 'firewall-azure-monitor',
    scope: '',
    category: 'waiver',
    reason: 'until the move',
    expiresOn,
  };
  const { watcher } = await start({
    resources: brokenEstate(['firewall without Azure Monitor']).resources,
    policy: JSON.stringify({ clients: ['20.10.0.0/24'], exemptions: [exemption] }),
  });
  await sleep(Math.max(Date.parse(expiresOn) - Date.now(), 0) + 50);
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
  const told = toldBy(watcher, 'firewall-azure-monitor');
  const text = `its exemption expired on ${expiresOn}: until the move`;
  expect(told.webhook).toEqual([text]);
  expect(told.event).toBe(text);
  expect(told.card).toContain('until the move');
});

it('a client list that changes: the alert names what was added', async () => {
  const { watcher } = await start();
  await watcher.host.stop();
  const clients = ['20.10.0.0/24', '30.1.0.0/24'];
  const environment = { ...watcher.environment, TUNNELWATCH_POLICY: JSON.stringify({ clients }) };
  const host = await startHost({ root, environment, retryMs: 1_000 });
  try {
    await host.invokeTimer('sweep');
    await host.idle();
    const told = toldBy(watcher, 'client-routes');
    expect(told.webhook).toEqual(['the policy changed; clients added: 30.1.0.0/24']);
    expect(told.card).toContain('clients added: 30.1.0.0/24');
  } finally {
    await host.stop();
  }
});
