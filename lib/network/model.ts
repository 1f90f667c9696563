/**
 * The network as the evaluator sees it: Azure's resources, flattened the way `@azure/arm-network` flattens them
 * (no `.properties`), with Azure's own property names. Plain readonly data: no SDK, no I/O, nothing is computed here.
 *
 * Resource ids keep Azure's spelling in `id`; every map is keyed by `idKey(id)`, because Azure compares ids without
 * regard to case. What an export does not say is absent, never guessed.
 *
 * A value that a template leaves to an expression which could not be evaluated is kept as that expression's text
 * (`[reference(...)]`, see `isExpression`) where the field is text, and is listed in `unresolved` under the field's
 * name where the field is of another shape. Both make what they could decide unknown.
 */

import type { SecurityAdminRules } from './admin-rule.ts';
import type { LearnedRoutes, RoutingIntent } from './learned-routes.ts';
import type { ServiceNetworkStatus } from './network-status.ts';
import type { OutboundDependencies, ResolvedName } from './outbound-dependencies.ts';

/** The key under which a resource id is stored and compared. */
export function idKey(id: string): string {
  return id.toLowerCase();
}

/** An ARM template expression that was not evaluated: text in square brackets. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']');
}

/** Field name -> text of the expression (or the reason) that kept it from being known. */
export type Unresolved = Readonly<Record<string, string>>;

/** Where a resource was found; `line` counts from 1 and is absent where it is not known. */
export interface Origin {
  /** Index into `Estate.sources`. */
  readonly source: number;
  readonly line?: number;
}

interface Resource {
  readonly id: string;
  readonly name: string;
  readonly origin?: Origin;
  readonly unresolved?: Unresolved;
}

interface LocatedResource extends Resource {
  readonly location?: string;
  readonly provisioningState?: string;
}

/** `Microsoft.ApiManagement/service` (API 2024-05-01). */
export interface ApiManagementService extends LocatedResource {
  readonly skuName?: string;
  readonly virtualNetworkType?: string;
  readonly subnetId?: string;
  readonly platformVersion?: string;
  readonly additionalLocations: readonly AdditionalLocation[];
}

export interface AdditionalLocation {
  readonly location: string;
  readonly skuName?: string;
  readonly subnetId?: string;
  readonly platformVersion?: string;
  readonly unresolved?: Unresolved;
}

/** `Microsoft.Network/virtualNetworks`. Its subnets are in `Estate.subnets`. */
export interface VirtualNetwork extends LocatedResource {
  readonly addressPrefixes: readonly string[];
  readonly subnetIds: readonly string[];
  readonly virtualNetworkPeerings: readonly VirtualNetworkPeering[];
  readonly dnsServers: readonly string[];
}

export interface VirtualNetworkPeering {
  readonly name: string;
  readonly id?: string;
  readonly peeringState?: string;
  readonly useRemoteGateways?: boolean;
  readonly allowGatewayTransit?: boolean;
  readonly remoteVirtualNetworkId?: string;
  /** `remoteVirtualNetworkAddressSpace`, else `remoteAddressSpace`; absent when neither is given. */
  readonly remoteAddressPrefixes?: readonly string[];
  readonly unresolved?: Unresolved;
}

/** `Microsoft.Network/virtualNetworks/subnets`, whether it came inline in its VNet or as a resource of its own. */
export interface Subnet extends Resource {
  readonly provisioningState?: string;
  /** `addressPrefix` and `addressPrefixes`, joined. */
  readonly addressPrefixes: readonly string[];
  readonly routeTableId?: string;
  readonly networkSecurityGroupId?: string;
  readonly natGatewayId?: string;
  readonly serviceEndpoints: readonly ServiceEndpoint[];
  readonly serviceEndpointPolicyIds: readonly string[];
  readonly delegations: readonly string[];
  /** Gateways and Route Servers (`virtualHubs`) that have an IP configuration in it; absent: none is shown. */
  readonly attachedIds?: readonly string[];
  /** The subnet's `properties` as Azure sent them, for a fix that must keep all that stands beside it. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface ServiceEndpoint {
  readonly service: string;
  /** Absent or `['*']` means every region. */
  readonly locations?: readonly string[];
  readonly provisioningState?: string;
}

