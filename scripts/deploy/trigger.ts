/**
 * Has Event Grid call the function instead of writing into the queue, once the code is there; and back. Until the new way stands the
 * old one is kept: an event that comes by both is taken once.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ResourceManager } from './resource-manager.ts';

const deploymentSchema = z.looseObject({
  properties: z.looseObject({
    provisioningState: z.string(),
    error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
  }),
});
const template: unknown = JSON.parse(readFileSync(new URL('../../infra/trigger.json', import.meta.url), 'utf8'));
const deploymentApi = '2024-03-01';

export interface Wiring {
  readonly topicIds: readonly string[];
  readonly storageId: string;
  readonly appId: string;
  readonly delivery: 'queue' | 'function';
}

/** Milliseconds between two looks at a deployment, and for all of them. */
const pace = { every: 3000, atMost: 600_000 };

async function deploy(ask: ResourceManager, path: string, parameters: unknown, every: number): Promise<void> {
  await ask('PUT', path, deploymentApi, { properties: { mode: 'Incremental', template, parameters } });
  for (let waited = 0; waited < pace.atMost; waited += every) {
    const { status, body } = await ask('GET', path, deploymentApi);
    if (status === 404) throw new Error(`${path} is not there any more`);
    const { provisioningState, error } = deploymentSchema.parse(body).properties;
    if (provisioningState === 'Succeeded') return;
    if (['Failed', 'Canceled'].includes(provisioningState)) {
      throw new Error(`${path}: ${provisioningState}${error ? `: ${error.code}: ${error.message}` : ''}`.slice(0, 500));
    }
    await sleep(every);
  }
  throw new Error(`${path} has not ended in ten minutes`);
}

/** @throws Error with what Azure refuses */
export async function wire(
  ask: ResourceManager,
  { topicIds, storageId, appId, delivery }: Wiring,
  every = pace.every,
): Promise<void> {
  for (const topicId of topicIds) {
    const [group = '', topicName = ''] = topicId.split(/\/providers\/Microsoft\.EventGrid\/systemTopics\//i);
    if (delivery === 'function') {
      const parameters = {
        topicName: { value: topicName },
        storageAccountId: { value: storageId },
        functionAppId: { value: appId },
      };
      const path = `${group}/providers/Microsoft.Resources/deployments/tunnelwatch-trigger-${topicName}`;
      await deploy(ask, path, parameters, every);
    }
    const old = delivery === 'function' ? 'network-changes' : 'network-changes-direct';
    await ask('DELETE', `${topicId}/eventSubscriptions/${old}`, '2025-02-15');
  }
}
