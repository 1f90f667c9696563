/** The report as Markdown, for the summary page of a pipeline: what is wrong, and the fixes to copy. */
import type { DeploymentReport, Finding, Report } from '../audit/report.ts';
import { besideTables } from './beside-tables.ts';
import { oneLine, plural, visible } from './text.ts';

/** GitHub takes 1 MiB a step; the rest is for what else the step writes. */
const byteLimit = 900_000 - 200;
const overviewLimit = 300_000;

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

/** A code block whose fence is longer than any run of backticks in it; nothing in it can hide or turn its direction. */
function code(language: string, raw: string): string {
  const text = raw
    .split(/\r\n|[\n\r]/)
    .map(visible)
    .join('\n');
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

function what({ message, evidence: { observed, listed } }: Finding): string {
  const more = [
    ...(observed === undefined ? [] : [`Observed: ${observed}.`]),
    ...(listed === undefined ? [] : [`Listed by Azure: ${listed}.`]),
  ];
  return cell([message, ...more].join(' '));
}

function section(deployment: DeploymentReport): string {
  const findings = findingRows(deployment);
  const rows = findings
    .map((finding) => `| ${finding.status} | ${finding.severity} | ${cell(finding.requirement)} | ${what(finding)} |\n`)
    .join('');
  const beside = besideTables(deployment).map((text) => `\n- ${cell(text)}`);
  const head = `\n### ${cell(deployment.name)} ${cell(deployment.region)}: ${verdictText[deployment.verdict]}\n\nTunnel: ${deployment.tunnel?.state ?? 'not examined'}\n${beside.length > 0 ? `${beside.join('')}\n` : ''}`;
  const table = rows === '' ? '' : `\n| status | severity | requirement | what |\n| --- | --- | --- | --- |\n${rows}`;
  return `${head}${table}${findings.map(fixText).join('')}`;
}

const gravestFirst: readonly DeploymentReport['verdict'][] = ['nonCompliant', 'unknown', 'outOfScope', 'compliant'];

function overviewRow(deployment: DeploymentReport): string {
  const { verdict, name, region, tunnel, findings } = deployment;
  const failed = findings.filter(({ status }) => status === 'fail').length;
  return `| ${verdictText[verdict]} | ${cell(name)} | ${cell(region)} | ${tunnel?.state ?? ''} | ${failed} |\n`;
}

/** A row a deployment; where there are too many, those that are in order are left out first. */
function overview(report: Report): string {
  const { summary } = report;
  let rows = '';
  let shown = 0;
  const sorted = gravestFirst.flatMap((verdict) => report.deployments.filter((each) => each.verdict === verdict));
  for (const deployment of sorted) {
    const row = overviewRow(deployment);
    if (rows.length + row.length > overviewLimit) break;
    rows += row;
    shown++;
  }
  const rest = sorted.length - shown;
  const table = `| verdict | service | region | tunnel | failed |\n| --- | --- | --- | --- | --- |\n${rows}`;
  const counts = `${plural(summary.deployments, 'deployment')}: ${summary.nonCompliant} non-compliant, ${summary.unknown} unknown, ${summary.compliant} compliant, ${summary.outOfScope} out of scope`;
  return `## tunnelwatch\n\n${counts}\n\n${shown > 0 ? table : ''}${rest > 0 ? `\n${plural(rest, 'more deployment')} not listed.\n` : ''}`;
}

/** Everything but the overview, in the order in which it may be left out last. */
function* sections(report: Report): Iterable<{ readonly text: string; readonly what: 'deployment' | 'error' }> {
  for (const deployment of report.deployments) {
    const isOpen = deployment.verdict === 'nonCompliant' || deployment.verdict === 'unknown';
    if (isOpen) yield { text: section(deployment), what: 'deployment' };
  }
  for (const [index, { resource, message }] of report.errors.entries()) {
    const head = index === 0 ? '\n### Could not be read or used\n\n' : '';
    yield { text: `${head}- ${cell(resource)}: ${cell(message)}\n`, what: 'error' };
  }
}

export function* toMarkdown(report: Report): Iterable<string> {
  const head = overview(report);
  let bytes = Buffer.byteLength(head);
  yield head;
  const leftOut = { deployment: 0, error: 0 };
  for (const { text, what } of sections(report)) {
    const size = Buffer.byteLength(text);
    if (bytes + size > byteLimit) leftOut[what]++;
    else {
      bytes += size;
      yield text;
    }
  }
  const what = [
    ...(leftOut.deployment > 0 ? [plural(leftOut.deployment, 'deployment')] : []),
    ...(leftOut.error > 0 ? [plural(leftOut.error, 'error')] : []),
  ];
  if (what.length > 0) yield `\n${what.join(' and ')} left out to keep this page small: see the JSON report.\n`;
}
