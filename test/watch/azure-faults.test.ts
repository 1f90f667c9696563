/** What Azure may do to the watcher while it reads, one thing at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ids } from '../support/broken-estate.ts';
import { auditOf, openIn, propertiesOf } from './colleague.ts';
import { openInStatus, statusOf, untilQuiet } from './quiet.ts';
import { controlPlane, kinds, sound, start } from './started.ts';

describe('Azure', () => {
  it.each([
    ['429 with Retry-After', { kind: 'throttle', retryAfter: 1, times: 2 }],
    ['429 without', { kind: 'throttle', times: 2 }],
    ['500', { kind: 'status', status: 500, times: 3 }],
    ['bodies that break off', { kind: 'truncate', times: 1 }],
    ['connections that are cut', { kind: 'reset', times: 2 }],
  ] as const)('answering with %s delays the verdict and does not change it', async (_name, fault) => {
    const { watcher: started, colleague } = await start();
    await colleague.call('GET', '/nothing');
    started.azure.faults.add({ match: /^GET .*routeTables/i, ...fault });
    await colleague.remove(controlPlane);
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
    expect(openInStatus(await statusOf(started.host))).toEqual(openIn(auditOf(started.azure, sound.policy)));
  });

  it('answering with half a list of firewalls is no reading at all', async () => {
    const { watcher: started, colleague, log } = await start();
    started.azure.faults.add({ match: /^GET .*azureFirewalls\?/i, kind: 'halfPage', times: 1 });
    started.azure.faults.add({ match: /^GET \/broken/, kind: 'status', status: 500 });
    // A change of the firewall makes its list be read again.
    const firewall = started.azure.store.all().find(({ id }) => id === ids.firewall);
    await colleague.put({ ...firewall, tags: { changed: 'yes' } });
    await started.azure.events.idle();
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual([]);
    expect(log.some((line) => line.includes('postponed'))).toBe(true);
  });

  it('refusing to show the security group makes its findings unknown, naming the missing action, and never passes', async () => {
    const { watcher: started, colleague } = await start();
    started.azure.faults.add({
      match: /^GET .*networkSecurityGroups/i,
      kind: 'status',
      status: 403,
      code: 'AuthorizationFailed',
    });
    await colleague.put({
      id: `${ids.table}/routes/x`,
      name: 'x',
      properties: { addressPrefix: '10.9.0.0/16', nextHopType: 'VnetLocal' },
    });
    await started.azure.events.idle();
    const { deployments } = await untilQuiet(started.host);
    expect(deployments[0]?.verdict).toBe('unknown');
    expect(deployments[0]?.errors.map(({ message }) => message).join()).toContain(
      'Microsoft.Network/networkSecurityGroups/read',
    );
    expect(kinds(started).every((kind) => kind.startsWith('opened nsg-'))).toBe(true);
    expect(kinds(started).length).toBeGreaterThan(3);
  });

  it('still changing a resource is looked at again before anybody is alarmed', async () => {
    const { watcher: started, colleague } = await start({ updatingMs: 3_000 });
    const table = started.azure.store.all().find(({ id }) => id === ids.table);
    const routes = (propertiesOf(table) as { routes: Record<string, unknown>[] }).routes;
    await colleague.put({
      ...table,
      properties: { ...(table?.properties as object), routes: routes.filter(({ name }) => name !== 'control-plane') },
    });
    await started.idle();
    await sleep(500);
    expect(kinds(started)).toEqual([]);
    await untilQuiet(started.host);
    expect(kinds(started)).toEqual(['opened control-plane-route']);
  });

  it('without the service any more ends its drifts', async () => {
    const { watcher: started, colleague } = await start();
    await colleague.remove(controlPlane);
    await started.idle();
    await colleague.remove(ids.service);
    await started.idle();
    const { deployments } = await untilQuiet(started.host);
    expect(deployments).toEqual([]);
    expect(kinds(started)).toEqual(['opened control-plane-route', 'resolved control-plane-route']);
  });

  it('with a new service is watched from its first event on', async () => {
    const { watcher: started, colleague } = await start();
    const { service } = { service: sound.resources.find(({ id }) => id === ids.service) ?? {} };
    const id = `${ids.service}-two`;
    await colleague.remove(controlPlane);
    await colleague.put({ ...service, id, name: 'apim-one-two' });
    await started.idle();
    const status = await untilQuiet(started.host);
    expect(status.deployments.map(({ name }) => name).sort()).toEqual(['apim-one', 'apim-one-two']);
    expect(openInStatus(status)).toEqual(openIn(auditOf(started.azure, sound.policy)));
  });
});
