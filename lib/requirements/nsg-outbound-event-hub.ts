/** The subnet may reach Event Hubs. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [5671, 5672, 443];

export const nsgOutboundEventHub: Requirement = {
  id: 'nsg-outbound-event-hub',
  severity: 'low',
  needsTunnel: false,
  title: 'Subnet may reach Event Hubs',
  demand: 'TCP 5671, 5672 and 443 to EventHub, global and of the own region, are allowed.',
  impact: 'Logs and metrics that go through Event Hubs are lost where they are used.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const { deployment } = situation;
    const tag = tagSets(situation, [{ base: 'EventHub' }, { base: 'EventHub', region: deployment.region }]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('event-hub', 'EventHub', ports),
    });
  },
};
