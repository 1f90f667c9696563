/**
 * The report for people at a terminal: what is wrong first, with its proof and the mend; what holds is only counted.
 */
import colours from 'picocolors';
import { type DeploymentReport, type Finding, isAtLeast, type Report, type Verdict } from '../audit/report.ts';
import type { FormatContext } from './format.ts';
import { oneLine, plural, wrap } from './text.ts';

type Colours = ReturnType<typeof colours.createColors>;

const verdictText: Readonly<Record<Verdict, string>> = {
  compliant: 'COMPLIANT',
  nonCompliant: 'NON-COMPLIANT',
  unknown: 'UNKNOWN',
  outOfScope: 'out of scope',
};

const tunnelText: Readonly<Record<string, string>> = {
  forced: 'forced: all public traffic enters the tunnel',
  partial: 'partial: some public traffic goes around the tunnel',
  direct: 'none: public traffic leaves straight to the Internet',
  dropped: 'dropped: public traffic goes nowhere',
  unknown: 'not known',
};

/** From this many deployments on, those that are compliant take one line each. */
const manyDeployments = 50;

class Painter {
  private readonly paint: Colours;
  private readonly width: number;

  constructor(context: FormatContext) {
    this.paint = colours.createColors(context.colour);
    this.width = context.width;
  }

  verdict(verdict: Verdict): string {
    const { bold, green, red, yellow, dim } = this.paint;
    const text = verdictText[verdict];
    if (verdict === 'compliant') return bold(green(text));
    if (verdict === 'nonCompliant') return bold(red(text));
    return verdict === 'unknown' ? bold(yellow(text)) : dim(text);
  }

  severity(finding: Finding): string {
    const { red, yellow, cyan, dim } = this.paint;
    const text = (finding.status === 'unknown' ? 'unknown' : finding.severity).padEnd(8);
    if (finding.status === 'unknown') return yellow(text);
    if (finding.severity === 'critical' || finding.severity === 'high') return red(text);
    return finding.severity === 'medium' ? yellow(text) : finding.severity === 'low' ? cyan(text) : dim(text);
  }

  dim(text: string): string {
    return this.paint.dim(text);
  }

  bold(text: string): string {
    return this.paint.bold(text);
  }

  line(head: string, text: string, indent: string): string {
    return `${head}${wrap(oneLine(text), this.width, indent)}\n`;
  }

  rule(): string {
    return `${this.paint.dim('-'.repeat(this.width))}\n`;
  }
}

const indent = ' '.repeat(12);

function* describeFinding(finding: Finding, painter: Painter): Iterable<string> {
  yield `  ${painter.severity(finding)}  ${painter.bold(finding.requirement)}\n`;
  yield painter.line(indent, finding.message, indent);
  const { notSeen, rule, exemption } = finding.evidence;
  if (finding.status === 'unknown' && notSeen && notSeen.length > 0) {
    const more = notSeen.length > 2 ? ` (and ${notSeen.length - 2} more)` : '';
    yield painter.line(`${indent}waits for: `, `${notSeen.slice(0, 2).join('; ')}${more}`, `${indent}  `);
  }
  if (finding.status === 'fail' && finding.impact)
    yield painter.line(`${indent}breaks: `, finding.impact, `${indent}  `);
  if (rule && !finding.message.includes(`"${rule.name}"`))
    yield painter.line(`${indent}rule:   `, `"${rule.name}" (${rule.access})`, `${indent}  `);
  if (finding.fix) yield painter.line(`${indent}fix:    `, finding.fix.summary, `${indent}  `);
  if (exemption) {
    const until = exemption.expiresOn
      ? `${exemption.expired ? 'expired' : 'until'} ${exemption.expiresOn}`
      : 'without end';
    yield painter.line(`${indent}exempt: `, `${exemption.category}, ${until}: ${exemption.reason}`, `${indent}  `);
  }
}

function counts(findings: readonly Finding[]): string {
  const count = (status: Finding['status']): number => findings.filter((finding) => finding.status === status).length;
  const minor = findings.filter(
    (finding) => finding.status === 'unknown' && !isAtLeast(finding.severity, 'medium'),
  ).length;
  const parts = [`${count('pass')} pass`, `${count('fail')} fail`, `${count('unknown')} unknown`];
  if (minor > 0) parts[2] += ` (${minor} minor, not shown)`;
  if (count('exempt') > 0) parts.push(`${count('exempt')} exempt`);
  parts.push(`${count('notApplicable')} do not apply`);
  return parts.join(', ');
}

