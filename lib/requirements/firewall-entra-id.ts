/** The firewall at the end of the tunnel lets Microsoft Entra ID through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallEntraId: Requirement = {
  id: 'firewall-entra-id',
  severity: 'medium',
  needsTunnel: true,
  title: 'Firewall allows Microsoft Entra ID',
  demand: 'What travels the tunnel to Microsoft Entra ID is wholly allowed by the firewall on the path.',
  impact: 'Sign-in to the developer portal, Graph and Key Vault authentication fail.',
  check: (situation) => firewallOutcome(situation, 'entra-id'),
};
