/** What is told of every evaluation and of every sweep: events and metrics for alert rules and workbooks. */
import type { DeploymentReport, Verdict } from '../audit/report.ts';
import type { Sweep } from '../drift/estate-row.ts';
import type { DeploymentFacts, OpenDrift } from '../drift/model.ts';
import { type QueueName, queueNames } from '../drift/queue-names.ts';
import type { DeploymentState } from '../drift/state.ts';
import { deploymentDimensions, dimensionsOf } from './application-insights-channel.ts';
import { metrics, names } from './names.ts';
import type { Telemetry } from './telemetry.ts';

export interface EvaluationFigures {
  readonly transitions: number;
  readonly evaluationMs: number;
  /** From the first of the changes to the verdict; absent without a change. */
  readonly eventLagSeconds?: number;
}

export function tellEvaluation(telemetry: Telemetry, report: DeploymentReport, figures: EvaluationFigures): void {
  const { transitions, evaluationMs, eventLagSeconds } = figures;
  const { service, region, verdict } = report;
  const failing = report.findings.filter(({ status }) => status === 'fail').length;
  const dimensions = { ...deploymentDimensions(report), verdict };
  telemetry.event(names.evaluation, dimensions, { transitions, failing, evaluationMs });
  telemetry.metric(metrics.evaluationMs, evaluationMs, dimensionsOf({ service, region }));
  if (eventLagSeconds !== undefined) {
    telemetry.metric(metrics.eventLagSeconds, eventLagSeconds, dimensionsOf({ service, region }));
  }
}

/** An open drift, again: alert rules that look at these stay fired while it is open. */
export function tellOpen(telemetry: Telemetry, facts: DeploymentFacts, verdict: Verdict, drift: OpenDrift): void {
  const { requirement, severity, status, since, finding } = drift;
  telemetry.event(names.open, {
    ...deploymentDimensions(facts),
    ...dimensionsOf({
      verdict,
      requirement,
      severity,
      status,
      since,
      message: finding.message,
      resource: finding.resource,
      fingerprint: `${facts.key}/${requirement}`,
    }),
  });
}

/** What a deployment is, again: alert rules and workbooks need no memory of their own. */
export function tellDeployment(telemetry: Telemetry, { facts, verdict, open }: DeploymentState): void {
  telemetry.event(names.deployment, { ...deploymentDimensions(facts), verdict }, { openDrifts: open.length });
}

export interface Backlog {
  /** How long the first waits already, beyond the time at which it was due; 0: nothing waits. */
  readonly oldestSeconds: number;
  /** Messages that failed for good and were not put back yet. */
  readonly poisoned: number;
}

export function tellBacklog(telemetry: Telemetry, backlog: Readonly<Record<QueueName, Backlog>>): void {
  for (const queue of queueNames) telemetry.event(names.backlog, { queue }, { ...backlog[queue] });
}

export function tellSweep(telemetry: Telemetry, { deployments, queued, errors }: Sweep): void {
  telemetry.event(names.sweep, {}, { deployments, queued, failedReads: errors.length });
}

export function tellCounts(
  telemetry: Telemetry,
  counts: { readonly nonCompliant: number; readonly unknown: number },
): void {
  telemetry.metric(metrics.nonCompliant, counts.nonCompliant);
  telemetry.metric(metrics.unknown, counts.unknown);
}
