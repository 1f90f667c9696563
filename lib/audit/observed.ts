/**
 * What Azure observes, beside what was computed: each dependency of the network status with its path and with what the requirements
 * on that path say. The two together tell what neither does alone: a failure that the configuration explains, one that it does not,
 * and one that is on its way.
 */
import { catalogue } from '../requirements/catalogue.ts';
import { type ObservedDependency, observe } from '../requirements/observation.ts';
import { namesOf, observedConnectivity } from '../requirements/observed-connectivity.ts';
import { type ReachedDependencyId, requirementsOnTheWay } from '../requirements/on-the-way.ts';
import type { Outcome } from '../requirements/requirement.ts';
import type { Situation } from '../requirements/situation.ts';
import { judge } from './judge.ts';
import type { DependencyPath, Finding, Observed, PathKind } from './report.ts';

interface Computed {
  readonly result: Observed['computed'];
  readonly path: readonly PathKind[];
  /** Requirements that fail, or where none does those that are unknown. */
  readonly because: readonly string[];
}

function outcomesOf(situation: Situation, ids: readonly string[]): ReadonlyMap<string, Outcome> {
  const wanted = catalogue.filter(({ id }) => ids.includes(id));
  return new Map(wanted.map((requirement) => [requirement.id, judge(requirement, situation)]));
}

function compute(situation: Situation, paths: readonly DependencyPath[], id: ReachedDependencyId): Computed {
  const via = paths.find(({ dependency }) => dependency === id)?.via ?? [];
  const path = [...new Set(via.map((each) => each.path))];
  const dropped = path.includes('dropped') ? ['dependency-not-dropped'] : [];
  const outcomes = outcomesOf(situation, [...requirementsOnTheWay[id], ...dropped]);
  // A firewall that lets everything through makes an endpoint that is missing no obstacle.
  const firewallAllows = outcomes.get(`firewall-${id}`)?.status === 'pass';
  const having = (status: Outcome['status']): string[] =>
    [...outcomes]
      .filter(([name, outcome]) => outcome.status === status && !(firewallAllows && name === `service-endpoint-${id}`))
      .map(([name]) => name);
  const failing = having('fail');
  if (failing.length > 0) return { result: 'fail', path, because: failing };
  const open = having('unknown');
  if (open.length > 0) return { result: 'unknown', path, because: open };
  if (path.includes('unknown') || !situation.routing) return { result: 'unknown', path, because: [] };
  return { result: 'pass', path, because: [] };
}

function joinOf(state: ObservedDependency['state'], computed: Computed['result']): Observed['join'] {
  if (state === 'stale' || state === 'unknown' || computed === 'unknown' || computed === 'none') return 'notJoined';
  if (state === 'success') return computed === 'pass' ? 'healthy' : 'predicted';
  return computed === 'pass' ? 'unexplained' : 'confirmed';
}

function noteOf({ state, reason, lastUpdated }: ObservedDependency, { result, because }: Computed): string | undefined {
  if (state === 'stale') return `not observed since ${lastUpdated}`;
  if (state === 'unknown') return `not observed: ${reason}`;
  if (result === 'none') return 'no requirement is about the way to it';
  if (result !== 'unknown') return undefined;
  return `the configuration does not decide the way to it${because.length > 0 ? `: see ${because.join(', ')}` : ''}`;
}

interface Pair {
  readonly observed: ObservedDependency;
  readonly joined: Observed;
}

function pairOf(observed: ObservedDependency, computedFor: (id: ReachedDependencyId) => Computed): Pair {
  const { dependency, name, resourceType, isOptional, state, severity } = observed;
  const { status, error, lastUpdated, lastStatusChange } = observed;
  const computed: Computed =
    dependency === undefined ? { result: 'none', path: [], because: [] } : computedFor(dependency);
  const note = noteOf(observed, computed);
  const joined: Observed = {
    name,
    resourceType,
    isOptional,
    severity,
    state,
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ...(lastUpdated !== undefined && { lastUpdated }),
    ...(lastStatusChange !== undefined && { lastStatusChange }),
    ...(dependency !== undefined && { dependency }),
    computed: computed.result,
    path: [...computed.path],
    requirements: [...computed.because],
    join: joinOf(state, computed.result),
    ...(note !== undefined && { note }),
  };
  return { observed, joined };
}

export interface ObservedNetwork {
  readonly observed: Observed[];
  /** The findings with what the join adds to them. */
  readonly explain: (findings: readonly Finding[]) => Finding[];
}

