/**
 * Reads the security admin rules of Azure Virtual Network Manager that apply to a network. Nothing in a network says whether there
 * are any, so that they cost a request for each network: they are read only where that is wanted. It never fails: what could not
 * be had is said in the entry that stands for it.
 *
 * Action: `Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action`.
 */
import { adminRulesOf } from './documents/admin-rules.ts';
import { type Fields, isRecord, recordsOf } from './documents/fields.ts';
import { injectedSubnets } from './injected.ts';
import type { Action } from './source.ts';

const mostPages = 100;
/** Networks that are asked about at the same time. */
const atOnce = 8;

function pathOf(networkId: string): string {
  return `${networkId}/listNetworkManagerEffectiveSecurityAdminRules`;
}

export interface AdminRulesReading {
  /** What `estateFromResources` takes. */
  readonly entry: Fields;
  /** What was not had may be there in a minute. */
  readonly isPassing: boolean;
}

/** The read-set key of a network's admin rules; no event names it. */
export function adminRulesKey(networkId: string): string {
  return pathOf(networkId).toLowerCase();
}

export async function readAdminRules(action: Action, networkId: string): Promise<AdminRulesReading> {
  const rules: Fields[] = [];
  const path = pathOf(networkId);
  const open = (notRead: string, isPassing = false): AdminRulesReading => ({
    entry: { [adminRulesOf]: networkId, value: rules, notRead },
    isPassing,
  });
  let skipToken: string | undefined;
  for (let page = 0; page < mostPages; page++) {
    const answer = await action(path, skipToken === undefined ? {} : { skipToken });
    if (answer.kind === 'unreadable') return open(answer.reason, answer.isPassing);
    const { body } = answer;
    if (!isRecord(body) || !Array.isArray(body.value))
      return open(`${path} was answered with something else than a list`);
    rules.push(...recordsOf(body, 'value'));
    const next = typeof body.skipToken === 'string' && body.skipToken !== '' ? body.skipToken : undefined;
    if (next === undefined || next === skipToken)
      return { entry: { [adminRulesOf]: networkId, value: rules }, isPassing: false };
    skipToken = next;
  }
  return open(`${path}: the list does not end`);
}

/** For the networks of all services among raw resources, each once. */
export async function readAllAdminRules(action: Action, resources: readonly unknown[]): Promise<readonly Fields[]> {
  const ids = injectedSubnets(resources).map((id) => id.replace(/\/subnets\/[^/]*$/i, ''));
  const networks = [...new Map(ids.map((id) => [id.toLowerCase(), id])).values()];
  const entries: Fields[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < networks.length; index = next++) {
      const { entry } = await readAdminRules(action, String(networks[index]));
      entries[index] = entry;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, networks.length) }, work));
  return entries;
}
