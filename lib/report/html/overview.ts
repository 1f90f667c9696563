/** The estate at a glance: the one sentence that matters, the verdicts counted, and where and by what they fail. */
import { html } from 'hono/html';
import { type DeploymentReport, type Report, severities } from '../../audit/report.ts';
import { oneLine, plural } from '../text.ts';
import { titleOf, verdictOrder, verdictWords } from './words.ts';

/** Rows of a breakdown; the rest are counted. */
const mostRows = 8;

function lead({ summary }: Report): string {
  const inScope = summary.deployments - summary.outOfScope;
  if (summary.deployments === 0) return 'There is no API Management deployment here.';
  if (inScope === 0) return 'No deployment here is of a kind that forced tunneling concerns.';
  if (summary.nonCompliant > 0) {
    const verb = summary.nonCompliant === 1 ? 'breaks' : 'break';
    return `${summary.nonCompliant.toLocaleString('en-US')} of ${plural(inScope, 'deployment')} ${verb} a rule that API Management needs behind a forced tunnel.`;
  }
  if (summary.unknown > 0)
    return `${summary.unknown} of ${plural(inScope, 'deployment')} cannot be judged: something was not seen.`;
  return inScope === 1
    ? 'The deployment holds all that it must.'
    : `All ${inScope} deployments hold all that they must.`;
}

interface Group {
  readonly label: string;
  readonly deployments: DeploymentReport[];
}

function groupBy(report: Report, labelOf: (deployment: DeploymentReport) => string): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const deployment of report.deployments) {
    const label = labelOf(deployment);
    const group = groups.get(label) ?? { label, deployments: [] };
    group.deployments.push(deployment);
    groups.set(label, group);
  }
  const bad = ({ deployments }: Group): number =>
    deployments.filter(({ verdict }) => verdict === 'nonCompliant').length;
  return [...groups.values()].sort((a, b) => bad(b) - bad(a) || b.deployments.length - a.deployments.length);
}

/** A bar of verdicts, drawn as cells whose widths are shares. */
function bar(deployments: readonly DeploymentReport[], widest: number) {
  const counts = verdictOrder.map((verdict) => deployments.filter((each) => each.verdict === verdict).length);
  const label = verdictOrder
    .map((verdict, index) => `${counts[index]} ${verdictWords[verdict].toLowerCase()}`)
    .filter((text) => !text.startsWith('0 '))
    .join(', ');
  let x = 0;
  const cells = verdictOrder.map((verdict, index) => {
    const width = Math.round(((counts[index] ?? 0) / widest) * 200);
    if (counts[index] === 0) return '';
    const cell = html`<rect class="${verdict}" x="${x}" width="${Math.max(width, 2)}" height="12"/>`;
    x += Math.max(width, 2);
    return cell;
  });
  return html`<svg class="bar" viewBox="0 0 206 12" role="img" aria-label="${label}"><title>${label}</title>${cells}</svg>`;
}

function breakdown(
  title: string,
  filter: 'text' | 'requirement',
  groups: readonly Group[],
  nameOf: (label: string) => string,
) {
  if (groups.length === 0) return html``;
  const widest = Math.max(...groups.map(({ deployments }) => deployments.length));
  const rows = groups.slice(0, mostRows).map(({ label, deployments }) => {
    const name = html`<span data-filter="${filter}" data-value="${label}">${oneLine(nameOf(label))}</span>`;
    return html`<tr><th scope="row">${name}</th><td>${bar(deployments, widest)}</td><td class="number">${deployments.length.toLocaleString('en-US')}</td></tr>`;
  });
  const more = groups.length > mostRows ? html`<p class="dim">and ${groups.length - mostRows} more</p>` : '';
  return html`<section><h2>${title}</h2><table>${rows}</table>${more}</section>
`;
}

/** What is broken and where, the gravest first. */
function byRequirement(report: Report): readonly Group[] {
  const groups = new Map<string, Group>();
  const gravest = new Map<string, number>();
  for (const deployment of report.deployments) {
    for (const { requirement, status, severity } of deployment.findings) {
      if (status !== 'fail' || severity === 'info') continue;
      const group = groups.get(requirement) ?? { label: requirement, deployments: [] };
      group.deployments.push(deployment);
      groups.set(requirement, group);
      const rank = severities.indexOf(severity);
      gravest.set(requirement, Math.min(rank, gravest.get(requirement) ?? rank));
    }
  }
  return [...groups.values()].sort(
    (a, b) => (gravest.get(a.label) ?? 0) - (gravest.get(b.label) ?? 0) || b.deployments.length - a.deployments.length,
  );
}

/** `/subscriptions/<id>/...` -> `<id>` */
function subscriptionOf({ service }: DeploymentReport): string {
  return /^\/subscriptions\/([^/]+)/i.exec(service)?.[1]?.toLowerCase() ?? 'no subscription';
}

export function overviewOf(report: Report) {
  const { generatedAt, serviceTags, summary } = report;
  const tiles = verdictOrder.map(
    (verdict) =>
      html`<div><b class="${verdict}">${summary[verdict].toLocaleString('en-US')}</b>${verdictWords[verdict]}</div>`,
  );
  const about = `${plural(summary.services, 'API Management service')}, ${plural(summary.deployments, 'deployment')} · read ${generatedAt} · service tags ${serviceTags.cloud} ${serviceTags.changeNumber}`;
  const same = (label: string): string => label;
  const broken = byRequirement(report);
  const several = report.deployments.length > 1;
  return html`<header><h1>API Management behind forced tunneling</h1><p class="lead">${lead(report)}</p><p class="dim">${about}</p></header>
<div class="counts">${tiles}</div>
${
  several
    ? html`<div class="breakdowns">${breakdown('Broken rules', 'requirement', broken, titleOf)}${breakdown('By subscription', 'text', groupBy(report, subscriptionOf), same)}${breakdown(
        'By region',
        'text',
        groupBy(report, ({ region }) => region),
        same,
      )}</div>`
    : ''
}`;
}
