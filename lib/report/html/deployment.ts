/** One deployment on the page: where its traffic goes, what fails and how to mend it, and, folded away, all the rest. */
import { html } from 'hono/html';
import type { DeploymentReport, Finding } from '../../audit/report.ts';
import { isAtLeast, severities } from '../../audit/report.ts';
import { besideTables } from '../beside-tables.ts';
import { plural } from '../text.ts';
import { anchorOf } from './anchor.ts';
import { findingOf } from './finding.ts';
import { sankeyOf } from './sankey.ts';
import type { Shapes } from './shapes.ts';
import { stripOf } from './strip.ts';
import { line } from './text.ts';
import { verdictWords } from './words.ts';

const rank: Readonly<Partial<Record<Finding['status'], number>>> = { fail: 0, unknown: 1, exempt: 2 };

/** What does not hold, the gravest first; what is not known and would be mere advice is told in a line of its own. */
export function openFindings({ findings }: DeploymentReport): readonly Finding[] {
  return findings
    .filter(
      ({ status, severity }) => rank[status] !== undefined && !(status === 'unknown' && !isAtLeast(severity, 'medium')),
    )
    .sort((a, b) => {
      const byStatus = (rank[a.status] ?? 0) - (rank[b.status] ?? 0);
      return byStatus || severities.indexOf(a.severity) - severities.indexOf(b.severity);
    });
}

const tunnelWords: Readonly<Record<NonNullable<DeploymentReport['tunnel']>['state'], string>> = {
  forced: 'All internet-bound traffic but the exceptions is forced into the tunnel',
  partial: 'Part of the internet-bound traffic goes into the tunnel, part straight to the Internet',
  direct: 'No traffic is tunnelled: it goes straight to the Internet',
  dropped: 'Internet-bound traffic is dropped: it reaches neither a tunnel nor the Internet',
  unknown: 'Whether traffic is tunnelled cannot be said',
};

function tunnelText({ tunnel }: DeploymentReport): string {
  if (!tunnel) return 'The tunnel was not examined.';
  const hops = tunnel.nextHops
    .filter(({ type }) => tunnel.state !== 'forced' || type !== 'Internet')
    .map(({ type, address, learned }) => [type, address, learned].filter((text) => text !== undefined).join(' '));
  return `${tunnelWords[tunnel.state]}${hops.length === 0 ? '' : ` (${hops.join(', ')})`}.`;
}

function undecided({ findings }: DeploymentReport) {
  const few = findings.filter(({ status, severity }) => status === 'unknown' && !isAtLeast(severity, 'medium'));
  if (few.length === 0) return html``;
  // Most of them wait for the same thing.
  const byReason = new Map<string, string[]>();
  for (const { requirement, message, evidence } of few) {
    const reason = evidence.notSeen?.join('; ') ?? message;
    byReason.set(reason, [...(byReason.get(reason) ?? []), requirement]);
  }
  const items = [...byReason].map(([reason, ids]) => html`<li>${line(`${ids.join(', ')}: ${reason}`)}</li>`);
  return html`<details><summary>${few.length} more cannot be decided from here; none counts for the verdict</summary><ul>${items}</ul></details>`;
}

function rest({ service, subnet, routeTable, networkSecurityGroup, findings, tunnel }: DeploymentReport) {
  const idsOf = (status: Finding['status']): string =>
    findings
      .filter((finding) => finding.status === status)
      .map(({ requirement }) => requirement)
      .join(', ');
  const ids = [service, subnet, routeTable, networkSecurityGroup].filter((id) => id !== null);
  const lines = [
    ...ids,
    `Holds: ${idsOf('pass') || 'nothing'}`,
    `Does not apply: ${idsOf('notApplicable') || 'nothing'}`,
    ...(tunnel?.assumptions ?? []).map((text) => `Taken for granted: ${text}`),
  ];
  const holding = findings.filter(({ status }) => status === 'pass').length;
  return html`<details><summary>${plural(holding, 'requirement')} hold${holding === 1 ? 's' : ''}; resources and assumptions</summary><ul>${lines.map((text) => html`<li>${line(text)}</li>`)}</ul></details>`;
}

function pictures(deployment: DeploymentReport, shapes: Shapes) {
  const sankey =
    deployment.paths.length > 0 ? html`<h3>Where its dependencies are reached</h3>${sankeyOf(deployment, shapes)}` : '';
  const strip = deployment.addressSpace ? html`<h3>Where every address goes</h3>${stripOf(deployment, shapes)}` : '';
  return html`${sankey}${strip}`;
}

export function deploymentOf(deployment: DeploymentReport, shapes: Shapes) {
  const { name, region, sku, mode, verdict, reason } = deployment;
  const shown = openFindings(deployment);
  const where = `${region} · ${sku} · ${mode}${reason === undefined ? '' : ` · ${reason}`}`;
  return html`<article id="${anchorOf(deployment)}"><h2><span class="chip ${verdict}">${verdictWords[verdict]}</span> ${line(name)}</h2><p class="dim">${line(where)}</p><p>${line(tunnelText(deployment))}</p>${besideTables(deployment).map((text) => html`<p class="dim">${line(text)}</p>`)}${shown.map((finding) => findingOf(deployment, finding))}${pictures(deployment, shapes)}${undecided(deployment)}${rest(deployment)}</article>
`;
}
