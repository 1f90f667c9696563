/** The firewall at the end of the tunnel lets the SMTP relay through. */
import { firewallHostOutcome } from './firewall-host.ts';
import type { Requirement } from './requirement.ts';

export const firewallSmtp: Requirement = {
  id: 'firewall-smtp',
  severity: 'low',
  needsTunnel: true,
  title: 'Firewall allows the SMTP relay',
  demand: 'The hosts of the SMTP relay are allowed by the firewall on the path, where they travel the tunnel.',
  impact: 'E-mail notifications of the service are not sent.',
  check: (situation) => firewallHostOutcome(situation, 'smtp'),
};