/** `Microsoft.Network/routeTables`. */
export interface RouteTable extends LocatedResource {
  readonly disableBgpRoutePropagation?: boolean;
  readonly routes: readonly Route[];
}

export interface Route {
  readonly name: string;
  readonly id?: string;
  /** A CIDR, a service tag's name, or an expression. */
  readonly addressPrefix: string;
  /** `VirtualAppliance`, `VirtualNetworkGateway`, `VnetLocal`, `Internet`, `None`, or a value newer than this code. */
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string;
  readonly hasBgpOverride?: boolean;
  readonly provisioningState?: string;
  readonly unresolved?: Unresolved;
}

/** `Microsoft.Network/networkSecurityGroups`. Azure's default rules are not listed: they cannot be changed. */
export interface NetworkSecurityGroup extends LocatedResource {
  readonly securityRules: readonly SecurityRule[];
}

/** Singular and plural members of a rule are joined into the plural ones. */
export interface SecurityRule {
  readonly name: string;
  readonly id?: string;
  readonly priority?: number;
  readonly direction: string;
  readonly access: string;
  readonly protocol: string;
  readonly sourceAddressPrefixes: readonly string[];
  readonly sourcePortRanges: readonly string[];
  readonly sourceApplicationSecurityGroupIds: readonly string[];
  readonly destinationAddressPrefixes: readonly string[];
  readonly destinationPortRanges: readonly string[];
  readonly destinationApplicationSecurityGroupIds: readonly string[];
  readonly unresolved?: Unresolved;
}

/** `Microsoft.Network/azureFirewalls`: classic rules, or a policy, in a VNet or in a virtual hub. */
export interface AzureFirewall extends LocatedResource {
  readonly privateIpAddresses: readonly string[];
  readonly virtualHubId?: string;
  readonly firewallPolicyId?: string;
  readonly threatIntelMode?: string;
  readonly networkRuleCollections: readonly ClassicRuleCollection[];
  readonly applicationRuleCollections: readonly ClassicRuleCollection[];
  readonly natRuleCollections: readonly ClassicRuleCollection[];
}

export interface ClassicRuleCollection {
  readonly name: string;
  readonly priority?: number;
  /** `Allow`, `Deny`; for NAT `Dnat`, `Snat`. */
  readonly action: string;
  readonly rules: readonly FirewallRule[];
}

/** `Microsoft.Network/firewallPolicies` with its rule collection groups. */
export interface FirewallPolicy extends LocatedResource {
  readonly basePolicyId?: string;
  readonly ruleCollectionGroups: readonly RuleCollectionGroup[];
  /** Ids of groups that the policy names; one that is not in `ruleCollectionGroups` was not in the export. */
  readonly ruleCollectionGroupIds: readonly string[];
  readonly threatIntelMode?: string;
  /** `dnsSettings.enableProxy`; FQDNs in network rules need it. */
  readonly dnsProxyEnabled?: boolean;
}

export interface RuleCollectionGroup {
  readonly id: string;
  readonly name: string;
  readonly priority?: number;
  readonly ruleCollections: readonly RuleCollection[];
  readonly unresolved?: Unresolved;
}

export interface RuleCollection {
  readonly name: string;
  readonly priority?: number;
  /** `FirewallPolicyFilterRuleCollection` or `FirewallPolicyNatRuleCollection`. */
  readonly ruleCollectionType: string;
  /** `Allow`, `Deny`, or `DNAT`. */
  readonly action: string;
  readonly rules: readonly FirewallRule[];
  readonly unresolved?: Unresolved;
}

