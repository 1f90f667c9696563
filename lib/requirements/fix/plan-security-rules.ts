/** Fixes of a network security group: one rule at a free priority before whatever blocks, or a new group. */
import { idKey, type NetworkSecurityGroup, type SecurityRule } from '../../network/model.ts';
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

/**
 * The fixes of one group are offered side by side and must not take the same priority: each kind of rule has its own
 * turn among the free ones.
 */
const turns = [
  'management',
  'load-balancer',
  'clients',
  'traffic-manager',
  'storage',
  'sql',
  'key-vault',
  'azure-monitor',
  'certificates',
  'entra-id',
  'event-hub',
];

/** The free priority below `limit` at this turn, counted downwards; the last free one where there are too few. */
function freePriority(used: ReadonlySet<number>, limit: number, turn = 0): number | undefined {
  let found: number | undefined;
  let left = turn;
  for (let priority = Math.min(limit - 1, highestPriority); priority >= lowestPriority; priority--) {
    if (used.has(priority)) continue;
    found = priority;
    if (left-- === 0) break;
  }
  return found;
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
  const turn = Math.max(0, turns.indexOf(template.suffix));
  const priority = freePriority(priorities(rules), Math.min(highestPriority + 1, ...denies), turn);
  if (priority === undefined) return undefined;
  const name = freeName(
    `tunnelwatch-${template.suffix}`,
    group.securityRules.map((rule) => rule.name),
  );
  const rule = place(template, name, priority);
  return {
    summary: `Allow tcp/${template.ports.join(', ')} from ${template.sources.join(', ')} to ${template.destinations.join(', ')} in ${group.name}.`,
    changes: [{ kind: 'putSecurityRule', networkSecurityGroupId: group.id, exists: false, rule }],
  };
}

/** A rule for 3443 alone that is too wide: its source becomes the control plane's tag, and nothing else changes. */
function narrowed(rule: SecurityRule): NewSecurityRule | undefined {
  if (rule.priority === undefined || rule.destinationPortRanges.join() !== '3443') return undefined;
  return {
    name: rule.name,
    priority: rule.priority,
    direction: 'Inbound',
    access: 'Allow',
    sourceAddressPrefixes: ['ApiManagement'],
    destinationAddressPrefixes: rule.destinationAddressPrefixes,
    destinationPortRanges: ['3443'],
  };
}

/** A rule that admits 3443 among other ports. */
function admitsManagement(rule: SecurityRule): boolean {
  return rule.destinationPortRanges.some((range) => {
    if (range === '*') return true;
    const [from = '', to = ''] = range.split('-');
    return to !== '' && Number(from) <= 3443 && Number(to) >= 3443;
  });
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
  const only = wide.filter((rule) => rule.destinationPortRanges.some((port) => port === '3443'));
  const replacements = only.map(narrowed).filter((rule) => rule !== undefined);
  if (only.length > 0 && replacements.length === only.length && !wide.some(admitsManagement)) {
    return {
      summary: `Narrow ${only.map((rule) => `"${rule.name}"`).join(', ')} in ${group.name} to the ApiManagement tag.`,
      changes: replacements.map(
        (rule) => ({ kind: 'putSecurityRule', networkSecurityGroupId: group.id, exists: true, rule }) as const,
      ),
      needsProof: true,
    };
  }
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
      (rule) => ({ kind: 'putSecurityRule', networkSecurityGroupId: group.id, exists: false, rule }) as const,
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
  // Only a group of this very id could be in the way: looking through all groups would cost a large estate dear.
  const isTaken = (name: string): boolean =>
    situation.estate.networkSecurityGroups.has(idKey(`${group}/networkSecurityGroups/${name}`));
  let name = `nsg-${subnet.name}`;
  for (let number = 2; isTaken(name); number++) name = `nsg-${subnet.name}-${number}`;
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
