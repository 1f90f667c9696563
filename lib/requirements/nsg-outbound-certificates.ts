/** The subnet may fetch revocation lists and issuer certificates, which are served over plain HTTP. */
import { difference } from '../address/interval-set.ts';
import { publicSpace } from '../network/public-space.ts';
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, withoutGroup } from './security-group.ts';

const ports = [80];

export const nsgOutboundCertificates: Requirement = {
  id: 'nsg-outbound-certificates',
  severity: 'medium',
  needsTunnel: false,
  title: 'Subnet may validate certificates',
  demand: 'TCP 80 to Internet is allowed.',
  impact: 'TLS certificates cannot be checked for revocation: calls to back ends slow down or fail.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const virtualNetwork = situation.routing?.virtualNetworkSpace ?? situation.localAddresses;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: difference(publicSpace, virtualNetwork),
      remoteName: 'Internet',
      rule: outboundRule('certificates', 'Internet', ports),
    });
  },
};
