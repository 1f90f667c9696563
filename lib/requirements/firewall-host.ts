/**
 * What the firewall requirements of the host sets share. Their addresses are not published as tags, so they are taken to
 * go where the rest of the public space goes; a firewall is asked by name. KMS has known addresses besides.
 */
import { difference, type IntervalSet, isEmpty } from '../address/interval-set.ts';
import { filterFirewall, filterFirewallHost } from '../network/firewall.ts';
import { type HostDependency, type HostDependencyId, hostDependency, hostsIn, kmsAddresses } from './dependency.ts';
import { firewallOnPath, unreadHop } from './firewall-path.ts';
import { planFirewallHosts } from './fix/plan-firewall.ts';
import { notApplicable, pass, unknown } from './outcome.ts';
import { reach, routingNotSeen, routingResource } from './reach.ts';
import type { Outcome } from './requirement.ts';
import type { Situation } from './situation.ts';

interface Answer {
  readonly allowed: 'allowed' | 'denied' | 'unknown';
  readonly notSeen: readonly string[];
}

type Path = NonNullable<ReturnType<typeof firewallOnPath>>;

/** Where the dependency's packets may go: KMS by its addresses, the others as the public space does. */
function questioned(situation: Situation, dependency: HostDependency): IntervalSet {
  return dependency.id === 'kms' ? kmsAddresses(situation.deployment.region) : situation.examinedSpace;
}

function ask(situation: Situation, dependency: HostDependency, path: Path, host: string, port: number): Answer {
  const source = situation.localAddresses;
  if (dependency.id === 'kms') {
    const destination = kmsAddresses(situation.deployment.region);
    const result = filterFirewall(path.compiled, { source, destination, protocol: 'TCP', port, hosts: [host] });
    if (isEmpty(difference(destination, result.allowed))) return { allowed: 'allowed', notSeen: [] };
  }
  const answer = filterFirewallHost(path.compiled, { source, host, protocol: 'TCP', port });
  return { allowed: answer.decision, notSeen: answer.notSeen };
}

export function firewallHostOutcome(situation: Situation, id: HostDependencyId): Outcome {
  const dependency = hostDependency(id);
  const resource = routingResource(situation);
  const parts = reach(situation, questioned(situation, dependency));
  const cannotSay = `Whether ${dependency.title} travels the tunnel cannot be said.`;
  if (!parts) return unknown(cannotSay, routingNotSeen(situation), resource);
  const forced = parts.filter((part) => part.kind === 'tunnel');
  const undecided = parts.some((part) => part.kind === 'undecided');
  if (forced.length === 0) {
    return undecided
      ? unknown(cannotSay, routingNotSeen(situation), resource)
      : notApplicable(`${dependency.title} does not travel the tunnel.`);
  }
  const paths = forced.map((part) => ({ part, path: firewallOnPath(situation, part.route) }));
  const unread = paths.filter(({ path }) => !path);
  const hosts = hostsIn(dependency.hosts, situation.deployment.region);
  const denied: string[] = [];
  const open: string[] = [];
  const notSeen = new Set<string>();
  for (const path of new Set(paths.map((each) => each.path).filter((each) => each !== undefined))) {
    for (const host of hosts) {
      for (const port of dependency.ports) {
        const answer = ask(situation, dependency, path, host, port);
        if (answer.allowed === 'denied') denied.push(`${host}:${port}`);
        if (answer.allowed === 'unknown') {
          open.push(`${host}:${port}`);
          for (const missing of answer.notSeen) notSeen.add(missing);
        }
      }
    }
  }
  const firewall = paths.find(({ path }) => path)?.path?.firewall;
  // Elsewhere than in a whole tunnel the names may resolve to addresses that do not pass this firewall.
  const certain = situation.tunnel.state === 'forced' && unread.length === 0;
  if (denied.length > 0 && firewall) {
    const message = `Firewall ${firewall.name} does not allow ${denied[0]}${denied.length > 1 ? ` and ${denied.length - 1} more` : ''} (${dependency.title}).`;
    if (!certain) return unknown(message, [`where ${denied[0]} resolves to`], firewall.id);
    return {
      status: 'fail',
      message,
      resource: firewall.id,
      evidence: { details: denied.slice(0, 11) },
      fix: () => planFirewallHosts(situation, firewall, dependency),
    };
  }
  if (open.length > 0) {
    return unknown(
      `Whether the firewall allows ${open[0]} (${dependency.title}) cannot be said.`,
      [...notSeen],
      resource,
    );
  }
  if (unread.length > 0) {
    const reasons = unread.map(({ part }) => unreadHop(situation, part.route));
    const message = `${dependency.title} travels the tunnel to a firewall whose rules cannot be read.`;
    const minor = reasons.every((reason) => reason.minor);
    const missing = [...new Set(reasons.map((reason) => reason.notSeen))];
    return { ...unknown(message, missing, resource), ...(minor && { severity: 'info' as const }) };
  }
  return pass(`The firewall allows ${dependency.title}.`, resource);
}
