/** The firewall at the end of the tunnel lets portal diagnostics through. */
import { firewallHostOutcome } from './firewall-host.ts';
import type { Requirement } from './requirement.ts';

export const firewallPortalDiagnostics: Requirement = {
  id: 'firewall-portal-diagnostics',
  severity: 'low',
  needsTunnel: true,
  title: 'Firewall allows portal diagnostics',
  demand: 'The hosts of portal diagnostics are allowed by the firewall on the path, where they travel the tunnel.',
  impact: 'Diagnostic data of the developer portal is lost.',
  check: (situation) => firewallHostOutcome(situation, 'portal-diagnostics'),
};
