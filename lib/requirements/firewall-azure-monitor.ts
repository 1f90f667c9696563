/** The firewall at the end of the tunnel lets Azure Monitor through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallAzureMonitor: Requirement = {
  id: 'firewall-azure-monitor',
  severity: 'medium',
  needsTunnel: true,
  title: 'Firewall allows Azure Monitor',
  demand: 'What travels the tunnel to Azure Monitor is wholly allowed by the firewall on the path.',
  impact: 'Metrics, resource health and diagnostics stop: the service looks dead in the portal.',
  check: (situation) => firewallOutcome(situation, 'azure-monitor'),
};
