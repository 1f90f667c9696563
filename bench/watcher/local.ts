/** A local watcher for the bench: one compliant deployment behind an Azure Firewall, everything on loopback, settle time 0. */
import { type LocalOptions, type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { deploymentResources } from '../estate-generator.ts';

export type Json = Record<string, unknown>;

/** @param deployments services of the estate */
export async function startForBench(deployments: number, options: Partial<LocalOptions> = {}): Promise<LocalWatcher> {
  const resources = Array.from({ length: deployments }, (_, index) => deploymentResources(index)).flat() as Json[];
  const watcher = await startLocalWatcher({ resources, settleSeconds: 0, ...options });
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
  return watcher;
}

/** A token that the simulated Resource Manager takes. */
export async function tokenFor({ azure }: LocalWatcher): Promise<string> {
  const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = azure.environment;
  const url = `${IDENTITY_ENDPOINT}?resource=${azure.endpoint}&api-version=2019-08-01`;
  const response = await fetch(url, { headers: { 'X-IDENTITY-HEADER': IDENTITY_HEADER } });
  return ((await response.json()) as { access_token: string }).access_token;
}
