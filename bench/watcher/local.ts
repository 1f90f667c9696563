/** A local watcher for the bench: one compliant deployment behind an Azure Firewall, everything on loopback, settle time 0. */
import { startLocalWatcher, type LocalOptions, type LocalWatcher } from '../../local/watcher.ts';
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

/** An event of a change, in Event Grid's schema. */
export function eventOf(resourceId: string, id: string): Json {
  return {
    id,
    eventType: 'Microsoft.Resources.ResourceWriteSuccess',
    subject: resourceId,
    eventTime: new Date().toISOString(),
    topic: '/subscriptions/bench',
    data: { resourceUri: resourceId, operationName: 'Microsoft.Network/routeTables/routes/write', correlationId: id },
    dataVersion: '2',
    metadataVersion: '1',
  };
}
