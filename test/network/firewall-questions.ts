/** Questions to the small firewalls of `firewall-samples.ts`, with answers as text that a reader can compare. */
import { formatRanges, fromPrefixes, type IntervalSet } from '../../lib/address/interval-set.ts';
import {
  compileFirewall,
  type FirewallAddressFlow,
  filterFirewall,
  filterFirewallHost,
} from '../../lib/network/firewall.ts';
import type { AzureFirewall, FirewallPolicy, IpGroup, RuleCollection } from '../../lib/network/model.ts';
import { collection, estateOf, firewall, group, networkRule, policy, tags } from './firewall-samples.ts';

export const subnet = fromPrefixes(['10.0.1.0/27']);
export const storage = fromPrefixes(['20.60.0.0/16']);

export interface Parts {
  readonly firewall?: AzureFirewall;
  readonly policies?: readonly FirewallPolicy[];
  readonly ipGroups?: readonly IpGroup[];
}

export function compile(parts: Parts) {
  const asked = parts.firewall ?? firewall({ firewallPolicyId: '/POLICIES/p' });
  return compileFirewall(estateOf({ ...parts, firewalls: [asked] }), asked, () => tags);
}

/** A firewall with one policy of one group. */
export function withCollections(...collections: RuleCollection[]): Parts {
  return { policies: [policy('p', [group('g', 200, collections)], { dnsProxyEnabled: true })] };
}

export function ask(parts: Parts, destination: IntervalSet, flow: Partial<FirewallAddressFlow> = {}) {
  const verdict = filterFirewall(compile(parts), { source: subnet, destination, protocol: 'TCP', port: 443, ...flow });
  return {
    allowed: formatRanges(verdict.allowed),
    possiblyAllowed: formatRanges(verdict.possiblyAllowed),
    notSeen: verdict.notSeen,
  };
}

export function askHost(parts: Parts, host: string, port = 443, protocol: 'TCP' | 'UDP' = 'TCP') {
  return filterFirewallHost(compile(parts), { source: subnet, host, protocol, port });
}

export function plainly(set: IntervalSet) {
  return { allowed: formatRanges(set), possiblyAllowed: formatRanges(set), notSeen: [] };
}

export function unsurely(set: IntervalSet, ...notSeen: string[]) {
  return { allowed: '', possiblyAllowed: formatRanges(set), notSeen };
}

export const allowStorage = collection('allow', 300, 'Allow', [
  networkRule('storage', { destinationAddresses: ['Storage'] }),
]);
export const denyStorage = collection('deny', 200, 'Deny', [
  networkRule('none', { destinationAddresses: ['Storage'] }),
]);
