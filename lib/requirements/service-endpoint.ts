/**
 * What the four service-endpoint requirements share. Source: Microsoft Learn, "Virtual network configuration reference:
 * API Management", section on forced tunneling (service endpoints for SQL, Storage, Event Hubs and Key Vault).
 */
import type { ServiceEndpoint } from '../network/model.ts';
import { isProvisioned } from '../network/service-endpoint.ts';
import type { TagDependencyId } from './dependency.ts';
import { firewallOutcome } from './firewall-tag.ts';
import { planEndpoint, planWithoutEndpoint } from './fix/plan-endpoints.ts';
import { pass, unknown } from './outcome.ts';
import { reach } from './reach.ts';
import type { Outcome } from './requirement.ts';
import type { Situation } from './situation.ts';

export interface EndpointDemand {
  /** Endpoint names that satisfy it; the first one is what a fix adds. */
  readonly services: readonly string[];
  readonly dependency: TagDependencyId;
}

function find(endpoints: readonly ServiceEndpoint[], services: readonly string[]): ServiceEndpoint | undefined {
  const wanted = services.map((service) => service.toLowerCase());
  const found = endpoints.filter((endpoint) => wanted.includes(endpoint.service.toLowerCase()));
  return found.find(isProvisioned) ?? found[0];
}

/** `orFirewall`: a missing endpoint is as good as the firewall on the way. */
function alternative(situation: Situation, demand: EndpointDemand, missing: string, resource: string): Outcome {
  const firewall = firewallOutcome(situation, demand.dependency);
  if (firewall.status === 'notApplicable') {
    const kinds = new Set(reach(situation, firewall.ranges)?.map((part) => part.kind));
    if (kinds.has('dropped')) {
      return {
        status: 'fail',
        message: `${missing} and its traffic is dropped.`,
        resource,
        fix: () => planEndpoint(situation),
      };
    }
    return pass(`${missing}; its traffic does not travel the tunnel.`, resource);
  }
  const message = `${missing}; by the firewall: ${firewall.message}`;
  const { status, evidence } = firewall;
  return {
    status,
    message,
    resource,
    ...(evidence && { evidence }),
    ...(status === 'fail' && { fix: () => planEndpoint(situation) }),
  };
}

export function checkEndpoint(situation: Situation, demand: EndpointDemand): Outcome {
  const { subnet, policy, notSeen } = situation;
  const [service = ''] = demand.services;
  if (!subnet) return unknown(`Whether ${service} is on the subnet cannot be seen.`, notSeen);
  const resource = subnet.id;
  const unresolved = subnet.unresolved?.serviceEndpoints;
  if (unresolved !== undefined) {
    return unknown(
      `Whether ${service} is on the subnet cannot be seen.`,
      [`serviceEndpoints: ${unresolved}`],
      resource,
    );
  }
  const endpoint = find(subnet.serviceEndpoints, demand.services);
  if (policy.serviceEndpoints === 'forbidden') {
    if (!endpoint) return pass(`No ${service} endpoint, as the policy demands.`, resource);
    return {
      status: 'fail',
      message: `The subnet has a ${endpoint.service} endpoint, which the policy forbids.`,
      resource,
      evidence: { details: [`${endpoint.service} (${(endpoint.locations ?? ['*']).join(', ')})`] },
      fix: () => planWithoutEndpoint(situation, demand),
    };
  }
  if (endpoint && isProvisioned(endpoint)) {
    const policies = subnet.serviceEndpointPolicyIds;
    const details =
      policies.length === 0
        ? undefined
        : [`Service endpoint policies apply and can block the platform: ${policies.join(', ')}`];
    return pass(`${endpoint.service} is on the subnet.`, resource, details && { details });
  }
  const missing = endpoint
    ? `The ${endpoint.service} endpoint is not provisioned (${endpoint.provisioningState})`
    : `The subnet has no ${service} endpoint`;
  if (policy.serviceEndpoints === 'orFirewall') return alternative(situation, demand, missing, resource);
  return {
    status: 'fail',
    message: `${missing}: its traffic goes where the routes send it.`,
    resource,
    ...(endpoint ? {} : { fix: () => planEndpoint(situation) }),
  };
}
