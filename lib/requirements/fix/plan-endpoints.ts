/** Fixes of a subnet's service endpoints. The whole list is written, so what the subnet has is in it. */

import type { FixPlan } from '../requirement.ts';
import type { EndpointDemand } from '../service-endpoint.ts';
import type { Situation } from '../situation.ts';

const caveats = [
  'Switching a service endpoint closes open connections to that service for a moment.',
  'Policies such as "Deny-Service-Endpoints" can refuse service endpoints.',
];

export function planEndpoint(situation: Situation, demand: EndpointDemand): FixPlan | undefined {
  const { subnet } = situation;
  const [service] = demand.services;
  if (!subnet || service === undefined) return undefined;
  const services = [...subnet.serviceEndpoints.map((endpoint) => endpoint.service), service];
  return {
    summary: `Add the ${service} service endpoint to subnet ${subnet.name}; keep the others.`,
    changes: [{ kind: 'setServiceEndpoints', subnet, services }],
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
