/**
 * Changes of Azure resources that a fix is made of. Each is the smallest write that Resource Manager knows for the
 * purpose: a child resource where there is one, a property of the subnet where there is none. Rendering is beside it.
 */
import type { Subnet } from '../../network/model.ts';

export interface PutRoute {
  readonly kind: 'putRoute';
  readonly routeTableId: string;
  readonly name: string;
  /** The table has a route of this name already: it is changed, not added. */
  readonly exists: boolean;
  readonly addressPrefix: string;
  readonly nextHopType: string;
  readonly nextHopIpAddress?: string;
}

export interface SetServiceEndpoints {
  readonly kind: 'setServiceEndpoints';
  readonly subnet: Subnet;
  /** The whole list after the change: what the subnet has, and what is added or taken away. */
  readonly services: readonly string[];
}

export interface NewSecurityRule {
  readonly name: string;
  readonly priority: number;
  readonly direction: 'Inbound' | 'Outbound';
  readonly access: 'Allow' | 'Deny';
  readonly sourceAddressPrefixes: readonly string[];
  readonly destinationAddressPrefixes: readonly string[];
  readonly destinationPortRanges: readonly string[];
}

export interface PutSecurityRule {
  readonly kind: 'putSecurityRule';
  readonly networkSecurityGroupId: string;
  /** The group has a rule of this name already: it is changed, not added. */
  readonly exists: boolean;
  readonly rule: NewSecurityRule;
}

/** A new group with its rules, and the subnet's link to it. */
export interface AttachNewSecurityGroup {
  readonly kind: 'attachNewSecurityGroup';
  readonly networkSecurityGroupId: string;
  readonly location: string;
  readonly subnet: Subnet;
  readonly rules: readonly NewSecurityRule[];
}

export interface NewNetworkRule {
  readonly ruleType: 'NetworkRule';
  readonly name: string;
  readonly sourceAddresses: readonly string[];
  readonly destinationAddresses: readonly string[];
  readonly destinationPorts: readonly string[];
}

export interface NewApplicationRule {
  readonly ruleType: 'ApplicationRule';
  readonly name: string;
  readonly sourceAddresses: readonly string[];
  readonly targetFqdns: readonly string[];
  readonly protocols: readonly { readonly protocolType: string; readonly port: number }[];
}

/** A rule collection group of its own in a firewall policy, before those that are there. */
export interface PutRuleCollectionGroup {
  readonly kind: 'putRuleCollectionGroup';
  readonly firewallPolicyId: string;
  readonly name: string;
  readonly priority: number;
  readonly collectionName: string;
  readonly rule: NewNetworkRule | NewApplicationRule;
}

export type Change = PutRoute | SetServiceEndpoints | PutSecurityRule | AttachNewSecurityGroup | PutRuleCollectionGroup;
