/** The subnet may reach Microsoft Entra ID. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [443];

export const nsgOutboundEntraId: Requirement = {
  id: 'nsg-outbound-entra-id',
  severity: 'low',
  needsTunnel: false,
  title: 'Subnet may reach Microsoft Entra ID',
  demand: 'TCP 443 to AzureActiveDirectory is allowed.',
  impact: 'Sign-in to the developer portal, Graph and Key Vault authentication fail where they are used.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const { deployment } = situation;
    const tag = tagSets(situation, [
      { base: 'AzureActiveDirectory' },
      { base: 'AzureActiveDirectory', region: deployment.region },
    ]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('entra-id', 'AzureActiveDirectory', ports),
    });
  },
};
