/** The SQL endpoint of the subnet; primary region only: in the others SQL is reached across regions, where no endpoint helps. */
import { notApplicable } from './outcome.ts';
import type { Requirement } from './requirement.ts';
import { checkEndpoint } from './service-endpoint.ts';

export const serviceEndpointSql: Requirement = {
  id: 'service-endpoint-sql',
  severity: 'critical',
  needsTunnel: true,
  title: 'Service endpoint for SQL',
  demand: 'Microsoft.Sql is on the subnet and provisioned (primary region only).',
  impact: 'The service cannot reach its configuration database: core API Management fails.',
  check: (situation) => {
    if (situation.deployment.role === 'additional') return notApplicable('SQL is reached in the primary region only.');
    return checkEndpoint(situation, { services: ['Microsoft.Sql'], dependency: 'sql' });
  },
};
