/** The control plane reaches the management endpoint. */
import { controlPlaneTag } from './dependency.ts';
import { inboundRules } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

export const nsgInboundManagement: Requirement = {
  id: 'nsg-inbound-management',
  severity: 'high',
  needsTunnel: false,
  title: 'Control plane may reach port 3443',
  demand: 'TCP 3443 from the whole ApiManagement tag is allowed.',
  impact: 'The management plane cannot reach the service: configuration, portal and scaling operations fail.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const tag = tagSets(situation, [{ base: controlPlaneTag }]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Inbound',
      ports: [3443],
      remote: tag.set,
      remoteName: tag.name,
      rule: inboundRules.management,
    });
  },
};
