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

function summarise(services: number, deployments: readonly DeploymentReport[]): Report['summary'] {
  const verdicts = { compliant: 0, nonCompliant: 0, unknown: 0, outOfScope: 0 };
  const findings = { pass: 0, fail: 0, unknown: 0, notApplicable: 0, exempt: 0 };
  for (const deployment of deployments) {
    verdicts[deployment.verdict]++;
    for (const finding of deployment.findings) findings[finding.status]++;
  }
  const { outOfScope, compliant, nonCompliant, unknown } = verdicts;
  return { services, deployments: deployments.length, outOfScope, compliant, nonCompliant, unknown, findings };
}

/** Services by id, the primary region of each first, the others in the service's own order. */
export function auditEstate(estate: Estate, options: AuditOptions): Report {
  const deployments = estate.services.flatMap(deploymentsOf);
  const reports = deployments.map((deployment, index) => {
    options.onProgress?.(index, deployments.length);
    return evaluateDeployment(deployment, estate, options);
  });
  options.onProgress?.(deployments.length, deployments.length);
  return {
    schemaVersion: '1',
    generatedAt: options.now.toISOString(),
    sources: estate.sources.map(({ kind, name }) => ({ kind, name })),
    serviceTags: describeTags(options, deployments[0]?.region ?? ''),
    summary: summarise(estate.services.length, reports),
    deployments: reports,
    errors: estate.errors.map(({ resource, message }) => ({ resource, message })),
  };
}
