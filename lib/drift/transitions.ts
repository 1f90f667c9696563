/**
 * What changed between the state that is known and a new evaluation. Pure: the time and the ids come from the caller. Only
 * what opens, changes or ends is said; that a message counts other addresses today is not.
 */
import { type DeploymentReport, type Finding, isAtLeast, type Status, severities } from '../audit/report.ts';
import { type Basis, reasonsOf } from './basis.ts';
import type { Cause, DeploymentFacts, OpenDrift, Transition } from './model.ts';
import type { DeploymentState } from './state.ts';

export interface Moment {
  readonly now: Date;
  readonly newId: () => string;
  /** Of this evaluation, in any order. */
  readonly causes: readonly Cause[];
  /** Of this evaluation. */
  readonly basis?: Basis;
}

export interface Comparison {
  readonly open: readonly OpenDrift[];
  /** The gravest first. */
  readonly transitions: readonly Transition[];
}

/** A transition names so many causes; the rest are counted. */
const mostCauses = 10;

/**
 * Whether a finding is a drift while it stands: what fails, save what the policy made mere information; what is unknown where
 * that decides the verdict.
 */
export function isOpen(finding: Finding): finding is Finding & { status: 'fail' | 'unknown' } {
  if (finding.status === 'fail') return isAtLeast(finding.severity, 'low');
  return finding.status === 'unknown' && isAtLeast(finding.severity, 'medium');
}

function identityOf({ resource, evidence: { route, rule, endpoints } }: Finding): string {
  const parts = [
    resource,
    route?.name,
    route?.nextHopType,
    route?.nextHopIpAddress,
    rule?.name,
    rule?.access,
    endpoints,
  ];
  return JSON.stringify(parts).toLowerCase();
}

/** Whether people who know of a drift have to hear of it again. */
function hasChanged(before: OpenDrift, after: Finding): boolean {
  return (
    before.status !== after.status ||
    before.severity !== after.severity ||
    identityOf(before.finding) !== identityOf(after)
  );
}

/** The latest first. */
function tellCauses(causes: readonly Cause[]): Pick<Transition, 'causes' | 'moreCauses'> {
  const sorted = [...causes].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : 0));
  const more = sorted.length - mostCauses;
  return { causes: sorted.slice(0, mostCauses), ...(more > 0 && { moreCauses: more }) };
}

function bySeverity(a: Transition, b: Transition): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity);
}

/**
 * @param before absent for a deployment that is seen for the first time
 */
export function compare(before: DeploymentState | undefined, report: DeploymentReport, moment: Moment): Comparison {
  const at = moment.now.toISOString();
  const told = tellCauses(moment.causes);
  const known = new Map((before?.open ?? []).map((drift) => [drift.requirement, drift]));
  const open: OpenDrift[] = [];
  const transitions: Transition[] = [];
  const because = (finding: Finding): Pick<Transition, 'because'> => {
    const reasons = reasonsOf(before, finding, moment.basis);
    return reasons.length === 0 ? {} : { because: reasons };
  };
  const say = (kind: Transition['kind'], finding: Finding, since: string, from: Status | undefined): void => {
    const { requirement, severity, status: to } = finding;
    const head = { id: moment.newId(), kind, requirement, severity, ...(from !== undefined && { from }) };
    transitions.push({ ...head, to, since, finding, ...told, ...because(finding) });
  };
  for (const finding of report.findings) {
    const { requirement, severity } = finding;
    const was = known.get(requirement);
    known.delete(requirement);
    if (isOpen(finding)) {
      const since = was?.since ?? at;
      const isNews = !was || hasChanged(was, finding);
      if (isNews) say(was ? 'changed' : 'opened', finding, since, before?.statuses[requirement]?.status);
      const saidAt = was && !isNews ? was.saidAt : at;
      const origin = was ? originOf(was) : { causes: told.causes, ...because(finding) };
      open.push({ requirement, status: finding.status, severity, since, saidAt, ...origin, finding });
    } else if (was) say('resolved', { ...finding, severity: was.severity }, was.since, was.status);
  }
  // A requirement that is demanded no more, as when a service leaves the scope.
  for (const was of known.values()) say('resolved', noLongerDemanded(was.finding), was.since, was.status);
  return { open, transitions: transitions.sort(bySeverity) };
}

function originOf({ causes, because }: OpenDrift): Pick<OpenDrift, 'causes' | 'because'> {
  return { causes, ...(because && { because }) };
}

function noLongerDemanded(finding: Finding): Finding {
  const { impact: _impact, fix: _fix, ...rest } = finding;
  return { ...rest, status: 'notApplicable', message: 'No longer demanded of this deployment.', evidence: {} };
}

/** All that was open ends with the deployment. */
export function endAll(before: DeploymentState, moment: Moment): readonly Transition[] {
  const told = tellCauses(moment.causes);
  return before.open
    .map((was): Transition => {
      const finding = { ...noLongerDemanded(was.finding), message: 'The deployment does not exist any more.' };
      const { requirement, severity, since, status: from } = was;
      const head = { id: moment.newId(), kind: 'resolved' as const, requirement, severity, from };
      return { ...head, to: finding.status, since, finding, ...told };
    })
    .sort(bySeverity);
}

/**
 * Drifts that were last said before `dueBefore` are said again.
 * @returns the open drifts as they are then, and what to say; nothing to say: no transition
 */
export function remind(before: DeploymentState, dueBefore: Date, moment: Moment): Comparison {
  const at = moment.now.toISOString();
  const transitions: Transition[] = [];
  const open = before.open.map((drift): OpenDrift => {
    if (Date.parse(drift.saidAt) > dueBefore.getTime()) return drift;
    const { requirement, severity, status, since, finding, causes, because } = drift;
    const head = { id: moment.newId(), kind: 'reminder' as const, requirement, severity, from: status, to: status };
    transitions.push({ ...head, since, finding, ...tellCauses(causes), ...(because && { because }) });
    return { ...drift, saidAt: at };
  });
  return { open, transitions: transitions.sort(bySeverity) };
}

export function factsOf(report: DeploymentReport): DeploymentFacts {
  const { key, service, name, region, sku, mode, subnet, routeTable, networkSecurityGroup } = report;
  return { key, service, name, region, sku, mode, subnet, routeTable, networkSecurityGroup };
}

/** What is kept of a report beside what is open. */
export function statusesOf(report: DeploymentReport): DeploymentState['statuses'] {
  return Object.fromEntries(
    report.findings.map(({ requirement, status, severity }) => [requirement, { status, severity }]),
  );
}
