/** Traffic Manager probes the regions of a multi-region External service. */
import { inboundRules } from './fix/plan-security-rules.ts';
import { notApplicable } from './outcome.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

export const nsgInboundTrafficManager: Requirement = {
  id: 'nsg-inbound-traffic-manager',
  severity: 'medium',
  needsTunnel: false,
  title: 'Traffic Manager may probe port 443',
  demand: 'External mode in several regions: TCP 443 from AzureTrafficManager is allowed.',
  impact: 'The region looks dead to Traffic Manager: failover and routing to the nearest region do not work.',
  check: (situation) => {
    const { mode, multiRegion } = situation.deployment;
    if (mode.toLowerCase() === 'internal') return notApplicable('Internal mode is not probed by Traffic Manager.');
    if (!multiRegion) return notApplicable('The service has one region.');
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const tag = tagSets(situation, [{ base: 'AzureTrafficManager' }]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Inbound',
      ports: [443],
      remote: tag.set,
      remoteName: tag.name,
      rule: inboundRules.trafficManager,
    });
  },
};
