/** The Event Hubs endpoint of the subnet. */
import type { Requirement } from './requirement.ts';
import { checkEndpoint } from './service-endpoint.ts';

export const serviceEndpointEventHub: Requirement = {
  id: 'service-endpoint-event-hub',
  severity: 'medium',
  needsTunnel: true,
  title: 'Service endpoint for Event Hubs',
  demand: 'Microsoft.EventHub is on the subnet and provisioned.',
  impact: 'Logs and metrics that go through Event Hubs (log-to-eventhub, Azure Monitor) are lost.',
  check: (situation) => checkEndpoint(situation, { services: ['Microsoft.EventHub'], dependency: 'event-hub' }),
};
