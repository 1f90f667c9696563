/** The firewall at the end of the tunnel lets Azure SQL in the primary region through. */
import { firewallOutcome } from './firewall-tag.ts';
import type { Requirement } from './requirement.ts';

export const firewallSql: Requirement = {
  id: 'firewall-sql',
  severity: 'critical',
  needsTunnel: true,
  title: 'Firewall allows Azure SQL in the primary region',
  demand: 'What travels the tunnel to Azure SQL in the primary region is wholly allowed by the firewall on the path.',
  impact: 'The service cannot reach its configuration database: core API Management fails.',
  check: (situation) => firewallOutcome(situation, 'sql'),
};
