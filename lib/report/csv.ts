/** The report as a flat table (RFC 4180): a finding a row. Cells that a spreadsheet would run are made text. */
import { stringify } from 'csv-stringify/sync';
import type { DeploymentReport, Finding, Report } from '../audit/report.ts';
import { oneLine } from './text.ts';

const columns = [
  'service',
  'name',
  'region',
  'role',
  'sku',
  'mode',
  'verdict',
  'tunnel',
  'requirement',
  'status',
  'severity',
  'message',
  'resource',
  'counterexample',
  'addresses',
  'fix',
] as const;

function row(deployment: DeploymentReport, finding: Finding): string[] {
  const { counterexample } = finding.evidence;
  return [
    deployment.service,
    deployment.name,
    deployment.region,
    deployment.role,
    deployment.sku,
    deployment.mode,
    deployment.verdict,
    deployment.tunnel?.state ?? '',
    finding.requirement,
    finding.status,
    finding.severity,
    finding.message,
    finding.resource,
    counterexample?.addressPrefix ?? '',
    counterexample ? String(counterexample.addresses) : '',
    finding.fix?.summary ?? '',
  ].map(oneLine);
}

export function* toCsv(report: Report): Iterable<string> {
  yield stringify([[...columns]], { record_delimiter: 'windows' });
  for (const deployment of report.deployments) {
    const rows = deployment.findings.map((finding) => row(deployment, finding));
    yield stringify(rows, { record_delimiter: 'windows', escape_formulas: true });
  }
}
