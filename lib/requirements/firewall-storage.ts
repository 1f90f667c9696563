/** The firewall at the end of the tunnel lets Azure Storage through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallStorage: Requirement = {
  id: 'firewall-storage',
  severity: 'critical',
  needsTunnel: true,
  title: 'Firewall allows Azure Storage',
  demand: 'What travels the tunnel to Azure Storage is wholly allowed by the firewall on the path.',
  impact: 'The gateway cannot reach its storage: core API Management fails.',
  check: (situation) => firewallOutcome(situation, 'storage'),
};
