/**
 * The report for people at a terminal: what is wrong first, with its proof and the mend; what holds is only counted.
 */
import colours from 'picocolors';
import {
  type DeploymentReport,
  type Finding,
  isAtLeast,
  type Report,
  severities,
  type Verdict,
} from '../audit/report.ts';
import { besideTables } from './beside-tables.ts';
import type { FormatContext } from './format.ts';
import { oneLine, plural, wrap } from './text.ts';

type Colours = ReturnType<typeof colours.createColors>;

const verdictText: Readonly<Record<Verdict, string>> = {
  compliant: 'COMPLIANT',
  nonCompliant: 'NON-COMPLIANT',
  unknown: 'UNKNOWN',
  outOfScope: 'out of scope',
};

const tunnelText: Readonly<Record<string, (hop: string) => string>> = {
  forced: (hop) => `forced to ${hop}; only approved exceptions go elsewhere`,
  partial: (hop) => `partial: some public traffic goes around ${hop}, more than is approved`,
  direct: () => 'none: public traffic leaves straight to the Internet',
  dropped: () => 'dropped: public traffic goes nowhere',
  unknown: () => 'not known',
};

const legend =
  'Each fix as az commands and Bicep: --format json or markdown. What each requirement means: docs/requirements/.';

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

  /** The first column: how grave a failure is, and a question mark where it could not be decided. */
  severity(finding: Finding): string {
    const { red, yellow, cyan, dim } = this.paint;
    if (finding.status === 'exempt') return dim('exempt'.padEnd(10));
    if (finding.status === 'unknown') return yellow(`${finding.severity} ?`.padEnd(10));
    const text = finding.severity.padEnd(10);
    if (finding.severity === 'critical' || finding.severity === 'high') return red(text);
    return finding.severity === 'medium' ? yellow(text) : finding.severity === 'low' ? cyan(text) : dim(text);
  }

  dim(text: string): string {
    return this.paint.dim(text);
  }

  bold(text: string): string {
    return this.paint.bold(text);
  }

  /** @param head plain text: its length is counted */
  line(head: string, text: string, indent: string): string {
    return `${head}${wrap(oneLine(text), this.width, indent, head.length)}\n`;
  }

  /** Two texts side by side, or below each other where the line has no room. Lengths are those before they are painted. */
  beside(left: string, leftLength: number, right: string): string {
    const fits = leftLength + 2 + right.length <= this.width;
    return `${left}${fits ? '  ' : '\n  '}${this.paint.dim(right)}\n`;
  }

  rule(): string {
    return `${this.paint.dim('-'.repeat(this.width))}\n`;
  }
}

const indent = ' '.repeat(14);

function exemptionText({ evidence }: Finding): string | undefined {
  const { exemption } = evidence;
  if (!exemption) return undefined;
  const end = exemption.expiresOn;
  const until = end === undefined ? 'without end' : `${exemption.expired ? 'expired' : 'until'} ${end}`;
  return `${exemption.category}, ${until}: ${exemption.reason}`;
}

/** @param told what the finding before was said to wait for: the same is not said twice */
function* describeFinding(finding: Finding, painter: Painter, told?: string): Iterable<string> {
  yield `  ${painter.severity(finding)}  ${painter.bold(finding.requirement)}\n`;
  const exemption = exemptionText(finding);
  if (finding.status === 'exempt') {
    yield painter.line(indent, `${finding.message} Exempt (${exemption}).`, indent);
    return;
  }
  yield painter.line(indent, finding.message, indent);
  const waits = waitsFor(finding);
  if (waits !== undefined && waits !== told) yield painter.line(`${indent}not seen: `, waits, `${indent}  `);
  if (finding.status === 'fail' && finding.impact)
    yield painter.line(`${indent}breaks: `, finding.impact, `${indent}  `);
  const { observed } = finding.evidence;
  if (finding.status === 'fail' && observed !== undefined)
    yield painter.line(`${indent}observed: `, observed, `${indent}  `);
  const { listed } = finding.evidence;
  if (listed !== undefined) yield painter.line(`${indent}listed: `, listed, `${indent}  `);
  if (finding.fix) yield painter.line(`${indent}fix:    `, finding.fix.summary, `${indent}  `);
  if (exemption !== undefined) yield painter.line(`${indent}exempt: `, exemption, `${indent}  `);
}