function title(deployment: DeploymentReport, painter: Painter): string {
  const role = deployment.role === 'additional' ? ', additional region' : '';
  const what = `${deployment.sku}, ${deployment.mode}${role}`;
  return `${painter.verdict(deployment.verdict)}  ${painter.bold(oneLine(deployment.name))}  ${oneLine(deployment.region)}  ${painter.dim(oneLine(what))}\n`;
}

function tunnelLine(deployment: DeploymentReport): string {
  const { tunnel } = deployment;
  if (!tunnel) return '';
  const hop = tunnel.nextHops.find((each) => each.type !== 'Internet' && each.type !== 'unknown');
  const to =
    hop && (tunnel.state === 'forced' || tunnel.state === 'partial')
      ? ` (${hop.type}${hop.address ? ` ${hop.address}` : ''})`
      : '';
  return `${tunnelText[tunnel.state]}${to}`;
}

function* describeDeployment(deployment: DeploymentReport, painter: Painter): Iterable<string> {
  yield title(deployment, painter);
  yield painter.line('  tunnel  ', tunnelLine(deployment), '          ');
  const shown = deployment.findings.filter(
    ({ status, severity }) =>
      status === 'fail' || status === 'exempt' || (status === 'unknown' && isAtLeast(severity, 'medium')),
  );
  const order: Finding['status'][] = ['fail', 'unknown', 'exempt'];
  for (const status of order) {
    for (const finding of shown) if (finding.status === status) yield* describeFinding(finding, painter);
  }
  yield `  ${painter.dim(counts(deployment.findings))}\n\n`;
}

function* describeOutOfScope(deployments: readonly DeploymentReport[], painter: Painter): Iterable<string> {
  if (deployments.length === 0) return;
  yield `${painter.bold('Out of scope')}\n`;
  for (const { name, region, reason, findings } of deployments) {
    yield painter.line(`  ${oneLine(name)}  ${oneLine(region)}  `, reason ?? '', '    ');
    for (const finding of findings) if (finding.status === 'fail') yield* describeFinding(finding, painter);
  }
  yield '\n';
}

function* describeErrors(report: Report, painter: Painter): Iterable<string> {
  if (report.errors.length === 0) return;
  yield `${painter.bold(`Could not be read or used (${report.errors.length})`)}\n`;
  for (const { resource, message } of report.errors.slice(0, 20)) {
    yield painter.line('  ', `${resource}: ${message}`, '    ');
  }
  if (report.errors.length > 20) yield `  and ${report.errors.length - 20} more: see --format json\n`;
  yield '\n';
}

function summaryLine(report: Report): string {
  const { summary } = report;
  const parts = [
    `${summary.nonCompliant} non-compliant`,
    `${summary.unknown} unknown`,
    `${summary.compliant} compliant`,
    ...(summary.outOfScope > 0 ? [`${summary.outOfScope} out of scope`] : []),
  ];
  return `${plural(summary.services, 'service')}, ${plural(summary.deployments, 'deployment')}: ${parts.join(', ')}`;
}

const order: Readonly<Record<Verdict, number>> = { nonCompliant: 0, unknown: 1, compliant: 2, outOfScope: 3 };

export function* toTable(report: Report, context: FormatContext): Iterable<string> {
  const painter = new Painter(context);
  const { cloud, changeNumber, asOf } = report.serviceTags;
  const inScope = report.deployments.filter((deployment) => deployment.scope === 'in');
  const sorted = [...inScope].sort((a, b) => order[a.verdict] - order[b.verdict]);
  yield `${painter.bold(summaryLine(report))}\n`;
  yield `${painter.dim(`Service tags: ${cloud}, change ${changeNumber}${asOf ? ` of ${asOf}` : ''}`)}\n`;
  yield painter.rule();
  for (const deployment of sorted) {
    if (deployment.verdict === 'compliant' && sorted.length > manyDeployments) yield title(deployment, painter);
    else yield* describeDeployment(deployment, painter);
  }
  yield* describeOutOfScope(
    report.deployments.filter((deployment) => deployment.scope === 'out'),
    painter,
  );
  yield* describeErrors(report, painter);
  if (sorted.some((deployment) => deployment.findings.some((finding) => finding.fix))) {
    yield `${painter.dim('Each fix as az commands and Bicep: --format json or markdown. What each requirement means: tunnelwatch requirements.')}\n`;
  }
}
