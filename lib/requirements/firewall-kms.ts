/** The firewall at the end of the tunnel lets Windows activation (KMS) through. */
import { firewallHostOutcome } from './firewall-host.ts';
import type { Requirement } from './requirement.ts';

export const firewallKms: Requirement = {
  id: 'firewall-kms',
  severity: 'low',
  needsTunnel: true,
  title: 'Firewall allows Windows activation (KMS)',
  demand:
    'The hosts of Windows activation (KMS) are allowed by the firewall on the path, where they travel the tunnel.',
  impact: 'The Windows machines under the gateway cannot renew their activation.',
  check: (situation) => firewallHostOutcome(situation, 'kms'),
};
