/** Security admin rules as Azure answers, for tests. */
type Json = Record<string, unknown>;

const manager =
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-net/providers/Microsoft.Network/networkManagers/central';

/** Shape of the published example "NetworkManagerEffectiveSecurityAdminRulesList" (azure-rest-api-specs, network 2024-01-01, MIT). */
export function adminRule(name: string, properties: Json, networkManager = manager): Json {
  return {
    id: `${networkManager}/securityAdminConfigurations/config/ruleCollections/collection/rules/${name}`,
    kind: 'Custom',
    ruleCollectionAppliesToGroups: [{ networkGroupId: `${networkManager}/networkGroups/all` }],
    properties: {
      protocol: 'Tcp',
      sources: [{ addressPrefixType: 'IPPrefix', addressPrefix: '*' }],
      destinations: [{ addressPrefixType: 'IPPrefix', addressPrefix: '*' }],
      sourcePortRanges: ['0-65535'],
      destinationPortRanges: ['0-65535'],
      direction: 'Outbound',
      access: 'Deny',
      priority: 10,
      provisioningState: 'Succeeded',
      ...properties,
    },
  };
}

export function toTag(tag: string): Json {
  return { destinations: [{ addressPrefixType: 'ServiceTag', addressPrefix: tag }] };
}
