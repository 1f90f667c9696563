/**
 * The report as one page that holds all it needs: it asks for nothing, works from an attachment, without script, and on paper. Every
 * value is escaped by the template; the policy in its head lets nothing run but the page's own script.
 */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { DeploymentReport, Report } from '../../audit/report.ts';
import { oneLine, plural } from '../text.ts';
import { anchorOf, deploymentOf, verdictWords } from './deployment.ts';
import { script } from './script.ts';
import { style } from './style.ts';

const order: readonly DeploymentReport['verdict'][] = ['nonCompliant', 'unknown', 'compliant', 'outOfScope'];

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function head() {
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>tunnelwatch report</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
`;
}

function counts({ summary }: Report) {
  return html`<div class="counts">${order.map((verdict) => html`<div><b class="${verdict}">${summary[verdict]}</b>${verdictWords[verdict]}</div>`)}</div>
`;
}

/** What fails most often, first. */
function byRequirement(report: Report) {
  const failing = new Map<string, number>();
  for (const { findings } of report.deployments) {
    for (const { requirement, status } of findings) {
      if (status === 'fail') failing.set(requirement, (failing.get(requirement) ?? 0) + 1);
    }
  }
  const worst = [...failing].sort((a, b) => b[1] - a[1]).slice(0, 10);
  if (worst.length === 0) return html``;
  return html`<h2>What fails most</h2><ul>${worst.map(([requirement, count]) => html`<li>${requirement}: ${plural(count, 'deployment')}</li>`)}</ul>
`;
}

function filters(report: Report) {
  const open = new Set(
    report.deployments.flatMap(({ findings }) =>
      findings.filter(({ status }) => status === 'fail' || status === 'unknown').map(({ requirement }) => requirement),
    ),
  );
  const verdicts = order.map((verdict) => html`<option value="${verdict}">${verdictWords[verdict]}</option>`);
  const requirements = [...open].sort().map((requirement) => html`<option>${requirement}</option>`);
  return html`<div class="filters"><label>Search<input name="text" type="search" autocomplete="off"></label><label>Verdict<select name="verdict"><option value="">all</option>${verdicts}</select></label><label>Open requirement<select name="requirement"><option value="">any</option>${requirements}</select></label><p id="shown" class="dim" role="status"></p></div>
`;
}

function row(deployment: DeploymentReport) {
  const { name, region, verdict, tunnel, findings, service } = deployment;
  const open = findings.filter(({ status }) => status === 'fail' || status === 'unknown');
  const failed = findings.filter(({ status }) => status === 'fail').length;
  const key = anchorOf(deployment);
  const text = `${name} ${region} ${service}`.toLowerCase();
  return html`<tr data-key="${key}" data-verdict="${verdict}" data-open="${open.map(({ requirement }) => requirement).join(' ')}" data-text="${oneLine(text)}"><td data-sort="${order.indexOf(verdict)}"><span class="${verdict}">${verdictWords[verdict]}</span></td><td><a href="#${key}">${oneLine(name)}</a></td><td>${oneLine(region)}</td><td>${tunnel?.state ?? ''}</td><td>${failed}</td></tr>
`;
}

const columns = ['Verdict', 'Service', 'Region', 'Tunnel', 'Failing'];

function tableHead(report: Report) {
  const heads = columns.map((name) => html`<th scope="col"><button type="button">${name}</button></th>`);
  return html`<h2>Deployments</h2>
${filters(report)}<div class="scroll" role="region" aria-label="Deployments" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>
`;
}

function errorsOf({ errors }: Report) {
  if (errors.length === 0) return html``;
  const items = errors.map(({ resource, message }) => html`<li>${oneLine(resource)}: ${oneLine(message)}</li>`);
  return html`<h2>Could not be read or used</h2><ul>${items}</ul>
`;
}

/** A chunk a deployment, so that a large page never is one text. */
export function* toHtml(report: Report): Iterable<string> {
  const { generatedAt, serviceTags, summary } = report;
  const sorted = order.flatMap((verdict) => report.deployments.filter((each) => each.verdict === verdict));
  const about = `${plural(summary.services, 'service')}, ${plural(summary.deployments, 'deployment')}; ${generatedAt}; service tags ${serviceTags.cloud}, change ${serviceTags.changeNumber}`;
  yield String(head());
  yield String(
    html`<h1>API Management behind forced tunneling</h1><p class="dim">${about}</p>${counts(report)}${byRequirement(report)}`,
  );
  if (sorted.length > 1) {
    yield String(tableHead(report));
    for (const deployment of sorted) yield String(row(deployment));
    yield '</tbody></table></div>\n';
  }
  for (const deployment of sorted) yield String(deploymentOf(deployment));
  yield String(errorsOf(report));
  yield `</main>\n<script>${script}</script>\n</body>\n</html>\n`;
}
