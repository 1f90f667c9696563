/** The firewall at the end of the tunnel lets Event Hubs through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallEventHub: Requirement = {
  id: 'firewall-event-hub',
  severity: 'medium',
  needsTunnel: true,
  title: 'Firewall allows Event Hubs',
  demand: 'What travels the tunnel to Event Hubs is wholly allowed by the firewall on the path.',
  impact: 'Logs and metrics that go through Event Hubs are lost.',
  check: (situation) => firewallOutcome(situation, 'event-hub'),
};