/** One rule of a firewall, classic or of a policy, under one set of names (those of `@azure/arm-network`'s policies). */
export interface FirewallRule {
  readonly name: string;
  readonly ruleType: 'NetworkRule' | 'ApplicationRule' | 'NatRule' | (string & {});
  /** Network and NAT rules: `TCP`, `UDP`, `ICMP`, `Any`. */
  readonly ipProtocols: readonly string[];
  /** Application rules: protocol (`Http`, `Https`, `Mssql`) and port. */
  readonly protocols: readonly { readonly protocolType: string; readonly port?: number }[];
  readonly sourceAddresses: readonly string[];
  readonly sourceIpGroups: readonly string[];
  readonly destinationAddresses: readonly string[];
  readonly destinationIpGroups: readonly string[];
  readonly destinationPorts: readonly string[];
  readonly destinationFqdns: readonly string[];
  readonly targetFqdns: readonly string[];
  readonly targetUrls: readonly string[];
  readonly fqdnTags: readonly string[];
  readonly webCategories: readonly string[];
  readonly translatedAddress?: string;
  readonly translatedPort?: string;
  readonly unresolved?: Unresolved;
}

/** `Microsoft.Network/ipGroups`. */
export interface IpGroup extends LocatedResource {
  readonly ipAddresses: readonly string[];
}

/** `Microsoft.Network/virtualNetworkGateways`; `subnetIds` are those of its IP configurations (the GatewaySubnet). */
export interface VirtualNetworkGateway extends LocatedResource {
  readonly gatewayType?: string;
  readonly subnetIds: readonly string[];
  /** The local network gateway that everything without a longer route is sent to. */
  readonly gatewayDefaultSiteId?: string;
  /** `customRoutes`: advertised to point-to-site clients, not to subnets. */
  readonly customRoutes: readonly string[];
}

/** `Microsoft.Network/virtualHubs/hubVirtualNetworkConnections`. */
export interface HubVirtualNetworkConnection extends Resource {
  readonly remoteVirtualNetworkId?: string;
  readonly enableInternetSecurity?: boolean;
}

export interface Source {
  readonly kind: 'file' | 'arm' | 'resourceGraph' | 'template';
  readonly name: string;
}

/** Something that could not be read or that contradicts itself; shown in the report, never swallowed. */
export interface EstateError {
  readonly resource: string;
  readonly message: string;
}

/** All that was read, from one source or several. Maps are keyed by `idKey`. */
export interface Estate {
  readonly sources: readonly Source[];
  readonly errors: readonly EstateError[];
  readonly services: readonly ApiManagementService[];
  readonly virtualNetworks: ReadonlyMap<string, VirtualNetwork>;
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly routeTables: ReadonlyMap<string, RouteTable>;
  readonly networkSecurityGroups: ReadonlyMap<string, NetworkSecurityGroup>;
  readonly azureFirewalls: ReadonlyMap<string, AzureFirewall>;
  /** Why an Azure Firewall may be there that is not in the map; absent: all that were looked for were found. */
  readonly unreadFirewalls?: string;
  readonly firewallPolicies: ReadonlyMap<string, FirewallPolicy>;
  readonly ipGroups: ReadonlyMap<string, IpGroup>;
  readonly virtualNetworkGateways: ReadonlyMap<string, VirtualNetworkGateway>;
  readonly hubVirtualNetworkConnections: ReadonlyMap<string, HubVirtualNetworkConnection>;
  /** By service; one that is not in it was not asked for. */
  readonly networkStatuses: ReadonlyMap<string, ServiceNetworkStatus>;
  /** By service; one that is not in it was not asked for. */
  readonly outboundDependencies: ReadonlyMap<string, OutboundDependencies>;
  /** By `nameKey`; a name that is not in it was not asked for. */
  readonly resolvedNames: ReadonlyMap<string, ResolvedName>;
  /** By who has learned them; who is not in it was not asked. */
  readonly learnedRoutes: ReadonlyMap<string, LearnedRoutes>;
  readonly routingIntents: ReadonlyMap<string, RoutingIntent>;
  /** By virtual network; one that is not in it was not asked for. */
  readonly securityAdminRules: ReadonlyMap<string, SecurityAdminRules>;
  /** Resource type (lower case) -> how many were read; also those that the evaluator has no use for. */
  readonly resourceCounts: ReadonlyMap<string, number>;
}
