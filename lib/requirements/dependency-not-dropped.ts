/**
 * Nothing that the service needs is sent nowhere. The firewall requirements ask only of what enters the tunnel; what a
 * route drops on the way would otherwise be nobody's finding.
 */
import { addressCount, emptySet, isEmpty } from '../address/interval-set.ts';
import { type CandidateRoute, isSystemDefault } from '../network/candidate-route.ts';
import { type TagDependency, tagDependencies } from './dependency.ts';
import { dependencyRanges } from './firewall-tag.ts';
import { counterexample, countText, hopText, pass, routeEvidence, unknown } from './outcome.ts';
import { addressesThat, reach, routingNotSeen, routingResource } from './reach.ts';
import type { Requirement } from './requirement.ts';

export const dependencyNotDropped: Requirement = {
  id: 'dependency-not-dropped',
  severity: 'critical',
  needsTunnel: true,
  title: 'Nothing that the service needs is dropped',
  demand:
    'No address of a dependency (Storage, SQL, Key Vault, Event Hubs, Azure Monitor, Entra ID) is dropped by a route.',
  impact: 'The service cannot reach the dependency at all: no firewall rule helps, because nothing arrives there.',
  check: (situation) => {
    const resource = routingResource(situation);
    const dropped: { dependency: TagDependency; set: ReturnType<typeof addressesThat> }[] = [];
    for (const dependency of tagDependencies) {
      const ranges = dependencyRanges(situation, dependency);
      if (!ranges) continue;
      const set = addressesThat(situation, ranges, (kind) => kind === 'dropped');
      if (!isEmpty(set.addresses)) dropped.push({ dependency, set });
    }
    const worst = dropped.find(({ dependency }) => dependency.severity === 'critical') ?? dropped[0];
    if (worst) return failure(worst.set.first);
    // A default route that is not seen is learned from somewhere and leads there: it drops nothing.
    const open = tagDependencies.some((dependency) =>
      reach(situation, dependencyRanges(situation, dependency) ?? emptySet)?.some(
        (part) => part.kind === 'undecided' && !(part.route && isSystemDefault(part.route)),
      ),
    );
    return situation.routing && situation.routing.notSeen.length === 0 && !open
      ? pass('No route drops what the service needs.', resource)
      : unknown('Whether a route drops what the service needs cannot be said.', routingNotSeen(situation), resource);

    function failure(first: CandidateRoute | undefined): ReturnType<Requirement['check']> {
      const names = dropped.map(
        ({ dependency, set }) => `${dependency.title} (${countText(addressCount(set.addresses))})`,
      );
      const route = routeEvidence(first);
      const port = worst ? `tcp/${worst.dependency.ports[0]}` : undefined;
      return {
        status: 'fail',
        message: `${names.join(', ')}: dropped by ${hopText(first)}${first ? ` of route "${first.name}"` : ''}.`,
        resource,
        ...(worst && { severity: worst.dependency.severity }),
        evidence: {
          ...(route && { route }),
          ...(worst && { counterexample: counterexample(worst.set.addresses, port) }),
        },
      };
    }
  },
};
