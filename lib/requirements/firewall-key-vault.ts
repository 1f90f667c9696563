/** The firewall at the end of the tunnel lets Azure Key Vault through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallKeyVault: Requirement = {
  id: 'firewall-key-vault',
  severity: 'critical',
  needsTunnel: true,
  title: 'Firewall allows Azure Key Vault',
  demand: 'What travels the tunnel to Azure Key Vault is wholly allowed by the firewall on the path.',
  impact: 'Certificates and named values in Key Vault cannot be read.',
  check: (situation) => firewallOutcome(situation, 'key-vault'),
};
