/** The report as Markdown, for the summary page of a pipeline: what is wrong, and the fixes to copy. */
import type { DeploymentReport, Finding, Report } from '../audit/report.ts';
import { oneLine, plural } from './text.ts';

/** GitHub takes 1 MiB a step; the rest is for what else the step writes. */
const byteLimit = 900_000;

const verdictText: Readonly<Record<DeploymentReport['verdict'], string>> = {
  compliant: 'compliant',
  nonCompliant: '**non-compliant**',
  unknown: '**unknown**',
  outOfScope: 'out of scope',
};

/** Text that cannot end its cell, open a tag, or format anything. */
function cell(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~$@]/g, (found) => `&#${found.charCodeAt(0)};`);
}

/** A code block whose fence is longer than any run of backticks in it. */
function code(language: string, text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((found) => found[0].length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}\n`;
}

function findingRows(deployment: DeploymentReport): Finding[] {
  const rank = { fail: 0, unknown: 1, exempt: 2, pass: 3, notApplicable: 4 };
  return deployment.findings
    .filter(({ status }) => status === 'fail' || status === 'unknown' || status === 'exempt')
    .sort((a, b) => rank[a.status] - rank[b.status]);
}

function fixText(finding: Finding): string {
  if (!finding.fix) return '';
  const caveats = (finding.fix.caveats ?? []).map((caveat) => `- ${cell(caveat)}\n`).join('');
  return `\n<details><summary>Fix ${cell(finding.requirement)}: ${cell(finding.fix.summary)}</summary>\n\n${caveats}\n${code('sh', finding.fix.azureCli)}\n${code('bicep', finding.fix.bicep)}\n</details>\n`;
}

function section(deployment: DeploymentReport): string {
  const findings = findingRows(deployment);
  const rows = findings
    .map(
      (finding) =>
        `| ${finding.status} | ${finding.severity} | ${cell(finding.requirement)} | ${cell(finding.message)} |\n`,
    )
    .join('');
  const head = `\n### ${cell(deployment.name)} ${cell(deployment.region)}: ${verdictText[deployment.verdict]}\n\nTunnel: ${deployment.tunnel?.state ?? 'not examined'}\n`;
  const table = rows === '' ? '' : `\n| status | severity | requirement | what |\n| --- | --- | --- | --- |\n${rows}`;
  return `${head}${table}${findings.map(fixText).join('')}`;
}

function overview(report: Report): string {
  const { summary } = report;
  const rows = report.deployments
    .slice(0, 500)
    .map(
      (each) =>
        `| ${verdictText[each.verdict]} | ${cell(each.name)} | ${cell(each.region)} | ${each.tunnel?.state ?? ''} | ${each.findings.filter(({ status }) => status === 'fail').length} |\n`,
    )
    .join('');
  const rest =
    report.deployments.length > 500 ? `\n${report.deployments.length - 500} more deployments are not listed.\n` : '';
  return `## tunnelwatch\n\n${plural(summary.deployments, 'deployment')}: ${summary.nonCompliant} non-compliant, ${summary.unknown} unknown, ${summary.compliant} compliant, ${summary.outOfScope} out of scope\n\n| verdict | service | region | tunnel | failed |\n| --- | --- | --- | --- | --- |\n${rows}${rest}`;
}

export function* toMarkdown(report: Report): Iterable<string> {
  const head = overview(report);
  let bytes = Buffer.byteLength(head);
  yield head;
  const open = report.deployments.filter(
    (deployment) => deployment.verdict === 'nonCompliant' || deployment.verdict === 'unknown',
  );
  for (const [index, deployment] of open.entries()) {
    const text = section(deployment);
    bytes += Buffer.byteLength(text);
    if (bytes > byteLimit) {
      yield `\n${plural(open.length - index, 'deployment')} left out to keep this page small: see the JSON report.\n`;
      return;
    }
    yield text;
  }
  if (report.errors.length > 0) {
    yield `\n### Could not be read or used\n\n${report.errors
      .slice(0, 100)
      .map(({ resource, message }) => `- ${cell(resource)}: ${cell(message)}\n`)
      .join('')}`;
    if (report.errors.length > 100) yield `- and ${report.errors.length - 100} more\n`;
  }
}