function waitsFor({ status, evidence }: Finding): string | undefined {
  const notSeen = evidence.notSeen ?? [];
  if (status !== 'unknown' || notSeen.length === 0) return undefined;
  return `${notSeen.slice(0, 2).join('; ')}${notSeen.length > 2 ? ` (and ${notSeen.length - 2} more)` : ''}`;
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

function title(deployment: DeploymentReport, painter: Painter, several = false): string {
  const role = deployment.role === 'additional' ? ', additional region' : several ? ', primary region' : '';
  const what = oneLine(`${deployment.sku}, ${deployment.mode}${role}`);
  const name = oneLine(deployment.name);
  const region = oneLine(deployment.region);
  const { length } = `${verdictText[deployment.verdict]}  ${name}  ${region}`;
  return painter.beside(`${painter.verdict(deployment.verdict)}  ${painter.bold(name)}  ${region}`, length, what);
}

function tunnelLine(deployment: DeploymentReport): string {
  const { tunnel } = deployment;
  if (!tunnel) return '';
  const hops = tunnel.nextHops.filter(({ type }) => type === 'VirtualAppliance' || type === 'VirtualNetworkGateway');
  const [first] = hops;
  const learned = first?.learned === undefined ? '' : ` (${first.learned})`;
  const name = first ? `${first.type}${first.address ? ` ${first.address}` : ''}${learned}` : 'the tunnel';
  const more = hops.length > 1 ? ` and ${hops.length - 1} more` : '';
  return tunnelText[tunnel.state]?.(`${name}${more}`) ?? tunnel.state;
}

const statusOrder: readonly Finding['status'][] = ['fail', 'unknown', 'exempt'];

/** Failures before open questions, the graver before the lesser; otherwise in the order of the report. */
function gravestFirst(a: Finding, b: Finding): number {
  return (
    statusOrder.indexOf(a.status) - statusOrder.indexOf(b.status) ||
    severities.indexOf(a.severity) - severities.indexOf(b.severity)
  );
}

function* describeDeployment(deployment: DeploymentReport, painter: Painter, several: boolean): Iterable<string> {
  yield title(deployment, painter, several);
  yield painter.line('  tunnel  ', tunnelLine(deployment), '          ');
  for (const text of besideTables(deployment)) yield painter.line('  beside  ', text, '          ');
  const shown = deployment.findings.filter(
    ({ status, severity }) =>
      status === 'fail' || status === 'exempt' || (status === 'unknown' && isAtLeast(severity, 'medium')),
  );
  let told: string | undefined;
  for (const finding of shown.sort(gravestFirst)) {
    yield* describeFinding(finding, painter, told);
    told = waitsFor(finding) ?? told;
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

function groupByService(deployments: readonly DeploymentReport[]): DeploymentReport[][] {
  const groups = new Map<string, DeploymentReport[]>();
  for (const deployment of deployments) {
    const key = deployment.service.toLowerCase();
    const group = groups.get(key);
    if (group) group.push(deployment);
    else groups.set(key, [deployment]);
  }
  return [...groups.values()];
}

/** Services with the worst verdict first; the regions of one stay together, the primary first. */
function byService(deployments: readonly DeploymentReport[]): DeploymentReport[][] {
  const services = groupByService(deployments);
  const worst = (regions: readonly DeploymentReport[]): number =>
    Math.min(...regions.map((each) => order[each.verdict]));
  return services.sort((a, b) => worst(a) - worst(b));
}

export function* toTable(report: Report, context: FormatContext): Iterable<string> {
  const painter = new Painter(context);
  const { cloud, changeNumber, asOf } = report.serviceTags;
  const inScope = report.deployments.filter((deployment) => deployment.scope === 'in');
  const services = byService(inScope);
  yield painter.bold(painter.line('', summaryLine(report), '  '));
  yield `${painter.dim(`Service tags: ${cloud}, change ${changeNumber}${asOf ? ` of ${asOf}` : ''}`)}\n`;
  yield painter.rule();
  for (const deployments of services) {
    for (const deployment of deployments) {
      const several = deployments.length > 1;
      if (deployment.verdict === 'compliant' && inScope.length > manyDeployments)
        yield title(deployment, painter, several);
      else yield* describeDeployment(deployment, painter, several);
    }
  }
  yield* describeOutOfScope(
    report.deployments.filter((deployment) => deployment.scope === 'out'),
    painter,
  );
  yield* describeErrors(report, painter);
  if (inScope.some((deployment) => deployment.findings.some((finding) => finding.fix))) {
    yield painter.dim(painter.line('', legend, ''));
  }
}
