/** The Storage endpoint of the subnet. */
import type { Requirement } from './requirement.ts';
import { checkEndpoint } from './service-endpoint.ts';

export const serviceEndpointStorage: Requirement = {
  id: 'service-endpoint-storage',
  severity: 'critical',
  needsTunnel: true,
  title: 'Service endpoint for Storage',
  demand: 'Microsoft.Storage or Microsoft.Storage.Global is on the subnet and provisioned.',
  impact: 'The gateway cannot reach the storage that it starts from and logs to: core API Management fails.',
  check: (situation) =>
    checkEndpoint(situation, { services: ['Microsoft.Storage', 'Microsoft.Storage.Global'], dependency: 'storage' }),
};
