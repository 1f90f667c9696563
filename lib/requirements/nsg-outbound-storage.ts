/** The subnet may reach Azure Storage. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [443];

export const nsgOutboundStorage: Requirement = {
  id: 'nsg-outbound-storage',
  severity: 'critical',
  needsTunnel: false,
  title: 'Subnet may reach Azure Storage',
  demand: "TCP 443 to the own region's Storage tag is allowed (in an additional region to the primary's too).",
  impact: 'The gateway cannot reach its storage: core API Management fails.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const { deployment } = situation;
    const tag = tagSets(situation, [
      { base: 'Storage', region: deployment.region },
      { base: 'Storage', region: deployment.primaryRegion },
    ]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('storage', 'Storage', ports),
    });
  },
};
