/** The subnet may reach Azure Key Vault. */
import { outboundRule } from './fix/plan-security-rules.ts';
import type { Requirement } from './requirement.ts';
import { demandAllowed, tagSets, withoutGroup } from './security-group.ts';

const ports = [443];

export const nsgOutboundKeyVault: Requirement = {
  id: 'nsg-outbound-key-vault',
  severity: 'critical',
  needsTunnel: false,
  title: 'Subnet may reach Azure Key Vault',
  demand: "TCP 443 to the own region's AzureKeyVault tag is allowed (in an additional region to the primary's too).",
  impact: 'Certificates and named values in Key Vault cannot be read.',
  check: (situation) => {
    const missing = withoutGroup(situation);
    if (missing) return missing;
    const { deployment } = situation;
    const tag = tagSets(situation, [
      { base: 'AzureKeyVault', region: deployment.region },
      { base: 'AzureKeyVault', region: deployment.primaryRegion },
    ]);
    if ('status' in tag) return tag;
    return demandAllowed(situation, {
      direction: 'Outbound',
      ports,
      remote: tag.set,
      remoteName: tag.name,
      rule: outboundRule('key-vault', 'AzureKeyVault', ports),
    });
  },
};
