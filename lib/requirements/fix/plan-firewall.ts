/**
 * Fixes of a firewall policy: a rule collection group of its own, before those that are there. Classic rules have no
 * child resource: writing them means writing the whole firewall, so no fix is offered for them.
 */
import { toPrefixes } from '../../address/interval-set.ts';
import { type AzureFirewall, type FirewallPolicy, idKey } from '../../network/model.ts';
import {
  type HostDependency,
  hostDependencies,
  hostsIn,
  kmsAddresses,
  type TagDependency,
  tagDependencies,
  tagFor,
} from '../dependency.ts';
import type { FixPlan } from '../requirement.ts';
import type { Situation } from '../situation.ts';
import type { NewApplicationRule, NewNetworkRule } from './change.ts';
import { freeName } from './name.ts';

/** Azure's range of priorities for rule collection groups. */
const lowestPriority = 100;

/** The fixes of one policy are offered side by side: each dependency has a priority of its own. */
const turns: readonly string[] = [...tagDependencies, ...hostDependencies].map((dependency) => dependency.id);

function policyOf(situation: Situation, firewall: AzureFirewall): FirewallPolicy | undefined {
  const id = firewall.firewallPolicyId;
  return id === undefined ? undefined : situation.estate.firewallPolicies.get(idKey(id));
}

function plan(
  situation: Situation,
  firewall: AzureFirewall,
  what: string,
  rule: NewNetworkRule | NewApplicationRule,
): FixPlan | undefined {
  const policy = policyOf(situation, firewall);
  if (!policy) return undefined;
  const first = Math.min(65000, ...policy.ruleCollectionGroups.map((group) => group.priority ?? 0));
  const turn = turns.indexOf(rule.name);
  const priority = Math.max(lowestPriority, first - 1 - turn);
  if (first <= lowestPriority) return undefined;
  const name = freeName(
    `tunnelwatch-${rule.name}`,
    policy.ruleCollectionGroups.map((group) => group.name),
  );
  return {
    summary: `Allow ${what} in firewall policy ${policy.name}.`,
    changes: [
      {
        kind: 'putRuleCollectionGroup',
        firewallPolicyId: policy.id,
        name,
        priority,
        collectionName: `allow-${rule.name}`,
        rule,
      },
    ],
    needsProof: true,
  };
}

export function planFirewall(
  situation: Situation,
  firewall: AzureFirewall,
  dependency: TagDependency,
): FixPlan | undefined {
  const { deployment, tags } = situation;
  const tag = tagFor(dependency, { own: deployment.region, primary: deployment.primaryRegion }, tags);
  if (!tag) return undefined;
  return plan(situation, firewall, dependency.title, {
    ruleType: 'NetworkRule',
    name: dependency.id,
    sourceAddresses: toPrefixes(situation.localAddresses),
    destinationAddresses: [tag.name],
    destinationPorts: dependency.ports.map(String),
  });
}

const web = new Map([
  [80, { protocolType: 'Http', port: 80 }],
  [443, { protocolType: 'Https', port: 443 }],
]);

/** KMS has addresses; the sets on 80 and 443 go by name. SMTP has neither, so it gets no fix. */
export function planFirewallHosts(
  situation: Situation,
  firewall: AzureFirewall,
  dependency: HostDependency,
): FixPlan | undefined {
  const sourceAddresses = toPrefixes(situation.localAddresses);
  const { region } = situation.deployment;
  if (dependency.id === 'kms') {
    return plan(situation, firewall, dependency.title, {
      ruleType: 'NetworkRule',
      name: dependency.id,
      sourceAddresses,
      destinationAddresses: toPrefixes(kmsAddresses(region)),
      destinationPorts: dependency.ports.map(String),
    });
  }
  const protocols = dependency.ports.flatMap((port) => web.get(port) ?? []);
  if (protocols.length !== dependency.ports.length) return undefined;
  return plan(situation, firewall, dependency.title, {
    ruleType: 'ApplicationRule',
    name: dependency.id,
    sourceAddresses,
    targetFqdns: [...hostsIn(dependency.hosts, region)],
    protocols,
  });
}
