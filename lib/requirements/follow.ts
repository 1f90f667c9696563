/**
 * One flow from the subnet, step by step: the next hop of each address, the security group, and the firewall behind the next hop.
 * Three-valued, and for two kinds of question: addresses that are all called (each must get through), and addresses among which the
 * called one is somewhere (only what holds for all of them is certain).
 */
import {
  covers,
  difference,
  emptySet,
  type IntervalSet,
  intersection,
  isEmpty,
  union,
} from '../address/interval-set.ts';
import type { RuleEvidence } from '../audit/report.ts';
import { decidingFirewallRule, filterFirewall, filterFirewallHost } from '../network/firewall.ts';
import type { RoutedPart } from '../network/routing.ts';
import { decidingRule, filterSecurityGroup } from '../network/security-group.ts';
import { firewallOnPath, unreadHop } from './firewall-path.ts';
import { hopText } from './outcome.ts';
import { reach, routingNotSeen } from './reach.ts';
import type { Situation } from './situation.ts';

export interface Flow {
  readonly destination: IntervalSet;
  /** Every address is called; else the called ones are somewhere among them. */
  readonly isExact: boolean;
  /** What the destination is called, normalised; may begin with `*.`. */
  readonly host: string;
  /** TCP. */
  readonly port: number;
  /** Nothing is known of the addresses: firewalls are asked by the name alone. */
  readonly isByName: boolean;
}

export type Gate = 'allowed' | 'denied' | 'unknown';

/** What stands in the way. */
export interface Stop {
  readonly by: 'route' | 'securityGroup' | 'firewall';
  /** `firewall fw-one denies it by rule "x"` */
  readonly what: string;
  /** Id of a resource to change; absent where no resource is known. */
  readonly resource?: string;
  readonly rule?: RuleEvidence;
}

export interface Followed {
  readonly result: 'pass' | 'fail' | 'unknown';
  /** Empty where the subnet could not be seen. */
  readonly parts: readonly RoutedPart[];
  readonly securityGroup: Gate | 'none';
  readonly firewall: Gate | 'notOnPath';
  /** The first thing that surely stands in the way of some of it. */
  readonly stop?: Stop;
  readonly notSeen: readonly string[];
}

/** What one step surely lets through and surely stops. */
interface Step {
  readonly allowed: IntervalSet;
  readonly denied: IntervalSet;
  readonly stop?: Stop;
  readonly notSeen: readonly string[];
}

function byRule(rule: RuleEvidence | undefined): string {
  return rule ? ` by rule "${rule.name}"` : '';
}

function routeStep(situation: Situation, flow: Flow, parts: readonly RoutedPart[]): Step {
  const ofKind = (selects: (part: RoutedPart) => boolean): IntervalSet =>
    parts.filter(selects).reduce((set, part) => union(set, part.addresses), emptySet);
  const denied = ofKind(({ kind }) => kind === 'dropped');
  const undecided = ofKind(({ kind }) => kind === 'undecided');
  const first = parts.find(({ kind }) => kind === 'dropped');
  const name = first?.route ? ` of route "${first.route.name}"` : '';
  const resource = situation.subnet?.routeTableId;
  return {
    allowed: difference(difference(flow.destination, denied), undecided),
    denied,
    ...(first && {
      stop: {
        by: 'route',
        what: `dropped by ${hopText(first.route)}${name}`,
        ...(resource !== undefined && { resource }),
      },
    }),
    notSeen: isEmpty(undecided) ? [] : routingNotSeen(situation),
  };
}

function groupStep({ securityGroup: view, localAddresses }: Situation, { destination, port }: Flow): Step {
  if (view.kind === 'none') return { allowed: destination, denied: emptySet, notSeen: [] };
  if (view.kind === 'notSeen') return { allowed: emptySet, denied: emptySet, notSeen: [view.reason] };
  const asked = { direction: 'Outbound', protocol: 'Tcp', port, remote: destination, local: localAddresses } as const;
  const { allowed, possiblyAllowed, notSeen } = filterSecurityGroup(view.compiled, asked);
  const denied = difference(destination, possiblyAllowed);
  const [address] = denied.bounds;
  const rule = address === undefined ? undefined : decidingRule(view.compiled, asked, address);
  const { name, id } = view.group;
  const what = `blocked by security group ${name}${byRule(rule)}`;
  return {
    allowed,
    denied,
    ...(address !== undefined && { stop: { by: 'securityGroup', what, resource: id, ...(rule && { rule }) } }),
    notSeen,
  };
}

