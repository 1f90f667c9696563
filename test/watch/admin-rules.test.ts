/** Security admin rules, from the simulated Azure's answer to the alert, where reading them is switched on. */
import { describe, expect, it } from 'vitest';
import { adminRule, toTag } from '../support/admin-rules.ts';
import { ids } from '../support/broken-estate.ts';
import { cards } from './alerts.ts';
import { untilQuiet } from './quiet.ts';
import { kinds, type Started, start } from './started.ts';

const path = `${ids.network}/listNetworkManagerEffectiveSecurityAdminRules`;
const environment = { TUNNELWATCH_ADMIN_RULES: 'read' };

async function sweep({ watcher }: Started): Promise<string> {
  watcher.receiver.received.length = 0;
  await watcher.host.invokeTimer('sweep');
  await untilQuiet(watcher.host);
  return cards(watcher.receiver.received).join();
}

describe('security admin rules', () => {
  it('are an alert that names rule and manager, and resolve; all pages are read', async () => {
    const started = await start({ environment });
    const { learnedRoutes } = started.watcher.azure;
    learnedRoutes.set(path, { value: [adminRule('later', { priority: 90, access: 'Allow' })], skipToken: 'more' });
    learnedRoutes.set(
      path,
      { value: [adminRule('no-sql', { ...toTag('Sql'), destinationPortRanges: ['1433'] })] },
      'more',
    );
    expect(await sweep(started)).toContain('no-sql of network manager central');
    expect(kinds(started.watcher)).toEqual(['opened nsg-outbound-sql']);
    learnedRoutes.set(path, { value: [] });
    await sweep(started);
    expect(kinds(started.watcher)).toEqual(['resolved nsg-outbound-sql']);
  });

  it('without the right to read them are unknown, and the action is named', async () => {
    const started = await start({ environment });
    started.watcher.azure.faults.deny(path);
    const action = 'Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action';
    expect(await sweep(started)).toContain(`the action ${action} is not permitted`);
  });

  it('are not asked for by default', async () => {
    const started = await start();
    await sweep(started);
    expect(started.watcher.azure.requests.map((each) => each.path)).not.toContain(path);
  });
});
