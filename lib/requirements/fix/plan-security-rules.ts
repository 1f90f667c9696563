/** Fixes of a network security group: one rule at a free priority before whatever blocks, or a new group. */
import type { NetworkSecurityGroup, SecurityRule } from '../../network/model.ts';
import type { FixPlan } from '../requirement.ts';
import type { Situation } from '../situation.ts';
import type { NewSecurityRule } from './change.ts';
import { freeName } from './name.ts';

/** A rule without its place in a group. */
export interface RuleTemplate {
  readonly suffix: string;
  readonly direction: 'Inbound' | 'Outbound';
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly ports: readonly number[];
}

function inbound(suffix: string, sources: readonly string[], port: number): RuleTemplate {
  return { suffix, direction: 'Inbound', sources, destinations: ['VirtualNetwork'], ports: [port] };
}

export const inboundRules = {
  management: inbound('management', ['ApiManagement'], 3443),
  loadBalancer: inbound('load-balancer', ['AzureLoadBalancer'], 6390),
  clients: inbound('clients', ['Internet'], 443),
  trafficManager: inbound('traffic-manager', ['AzureTrafficManager'], 443),
} as const;

export function clientRule(clients: readonly string[]): RuleTemplate {
  return inbound('clients', clients, 443);
}

export function outboundRule(suffix: string, destination: string, ports: readonly number[]): RuleTemplate {
  return { suffix, direction: 'Outbound', sources: ['VirtualNetwork'], destinations: [destination], ports };
}

/** Azure's range of priorities for rules of one's own. */
const lowestPriority = 100;
const highestPriority = 4096;

function sameDirection(group: NetworkSecurityGroup, direction: string): SecurityRule[] {
  return group.securityRules.filter((rule) => rule.direction.toLowerCase() === direction.toLowerCase());
}

/** The highest free priority below `limit`; `undefined` when there is none. */
function freePriority(used: ReadonlySet<number>, limit: number): number | undefined {
  for (let priority = Math.min(limit - 1, highestPriority); priority >= lowestPriority; priority--) {
    if (!used.has(priority)) return priority;
  }
  return undefined;
}

function place(template: RuleTemplate, name: string, priority: number): NewSecurityRule {
  return {
    name,
    priority,
    direction: template.direction,
    access: 'Allow',
    sourceAddressPrefixes: template.sources,
    destinationAddressPrefixes: template.destinations,
    destinationPortRanges: template.ports.map(String),
  };
}

function priorities(rules: readonly SecurityRule[]): Set<number> {
  return new Set(rules.flatMap((rule) => (rule.priority === undefined ? [] : [rule.priority])));
}

/** An Allow rule before the first Deny of its direction. */
export function planSecurityRule(
  situation: Situation,
  group: NetworkSecurityGroup,
  template: RuleTemplate,
): FixPlan | undefined {
  if (!situation.subnet) return undefined;
  const rules = sameDirection(group, template.direction);
  const denies = rules.filter((rule) => rule.access.toLowerCase() !== 'allow').map((rule) => rule.priority ?? 0);
  const priority = freePriority(priorities(rules), Math.min(highestPriority + 1, ...denies));
  if (priority === undefined) return undefined;
  const name = freeName(
    `tunnelwatch-${template.suffix}`,
    group.securityRules.map((rule) => rule.name),
  );
  const rule = place(template, name, priority);
  return {
    summary: `Allow tcp/${template.ports.join(', ')} from ${template.sources.join(', ')} to ${template.destinations.join(', ')} in ${group.name}.`,
    changes: [{ kind: 'putSecurityRule', networkSecurityGroupId: group.id, rule }],
  };
}

/** Keeps 3443 to the control plane: an Allow for its tag and a Deny for the Internet before the rule that is too wide. */
export function planNarrowManagement(situation: Situation, group: NetworkSecurityGroup): FixPlan | undefined {
  if (!situation.subnet) return undefined;
  const rules = sameDirection(group, 'Inbound');
  const platform = new Set(['apimanagement', 'virtualnetwork', 'azureloadbalancer']);
  const wide = rules.filter(
    (rule) =>
      rule.access.toLowerCase() === 'allow' &&
      !rule.sourceAddressPrefixes.every((source) => platform.has(source.toLowerCase())),
  );
  const used = priorities(rules);
  const deny = freePriority(used, Math.min(highestPriority + 1, ...wide.map((rule) => rule.priority ?? 0)));
  const allow = deny === undefined ? undefined : freePriority(used, deny);
  if (deny === undefined || allow === undefined) return undefined;
  const names = group.securityRules.map((rule) => rule.name);
  const allowRule = place(inboundRules.management, freeName('tunnelwatch-management', names), allow);
  const denyRule: NewSecurityRule = {
    ...place(inbound('', ['Internet'], 3443), freeName('tunnelwatch-deny-management', names), deny),
    access: 'Deny',
  };
  return {
    summary: `Allow tcp/3443 from ApiManagement and deny it from the rest of the Internet in ${group.name}.`,
    changes: [allowRule, denyRule].map(
      (rule) => ({ kind: 'putSecurityRule', networkSecurityGroupId: group.id, rule }) as const,
    ),
    needsProof: true,
  };
}

/** A group of its own for the subnet, with what API Management needs inbound; outbound the defaults allow. */
export function planNewSecurityGroup(situation: Situation): FixPlan | undefined {
  const { subnet, deployment, policy } = situation;
  if (!subnet) return undefined;
  const external = deployment.mode.toLowerCase() === 'external';
  const ipv4Clients = policy.clients.filter((client) => !client.includes(':'));
  const templates: RuleTemplate[] = [inboundRules.management];
  if (deployment.sku.toLowerCase() !== 'developer') templates.push(inboundRules.loadBalancer);
  if (external) templates.push(ipv4Clients.length > 0 ? clientRule(ipv4Clients) : inboundRules.clients);
  if (external && deployment.multiRegion) templates.push(inboundRules.trafficManager);
  const group = subnet.id.replace(/\/virtualNetworks\/.*$/i, '');
  const name = freeName(
    `nsg-${subnet.name}`,
    [...situation.estate.networkSecurityGroups.values()].map((each) => each.name),
  );
  return {
    summary: `Create network security group ${name} with the inbound rules of API Management and attach it to subnet ${subnet.name}.`,
    changes: [
      {
        kind: 'attachNewSecurityGroup',
        networkSecurityGroupId: `${group}/networkSecurityGroups/${name}`,
        location: deployment.region,
        subnet,
        rules: templates.map((template, index) => place(template, template.suffix, 100 + index * 10)),
      },
    ],
  };
}
