/** What is told of every evaluation and of every sweep: events and metrics for alert rules and workbooks. */
import type { DeploymentReport, Verdict } from '../audit/report.ts';
import type { DeploymentFacts, OpenDrift } from '../drift/model.ts';
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

export function tellCounts(
  telemetry: Telemetry,
  counts: { readonly nonCompliant: number; readonly unknown: number },
): void {
  telemetry.metric(metrics.nonCompliant, counts.nonCompliant);
  telemetry.metric(metrics.unknown, counts.unknown);
}
