/** The subnet may reach Azure Monitor. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [1886, 443];

export const nsgOutboundAzureMonitor: Requirement = {
  id: 'nsg-outbound-azure-monitor',
  severity: 'medium',
  needsTunnel: false,
  title: 'Subnet may reach Azure Monitor',
  demand: 'TCP 1886 and 443 to AzureMonitor are allowed.',
  impact: 'Metrics, resource health and diagnostics stop.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const tag = tagSets(situation, [{ base: 'AzureMonitor' }]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('azure-monitor', 'AzureMonitor', ports),
    });
  },
};
