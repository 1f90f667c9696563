/** An estate in, a report out: every deployment evaluated, in a stable order. */
import type { Estate } from '../network/model.ts';
import { deploymentsOf } from '../requirements/situation.ts';
import { type EvaluationOptions, evaluateDeployment } from './evaluate.ts';
import type { DeploymentReport, Report, ServiceTagsInfo } from './report.ts';

export interface AuditOptions extends EvaluationOptions {
  readonly onProgress?: (done: number, total: number) => void;
}

function describeTags(options: AuditOptions, region: string): ServiceTagsInfo {
  const { changeNumber, cloud, origin, asOf } = options.tagsFor(region);
  return { changeNumber, cloud, origin, ...(asOf !== undefined && { asOf }) };
}

/** A report whose deployments are evaluated as they are asked for, once; its summary is whole when they all were. */
export type StreamedReport = Omit<Report, 'deployments'> & { readonly deployments: Iterable<DeploymentReport> };

/** Counts as deployments go by. */
class Tally {
  readonly summary: Report['summary'];

  constructor(services: number) {
    const findings = { pass: 0, fail: 0, unknown: 0, notApplicable: 0, exempt: 0 };
    this.summary = { services, deployments: 0, outOfScope: 0, compliant: 0, nonCompliant: 0, unknown: 0, findings };
  }

  add(deployment: DeploymentReport): void {
    this.summary.deployments++;
    this.summary[deployment.verdict]++;
    for (const finding of deployment.findings) this.summary.findings[finding.status]++;
  }
}

/** Services by id, the primary region of each first, the others in the service's own order. */
export function streamAudit(estate: Estate, options: AuditOptions): StreamedReport {
  const deployments = estate.services.flatMap(deploymentsOf);
  const tally = new Tally(estate.services.length);
  function* evaluated(): Iterable<DeploymentReport> {
    for (const [index, deployment] of deployments.entries()) {
      options.onProgress?.(index, deployments.length);
      const report = evaluateDeployment(deployment, estate, options);
      tally.add(report);
      yield report;
    }
    options.onProgress?.(deployments.length, deployments.length);
  }
  return {
    schemaVersion: '1',
    generatedAt: options.now.toISOString(),
    sources: estate.sources.map(({ kind, name }) => ({ kind, name })),
    serviceTags: describeTags(options, deployments[0]?.region ?? ''),
    summary: tally.summary,
    deployments: evaluated(),
    errors: estate.errors.map(({ resource, message }) => ({ resource, message })),
  };
}

/** The whole report at once. */
export function auditEstate(estate: Estate, options: AuditOptions): Report {
  const report = streamAudit(estate, options);
  return { ...report, deployments: [...report.deployments] };
}