/** `undefined` where nothing was observed: nobody was asked, or the answer could not be had. */
export function joinObserved(situation: Situation, paths: readonly DependencyPath[]): ObservedNetwork | undefined {
  const observation = observe(situation);
  if (observation.kind !== 'read') return undefined;
  // Several entries are of one dependency: blobs, tables and queues are all storage.
  const known = new Map<ReachedDependencyId, Computed>();
  const computedFor = (id: ReachedDependencyId): Computed => {
    const computed = known.get(id) ?? compute(situation, paths, id);
    known.set(id, computed);
    return computed;
  };
  const pairs = observation.dependencies.map((each) => pairOf(each, computedFor));
  const about = { dnsServers: observation.dnsServers, readAt: observation.readAt };
  return {
    observed: pairs.map(({ joined }) => joined),
    explain: (findings) =>
      findings.map((finding) =>
        finding.requirement === observedConnectivity.id
          ? explainObservation(finding, pairs, about)
          : explainFinding(finding, pairs),
      ),
  };
}

function having(pairs: readonly Pair[], join: Observed['join']): Pair[] {
  return pairs.filter(({ joined }) => joined.join === join);
}

function requirementsOf(pairs: readonly Pair[]): string {
  return [...new Set(pairs.flatMap(({ joined }) => joined.requirements))].join(', ');
}

function named(pairs: readonly Pair[]): string {
  return namesOf(pairs.map(({ observed }) => observed));
}

/** Where to look when the configuration lets everything through and Azure cannot get there. */
function likelyCauses(pairs: readonly Pair[], dnsServers: readonly string[]): string {
  const isTunnelled = pairs.some(({ joined }) => joined.path.includes('tunnel'));
  const dns = dnsServers.length > 0 ? ` (the service asks ${dnsServers.slice(0, 4).join(', ')})` : '';
  return [
    ...(isTunnelled
      ? ['a firewall on-premises or beyond the next hop']
      : ['a firewall on the way back or on-premises']),
    `DNS${dns}`,
    'the firewall of the target itself (service-side network rules)',
  ].join('; ');
}

interface About {
  readonly dnsServers: readonly string[];
  readonly readAt: string | undefined;
}

/** The finding of the network status, with what the configuration says to it. */
function explainObservation(finding: Finding, pairs: readonly Pair[], { dnsServers, readAt }: About): Finding {
  if (finding.status === 'notApplicable') return finding;
  const said: string[] = [finding.message];
  const unexplained = having(pairs, 'unexplained');
  const confirmed = having(pairs, 'confirmed');
  const predicted = having(pairs, 'predicted');
  const undecided = pairs.filter(({ joined }) => joined.join === 'notJoined' && joined.state === 'failure');
  if (unexplained.length > 0) {
    const causes = likelyCauses(unexplained, dnsServers);
    said.push(`UNEXPLAINED: the configuration lets ${named(unexplained)} through. Likely causes: ${causes}.`);
  }
  if (confirmed.length > 0) {
    said.push(`Confirmed by the configuration for ${named(confirmed)}: ${requirementsOf(confirmed)}.`);
  }
  for (const { observed, joined } of undecided.slice(0, 3)) said.push(`${observed.name}: ${joined.note}.`);
  if (predicted.length > 0) {
    said.push(`Predicted, not yet felt: ${named(predicted)} will fail (${requirementsOf(predicted)}).`);
  }
  const details = [
    ...(finding.evidence.details ?? []),
    ...(readAt === undefined ? [] : [`network status read at ${readAt}`]),
    ...(dnsServers.length > 0 ? [`DNS servers of the service: ${dnsServers.join(', ')}`] : []),
  ];
  return { ...finding, message: said.join(' '), evidence: { ...finding.evidence, details } };
}

/** A failing finding on the way to something that is observed, with what is observed there. */
function explainFinding(finding: Finding, pairs: readonly Pair[]): Finding {
  if (finding.status !== 'fail') return finding;
  const about = pairs.filter(({ joined }) => joined.requirements.includes(finding.requirement));
  const confirmed = having(about, 'confirmed');
  const predicted = having(about, 'predicted');
  const said = [
    ...(confirmed.length > 0 ? [`confirmed: Azure observes that the service cannot reach ${named(confirmed)}`] : []),
    ...(predicted.length > 0 ? [`predicted, not yet felt: Azure still observes success for ${named(predicted)}`] : []),
  ];
  return said.length === 0 ? finding : { ...finding, evidence: { ...finding.evidence, observed: said.join('; ') } };
}
