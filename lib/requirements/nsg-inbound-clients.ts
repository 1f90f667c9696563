/** Clients of an External service reach the gateway. */
import { difference, fromPrefixes } from '../address/interval-set.ts';
import { packIpv4Prefix } from '../address/prefix.ts';
import { publicSpace } from '../network/public-space.ts';
import { clientRule, inboundRules } from './fix/plan-security-rules.ts';
import { notApplicable } from './outcome.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, withoutGroup } from './security-group.ts';

export const nsgInboundClients: Requirement = {
  id: 'nsg-inbound-clients',
  severity: 'high',
  needsTunnel: false,
  title: 'Clients may reach port 443',
  demand: 'External mode: TCP 443 from Internet, or from all client ranges of the policy, is allowed.',
  impact: 'Calls of these clients never reach the gateway.',
  check: (situation) => {
    if (situation.deployment.mode.toLowerCase() === 'internal')
      return notApplicable('Internal mode has no clients on the Internet.');
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const virtualNetwork = situation.routing?.virtualNetworkSpace ?? situation.localAddresses;
    const internet = demandAllowed(situation, {
      direction: 'Inbound',
      ports: [443],
      remote: difference(publicSpace, virtualNetwork),
      remoteName: 'Internet',
      rule: inboundRules.clients,
    });
    const clients = situation.policy.clients.filter((client) => packIpv4Prefix(client) >= 0);
    if (internet.status === 'pass' || clients.length === 0) return internet;
    return demandAllowed(situation, {
      direction: 'Inbound',
      ports: [443],
      remote: fromPrefixes(clients),
      remoteName: "the policy's clients",
      rule: clientRule(clients),
    });
  },
};
