/**
 * What the firewall requirements of the tagged dependencies share: their tunnelled ranges must be wholly allowed by the
 * firewall on the way. Contract, section 3.
 */
import {
  addressCount,
  difference,
  emptySet,
  type IntervalSet,
  intersection,
  isEmpty,
  union,
} from '../address/interval-set.ts';
import { decidingFirewallRule, filterFirewall } from '../network/firewall.ts';
import type { RoutedPart } from '../network/routing.ts';
import { hostsIn, type TagDependency, type TagDependencyId, tagDependency, tagFor } from './dependency.ts';
import { firewallOnPath, unreadHop } from './firewall-path.ts';
import { planFirewall } from './fix/plan-firewall.ts';
import { counterexample, countText, notApplicable, pass, rangesText, unknown } from './outcome.ts';
import { reach, routingNotSeen, routingResource } from './reach.ts';
import type { Outcome } from './requirement.ts';
import { type Situation, unknownRegion } from './situation.ts';

/** The addresses of a dependency for this deployment; `undefined` when its tag is not in the data. */
export function dependencyRanges(situation: Situation, dependency: TagDependency): IntervalSet | undefined {
  const { deployment, tags } = situation;
  const region = dependency.scope === 'primary' ? deployment.primaryRegion : deployment.region;
  if (dependency.scope !== 'global' && region === unknownRegion) return undefined;
  return tagFor(dependency, { own: deployment.region, primary: deployment.primaryRegion }, tags)?.set;
}

interface Checked {
  readonly port: number;
  readonly denied: IntervalSet;
  readonly undecided: IntervalSet;
  readonly part: RoutedPart;
  readonly notSeen: readonly string[];
}

type PartResult =
  | { readonly kind: 'checked'; readonly ports: readonly Checked[] }
  | { readonly kind: 'unread'; readonly notSeen: string; readonly minor: boolean };

/** What the firewall at the end of one route does to the dependency's ports. */
function checkPart(situation: Situation, dependency: TagDependency, part: RoutedPart): PartResult {
  const firewall = firewallOnPath(situation, part.route);
  if (!firewall) return { kind: 'unread', ...unreadHop(situation, part.route) };
  const ports = dependency.ports.map((port) => {
    const flow = {
      source: situation.localAddresses,
      destination: part.addresses,
      protocol: 'TCP' as const,
      port,
      hosts: hostsIn(dependency.hosts, situation.deployment.region),
    };
    const result = filterFirewall(firewall.compiled, flow);
    const denied = difference(part.addresses, result.possiblyAllowed);
    const undecided = difference(intersection(part.addresses, result.possiblyAllowed), result.allowed);
    return { port, denied, undecided, part, notSeen: result.notSeen };
  });
  return { kind: 'checked', ports };
}

function describeDenied(
  situation: Situation,
  dependency: TagDependency,
  checked: readonly Checked[],
): Outcome | undefined {
  const worst = checked.find((each) => !isEmpty(each.denied));
  if (!worst) return undefined;
  const firewall = firewallOnPath(situation, worst.part.route);
  const address = worst.denied.bounds[0];
  const rule =
    firewall && address !== undefined
      ? decidingFirewallRule(
          firewall.compiled,
          {
            source: situation.localAddresses,
            destination: worst.denied,
            protocol: 'TCP',
            port: worst.port,
            hosts: hostsIn(dependency.hosts, situation.deployment.region),
          },
          address,
        )
      : undefined;
  return {
    status: 'fail',
    message: `Firewall ${firewall?.firewall.name} does not allow tcp/${worst.port} to ${rangesText(worst.denied)} of ${dependency.title}.`,
    ...(firewall && { resource: firewall.firewall.id }),
    evidence: { ...(rule && { rule }), counterexample: counterexample(worst.denied, `tcp/${worst.port}`) },
    ...(firewall && { fix: () => planFirewall(situation, firewall.firewall, dependency) }),
  };
}

/** The outcome of `firewall-<dependency>`, with the ranges that it is about. */
export function firewallOutcome(situation: Situation, id: TagDependencyId): Outcome & { readonly ranges: IntervalSet } {
  const dependency = tagDependency(id);
  const ranges = dependencyRanges(situation, dependency);
  const resource = routingResource(situation);
  if (!ranges) {
    const missing = [`the service tag "${dependency.tag}" of the region: the region or the tag is not known`];
    return { ...unknown(`The addresses of ${dependency.title} are not known.`, missing, resource), ranges: emptySet };
  }
  const parts = reach(situation, ranges);
  if (!parts) {
    const message = `Whether ${dependency.title} travels the tunnel cannot be said.`;
    return { ...unknown(message, routingNotSeen(situation), resource), ranges };
  }
  return { ...judge(situation, dependency, parts, resource), ranges };
}

function judge(
  situation: Situation,
  dependency: TagDependency,
  parts: readonly RoutedPart[],
  resource: string,
): Outcome {
  const forced = parts.filter((part) => part.kind === 'tunnel');
  const undecided = parts.filter((part) => part.kind === 'undecided');
  if (forced.length === 0 && undecided.length === 0)
    return notApplicable(`${dependency.title} does not travel the tunnel.`);
  const results = forced.map((part) => checkPart(situation, dependency, part));
  const checked = results.flatMap((result) => (result.kind === 'checked' ? result.ports : []));
  const failure = describeDenied(situation, dependency, checked);
  if (failure) return failure;
  if (undecided.length > 0) {
    return unknown(
      `Whether ${dependency.title} travels the tunnel cannot be said.`,
      routingNotSeen(situation),
      resource,
    );
  }
  const unclear = checked.filter((each) => !isEmpty(each.undecided));
  if (unclear.length > 0) {
    const open = unclear.reduce((all, each) => union(all, each.undecided), emptySet);
    const notSeen = [...new Set(unclear.flatMap((each) => each.notSeen))];
    return unknown(
      `Whether the firewall allows ${dependency.title} cannot be said for ${rangesText(open)}.`,
      notSeen,
      resource,
    );
  }
  const unread = results.flatMap((result) => (result.kind === 'unread' ? [result] : []));
  if (unread.length > 0) {
    const total = forced.reduce((sum, part) => sum + addressCount(part.addresses), 0);
    const message = `${countText(total)} of ${dependency.title} travel the tunnel to a firewall whose rules cannot be read.`;
    const notSeen = [...new Set(unread.map((each) => each.notSeen))];
    const minor = unread.every((each) => each.minor);
    return { ...unknown(message, notSeen, resource), ...(minor && { severity: 'info' as const }) };
  }
  return pass(`The firewall allows all tunnelled ranges of ${dependency.title}.`, resource);
}
