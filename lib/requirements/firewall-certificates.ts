/** The firewall at the end of the tunnel lets certificate validation through. */
import { firewallHostOutcome } from './firewall-host.ts';
import type { Requirement } from './requirement.ts';

export const firewallCertificates: Requirement = {
  id: 'firewall-certificates',
  severity: 'medium',
  needsTunnel: true,
  title: 'Firewall allows certificate validation',
  demand: 'The hosts of certificate validation are allowed by the firewall on the path, where they travel the tunnel.',
  impact: 'TLS certificates cannot be checked for revocation: calls to back ends slow down or fail.',
  check: (situation) => firewallHostOutcome(situation, 'certificates'),
};
