/** The platform's load balancer probes the gateway; the Developer tier has none. */
import { fromPrefixes } from '../address/interval-set.ts';
import { inboundRules } from './fix/plan-security-rules.ts';
import { notApplicable, unknown } from './outcome.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed } from './security-group.ts';

const loadBalancer = fromPrefixes(['168.63.129.16/32']);

export const nsgInboundLoadBalancer: Requirement = {
  id: 'nsg-inbound-load-balancer',
  severity: 'critical',
  needsTunnel: false,
  title: 'Load balancer may probe port 6390',
  demand: 'TCP 6390 from AzureLoadBalancer is allowed (not asked of the Developer tier).',
  impact: 'Health probes fail and the load balancer takes the gateway out of service.',
  check: (situation) => {
    if (situation.deployment.sku.toLowerCase() === 'developer')
      return notApplicable('The Developer tier has no load balancer.');
    const outcome = demandAllowed(situation, {
      direction: 'Inbound',
      ports: [6390],
      remote: loadBalancer,
      remoteName: 'AzureLoadBalancer',
      rule: inboundRules.loadBalancer,
    });
    if (outcome.status !== 'fail' || situation.deployment.sku !== 'unknown') return outcome;
    return unknown(
      `Unless the tier is Developer, this fails: ${outcome.message}`,
      ['the SKU of the service'],
      outcome.resource,
    );
  },
};
