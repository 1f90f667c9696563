/** The report as JUnit XML: a suite a deployment, a case a requirement. No facts of the machine that made it. */
import { create } from 'xmlbuilder2';
import type { DeploymentReport, Finding, Report } from '../audit/report.ts';
import { oneLine } from './text.ts';

/** XML 1.0 has no place for these, not even escaped. */
function xmlText(text: string): string {
  return oneLine(text).replace(/[\ufffe\uffff]/g, '\ufffd');
}

function skipReason(finding: Finding): string | undefined {
  const { status, message, evidence } = finding;
  if (status === 'unknown')
    return `unknown: ${message}${evidence.notSeen?.length ? ` Waits for: ${evidence.notSeen.join('; ')}` : ''}`;
  if (status === 'exempt') return `exempt (${evidence.exemption?.category ?? ''}): ${evidence.exemption?.reason ?? ''}`;
  return status === 'notApplicable' ? `not applicable: ${message}` : undefined;
}

function suite(deployment: DeploymentReport): string {
  const { findings } = deployment;
  const count = (...statuses: Finding['status'][]): number =>
    findings.filter((finding) => statuses.includes(finding.status)).length;
  const element = create().ele('testsuite', {
    name: xmlText(deployment.key),
    tests: findings.length,
    failures: count('fail'),
    errors: 0,
    skipped: count('unknown', 'exempt', 'notApplicable'),
  });
  for (const finding of findings) {
    const testcase = element.ele('testcase', {
      name: finding.requirement,
      classname: xmlText(`${deployment.name}.${deployment.region}`),
    });
    const reason = skipReason(finding);
    if (finding.status === 'fail') {
      const detail = [finding.message, finding.impact, finding.fix && `Fix: ${finding.fix.summary}`].filter(
        (line) => line !== undefined,
      );
      testcase
        .ele('failure', { type: finding.severity, message: xmlText(finding.message) })
        .txt(detail.map(xmlText).join('\n'));
    } else if (reason !== undefined) testcase.ele('skipped', { message: xmlText(reason) });
  }
  return element.end({ headless: true, prettyPrint: true });
}

export function* toJunit(report: Report): Iterable<string> {
  const { fail, unknown, exempt, notApplicable } = report.summary.findings;
  const tests = Object.values(report.summary.findings).reduce((sum, count) => sum + count, 0);
  const skipped = unknown + exempt + notApplicable;
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites name="tunnelwatch" tests="${tests}" failures="${fail}" errors="0" skipped="${skipped}">\n`;
  for (const deployment of report.deployments) yield `${suite(deployment)}\n`;
  yield '</testsuites>\n';
}
