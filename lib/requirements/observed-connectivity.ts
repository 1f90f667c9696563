/**
 * What API Management's own network status says. Which of it the configuration explains is said in the audit, beside the paths and
 * the other findings; the status itself depends on none of them.
 */
import type { Severity } from '../audit/report.ts';
import { type ObservedDependency, observe } from './observation.ts';
import { notApplicable, pass, unknown } from './outcome.ts';
import type { Outcome, Requirement } from './requirement.ts';

const fromGravest: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
const mostNamed = 5;

function worst(dependencies: readonly ObservedDependency[]): Severity {
  return fromGravest.find((severity) => dependencies.some((each) => each.severity === severity)) ?? 'info';
}

/** `a (BlobStorage), b (SQLDatabase) and 3 more` */
export function namesOf(dependencies: readonly ObservedDependency[]): string {
  const named = dependencies.slice(0, mostNamed).map(({ name, resourceType }) => `${name} (${resourceType})`);
  const more = dependencies.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** One dependency in a line, with its times. */
function detail({
  name,
  resourceType,
  isOptional,
  status,
  error,
  lastUpdated,
  lastStatusChange,
  state,
}: ObservedDependency) {
  const parts = [
    `${resourceType}${isOptional ? ', optional' : ''}: ${state === 'stale' ? 'stale, last ' : ''}${status ?? 'no status'}`,
    ...(error === undefined ? [] : [error]),
    ...(lastStatusChange === undefined ? [] : [`since ${lastStatusChange}`]),
    ...(lastUpdated === undefined ? [] : [`last updated ${lastUpdated}`]),
  ];
  return `${name}: ${parts.join('; ')}`;
}

function judge(dependencies: readonly ObservedDependency[], resource: string): Outcome {
  const failed = dependencies.filter(({ state }) => state === 'failure');
  const stale = dependencies.filter(({ state }) => state === 'stale');
  const open = dependencies.filter(({ state }) => state === 'unknown');
  const details = [...failed, ...stale, ...open].slice(0, 20).map(detail);
  if (failed.length + stale.length > 0) {
    const said = [
      ...(failed.length > 0 ? [`Azure observes that the service cannot reach ${namesOf(failed)}.`] : []),
      ...(stale.length > 0
        ? [
            `Azure has lost sight of ${namesOf(stale)}: not updated since ${stale[0]?.lastUpdated}, which is too long ago.`,
          ]
        : []),
    ];
    const severity = worst([...failed, ...stale]);
    return { status: 'fail', severity, message: said.join(' '), resource, evidence: { details } };
  }
  if (open.length > 0) {
    const message = `Whether the service reaches ${namesOf(open)} is not observed.`;
    const notSeen = open.slice(0, 10).map(({ name, reason }) => `${name}: ${reason}`);
    return { ...unknown(message, notSeen, resource), severity: worst(open) };
  }
  return pass(`Azure observes that the service reaches all of its ${dependencies.length} dependencies.`, resource);
}

export const observedConnectivity: Requirement = {
  id: 'observed-connectivity',
  severity: 'critical',
  needsTunnel: false,
  title: 'Azure itself observes every dependency as reachable',
  demand: "The service's network status reports success for each dependency, and is fresh.",
  impact: 'The service itself says that it cannot reach a dependency.',
  check: (situation) => {
    const observation = observe(situation);
    const { id } = situation.deployment.service;
    switch (observation.kind) {
      case 'notAsked':
        return notApplicable('No source was asked for the network status.');
      case 'notRead':
        return unknown(`The network status could not be had: ${observation.reason}.`, [observation.reason], id);
      case 'read':
        return observation.dependencies.length > 0
          ? judge(observation.dependencies, id)
          : unknown('The network status names no dependency.', ['the dependencies: the network status is empty'], id);
    }
  },
};
