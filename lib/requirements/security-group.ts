/**
 * What the network security group requirements share: a whole set of far addresses must be allowed on some ports.
 * Source: Microsoft Learn, "Virtual network configuration reference: API Management", section "Required ports".
 */
import { difference, emptySet, type IntervalSet, intersection, isEmpty, union } from '../address/interval-set.ts';
import type { RuleEvidence } from '../audit/report.ts';
import { decidingRule, type FlowSet, filterSecurityGroup } from '../network/security-group.ts';
import { planSecurityRule, type RuleTemplate } from './fix/plan-security-rules.ts';
import { counterexample, notApplicable, pass, rangesText, unknown } from './outcome.ts';
import type { Outcome } from './requirement.ts';
import { type SecurityGroupView, type Situation, unknownRegion } from './situation.ts';

/** Whether a rule is one of Azure Virtual Network Manager's and none of the group. */
export function isAdminRule(rule: RuleEvidence | undefined): boolean {
  return /\/networkManagers\//i.test(rule?.id ?? '');
}

/** What must be let through. */
export interface AllowDemand {
  readonly direction: 'Inbound' | 'Outbound';
  /** TCP, at the API Management side when inbound, at the far side when outbound. */
  readonly ports: readonly number[];
  readonly remote: IntervalSet;
  /** How the far side is called in messages: a tag's name. */
  readonly remoteName: string;
  /** The rule that a fix adds when this is blocked. */
  readonly rule: RuleTemplate;
}

export type SeenGroup = Extract<SecurityGroupView, { kind: 'seen' }>;

/** The outcome where there is no group to look into; `undefined` when there is one. */
export function withoutGroup(situation: Situation): Outcome | undefined {
  const view = situation.securityGroup;
  if (view.kind === 'none') return notApplicable('The subnet has no network security group (see nsg-attached).');
  if (view.kind === 'notSeen')
    return unknown('The rules of the network security group cannot be seen.', [view.reason], view.id);
  return undefined;
}

/** The tag whose addresses a demand names, or what is missing. */
export function tagSets(
  situation: Situation,
  names: readonly { base: string; region?: string }[],
): { set: IntervalSet; name: string } | Outcome {
  let set = emptySet;
  const found = new Set<string>();
  for (const { base, region } of names) {
    if (region === unknownRegion) {
      return unknown(`The addresses of ${base} in the region are not known.`, ['the location of the service']);
    }
    const tag = region === undefined ? situation.tags.find(base) : situation.tags.findForRegion(base, region);
    if (!tag)
      return unknown(`The addresses of ${base} are not known.`, [`the service tag "${base}" is not in the tag data`]);
    set = union(set, tag.set);
    found.add(tag.name);
  }
  return { set, name: [...found].join(' and ') };
}

function flow(situation: Situation, demand: AllowDemand, port: number): FlowSet {
  return { direction: demand.direction, protocol: 'Tcp', port, remote: demand.remote, local: situation.localAddresses };
}

/** Every far address on every port is allowed, whatever local address and source port it uses. */
export function demandAllowed(situation: Situation, demand: AllowDemand): Outcome {
  const missing = withoutGroup(situation);
  if (missing) return missing;
  const { group, compiled } = situation.securityGroup as SeenGroup;
  const preposition = demand.direction === 'Inbound' ? 'from' : 'to';
  const open: { port: number; set: IntervalSet; notSeen: readonly string[] }[] = [];
  for (const port of demand.ports) {
    const asked = flow(situation, demand, port);
    const verdict = filterSecurityGroup(compiled, asked);
    const denied = difference(demand.remote, verdict.possiblyAllowed);
    if (!isEmpty(denied)) {
      const rule = decidingRule(compiled, asked, denied.bounds[0] as number);
      return {
        status: 'fail',
        message: `${group.name} blocks tcp/${port} ${preposition} ${rangesText(denied)} of ${demand.remoteName}${rule ? ` by rule "${rule.name}"` : ''}.`,
        resource: group.id,
        evidence: { ...(rule && { rule }), counterexample: counterexample(denied, `tcp/${port}`) },
        // A rule of the group comes too late for what a security admin rule denies.
        ...(!isAdminRule(rule) && { fix: () => planSecurityRule(situation, group, demand.rule) }),
      };
    }
    const undecided = difference(demand.remote, verdict.allowed);
    if (!isEmpty(undecided)) open.push({ port, set: intersection(undecided, demand.remote), notSeen: verdict.notSeen });
  }
  const [first] = open;
  if (first) {
    const notSeen = [...new Set(open.flatMap((each) => each.notSeen))];
    const message = `Whether ${group.name} allows tcp/${first.port} ${preposition} ${rangesText(first.set)} of ${demand.remoteName} cannot be said.`;
    return unknown(message, notSeen, group.id);
  }
  const ports = demand.ports.map((port) => `tcp/${port}`).join(', ');
  return pass(`${group.name} allows ${ports} ${preposition} ${demand.remoteName}.`, group.id);
}
