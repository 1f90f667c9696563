/** The Key Vault endpoint of the subnet. */
import type { Requirement } from './requirement.ts';
import { checkEndpoint } from './service-endpoint.ts';

export const serviceEndpointKeyVault: Requirement = {
  id: 'service-endpoint-key-vault',
  severity: 'critical',
  needsTunnel: true,
  title: 'Service endpoint for Key Vault',
  demand: 'Microsoft.KeyVault is on the subnet and provisioned.',
  impact: 'Certificates and named values in Key Vault cannot be read: gateways fail to start or to renew.',
  check: (situation) => checkEndpoint(situation, { services: ['Microsoft.KeyVault'], dependency: 'key-vault' }),
};