/** What the firewall at the end of one route does; a route that leads to none of the estate is undecided. */
function firewallPart(situation: Situation, flow: Flow, { route, addresses }: RoutedPart): Step {
  const path = firewallOnPath(situation, route);
  if (!path) return { allowed: emptySet, denied: emptySet, notSeen: [unreadHop(situation, route).notSeen] };
  const { firewall, compiled } = path;
  const asked = { source: situation.localAddresses, protocol: 'TCP', port: flow.port } as const;
  const stopOf = (rule: RuleEvidence | undefined): Stop => ({
    by: 'firewall',
    what: `not allowed by firewall ${firewall.name}${byRule(rule)}`,
    resource: firewall.id,
    ...(rule && { rule }),
  });
  if (flow.isByName) {
    const { decision, notSeen, rule } = filterFirewallHost(compiled, { ...asked, host: flow.host });
    return {
      allowed: decision === 'allowed' ? addresses : emptySet,
      denied: decision === 'denied' ? addresses : emptySet,
      ...(decision === 'denied' && { stop: stopOf(rule) }),
      notSeen,
    };
  }
  const toAddresses = { ...asked, destination: addresses, hosts: [flow.host] };
  const { allowed, possiblyAllowed, notSeen } = filterFirewall(compiled, toAddresses);
  const denied = difference(addresses, possiblyAllowed);
  const [address] = denied.bounds;
  return {
    allowed,
    denied,
    ...(address !== undefined && { stop: stopOf(decidingFirewallRule(compiled, toAddresses, address)) }),
    notSeen,
  };
}

function firewallStep(situation: Situation, flow: Flow, parts: readonly RoutedPart[]): Step | undefined {
  const tunnelled = parts.filter(({ kind }) => kind === 'tunnel');
  if (tunnelled.length === 0) return undefined;
  const steps = tunnelled.map((part) => firewallPart(situation, flow, part));
  const passing = tunnelled.reduce((set, part) => difference(set, part.addresses), flow.destination);
  const stop = steps.find((step) => step.stop)?.stop;
  return {
    allowed: steps.reduce((set, step) => union(set, step.allowed), passing),
    denied: steps.reduce((set, step) => union(set, step.denied), emptySet),
    ...(stop && { stop }),
    notSeen: steps.flatMap((step) => step.notSeen),
  };
}

function gateOf({ destination, isExact }: Flow, { allowed, denied }: Pick<Step, 'allowed' | 'denied'>): Gate {
  if (isExact ? !isEmpty(denied) : !isEmpty(destination) && covers(denied, destination)) return 'denied';
  return covers(allowed, destination) ? 'allowed' : 'unknown';
}

const results: Readonly<Record<Gate, Followed['result']>> = { allowed: 'pass', denied: 'fail', unknown: 'unknown' };

export function follow(situation: Situation, flow: Flow): Followed {
  const parts = reach(situation, flow.destination);
  const group = groupStep(situation, flow);
  const securityGroup = situation.securityGroup.kind === 'none' ? 'none' : gateOf(flow, group);
  if (!parts) {
    return { result: 'unknown', parts: [], securityGroup, firewall: 'unknown', notSeen: routingNotSeen(situation) };
  }
  const route = routeStep(situation, flow, parts);
  const firewall = firewallStep(situation, flow, parts);
  const steps = [route, group, ...(firewall ? [firewall] : [])];
  const all = {
    allowed: steps.map(({ allowed }) => allowed).reduce(intersection),
    denied: steps.map(({ denied }) => denied).reduce(union),
  };
  const result = results[gateOf(flow, all)];
  const stop = steps.find((step) => step.stop)?.stop;
  return {
    result,
    parts,
    securityGroup,
    firewall: firewall ? gateOf(flow, firewall) : 'notOnPath',
    ...(stop && { stop }),
    notSeen: [...new Set(steps.flatMap(({ notSeen }) => notSeen))],
  };
}
