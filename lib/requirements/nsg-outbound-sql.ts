/** The subnet may reach Azure SQL. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [1433];

export const nsgOutboundSql: Requirement = {
  id: 'nsg-outbound-sql',
  severity: 'critical',
  needsTunnel: false,
  title: 'Subnet may reach Azure SQL',
  demand: "TCP 1433 to the own region's Sql tag is allowed (in an additional region to the primary's too).",
  impact: 'The service cannot reach its configuration database: core API Management fails.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const { deployment } = situation;
    const tag = tagSets(situation, [
      { base: 'Sql', region: deployment.region },
      { base: 'Sql', region: deployment.primaryRegion },
    ]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('sql', 'Sql', ports),
    });
  },
};
