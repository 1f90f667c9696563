/** Fixes of a subnet's service endpoints. The whole list is written, so what the subnet has is in it. */

import type { FixPlan } from '../requirement.ts';
import type { EndpointDemand } from '../service-endpoint.ts';
import type { Situation } from '../situation.ts';

const caveats = [
  'Switching a service endpoint closes open connections to that service for a moment.',
  'Policies such as "Deny-Service-Endpoints" can refuse service endpoints.',
];

/** What API Management wants on a subnet; SQL in the primary region only. */
const wanted = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.EventHub', 'Microsoft.KeyVault'];

/**
 * Writing a subnet's endpoints replaces the list, so a fix for one would undo a fix for another: each adds all that are
 * missing.
 */
export function planEndpoint(situation: Situation): FixPlan | undefined {
  const { subnet, deployment } = situation;
  if (!subnet) return undefined;
  const present = subnet.serviceEndpoints.map((endpoint) => endpoint.service);
  const has = (service: string): boolean => present.some((each) => each.toLowerCase() === service.toLowerCase());
  const missing = wanted.filter((service) => {
    if (service === 'Microsoft.Sql' && deployment.role === 'additional') return false;
    return !has(service) && !(service === 'Microsoft.Storage' && has('Microsoft.Storage.Global'));
  });
  return {
    summary: `Add ${missing.join(', ')} to the service endpoints of subnet ${subnet.name}; keep the others.`,
    changes: [{ kind: 'setServiceEndpoints', subnet, services: [...present, ...missing] }],
    caveats,
  };
}

export function planWithoutEndpoint(situation: Situation, demand: EndpointDemand): FixPlan | undefined {
  const { subnet } = situation;
  if (!subnet) return undefined;
  const unwanted = demand.services.map((service) => service.toLowerCase());
  const services = subnet.serviceEndpoints
    .map((endpoint) => endpoint.service)
    .filter((service) => !unwanted.includes(service.toLowerCase()));
  return {
    summary: `Remove the ${demand.services[0]} service endpoint from subnet ${subnet.name}; keep the others.`,
    changes: [{ kind: 'setServiceEndpoints', subnet, services }],
    caveats: [...caveats, 'Its traffic then follows the routes: the firewall must allow it.'],
    needsProof: true,
  };
}
