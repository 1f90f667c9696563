/**
 * What would make a deployment fail, asked before it begins: what-if sees none of it. A subscription has one system topic of its
 * changes at most (Microsoft Learn, "System topics in Azure Event Grid"), and a topic that somebody else made may have no identity.
 */
import { z } from 'zod';
import type { ResourceManager } from './resource-manager.ts';

const topicSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  identity: z.looseObject({ type: z.string() }).nullish(),
  properties: z.looseObject({ topicType: z.string().default('') }),
});
const topicListSchema = z.looseObject({ value: z.array(topicSchema) });

/** As the parameter of the same name in infra/main.bicep. */
export const existingTopicSchema = z.array(
  z.object({ subscriptionId: z.string(), resourceGroup: z.string(), name: z.string() }),
);
type ExistingTopic = z.infer<typeof existingTopicSchema>[number];

export interface Plan {
  readonly namePrefix: string;
  readonly watched: readonly string[];
  readonly existingTopics: readonly ExistingTopic[];
}

const ofOperations = 'microsoft.resources.subscriptions';

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

async function topicProblems(ask: ResourceManager, subscription: string, plan: Plan): Promise<readonly string[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.EventGrid/systemTopics`;
  const { status, body } = await ask('GET', path, '2025-02-15');
  if (status === 404) return [`subscription ${subscription} is not there, or you may not read it`];
  const topic = topicListSchema
    .parse(body)
    .value.find(({ properties }) => properties.topicType.toLowerCase() === ofOperations);
  const given = plan.existingTopics.find(({ subscriptionId }) => same(subscriptionId, subscription));
  if (!topic) {
    if (!given) return [];
    return [`subscription ${subscription} has no topic ${given.name} of its changes: take it out of existingTopics`];
  }
  const resourceGroup = /\/resourceGroups\/([^/]+)/i.exec(topic.id)?.[1] ?? '';
  const own = { resourceGroup: `rg-${plan.namePrefix}-events`, name: `evgt-${plan.namePrefix}` };
  const wanted = given ?? own;
  if (!same(topic.name, wanted.name) || !same(resourceGroup, wanted.resourceGroup)) {
    const entry = JSON.stringify({ subscriptionId: subscription, resourceGroup, name: topic.name });
    return [
      `subscription ${subscription} has a topic of its changes already, and a second is refused: give it in existingTopics, ${entry}`,
    ];
  }
  if (!/SystemAssigned/i.test(topic.identity?.type ?? '')) {
    return [
      `topic ${topic.name} of subscription ${subscription} has no system-assigned identity, by which it would deliver; give it one: az eventgrid system-topic update --resource-group ${resourceGroup} --name ${topic.name} --identity systemassigned`,
    ];
  }
  return [];
}

/** @returns what is to be done first, a line each; none: the deployment may begin */
export async function problemsBefore(ask: ResourceManager, plan: Plan): Promise<readonly string[]> {
  const found = await Promise.all(plan.watched.map((subscription) => topicProblems(ask, subscription, plan)));
  return found.flat();
}
