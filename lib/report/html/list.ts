/**
 * The table of deployments. It shows the first rows; the rest, and every other order or choice of them, are made by the script from
 * what stands beside each deployment (`data-row`), so that ten thousand rows are never laid out at once.
 */
import { html } from 'hono/html';
import type { DeploymentReport, Report } from '../../audit/report.ts';
import { oneLine } from '../text.ts';
import { anchorOf } from './anchor.ts';
import { openFindings } from './deployment.ts';
import { titleOf, verdictOrder, verdictWords } from './words.ts';

/** Rows that are shown at once. */
export const pageRows = 100;

/** The columns of the table in their order, then the service's id, and the ids of what is open, with spaces between. */
type Row = readonly [
  verdict: string,
  name: string,
  region: string,
  tunnel: string,
  failing: number,
  gravest: string,
  service: string,
  open: string,
];

/** Ids of what fails, or is not known although it counts; the gravest first. */
function open(deployment: DeploymentReport): readonly string[] {
  return openFindings(deployment)
    .filter(({ status }) => status !== 'exempt')
    .map(({ requirement }) => requirement);
}

/** The gravest thing that is open, in a few words. */
function gravestOf(deployment: DeploymentReport): string {
  const [gravest] = open(deployment);
  return gravest === undefined ? '' : titleOf(gravest);
}

function rowOf(deployment: DeploymentReport): Row {
  const { name, region, verdict, tunnel, findings, service } = deployment;
  const failing = findings.filter(({ status, severity }) => status === 'fail' && severity !== 'info').length;
  return [
    verdict,
    oneLine(name),
    oneLine(region),
    tunnel?.state ?? '',
    failing,
    gravestOf(deployment),
    oneLine(service),
    open(deployment).join(' '),
  ];
}

/** What the script makes a row of: the cells with tabs between, which no cell holds. */
export function rowData(deployment: DeploymentReport): string {
  return rowOf(deployment).join('\t');
}

export function tableRow(deployment: DeploymentReport) {
  const [verdict, name, region, tunnel, failing, gravest] = rowOf(deployment);
  const word = verdictWords[deployment.verdict];
  return html`<tr><td><span class="chip ${verdict}">${word}</span></td><td><a href="#${anchorOf(deployment)}">${name}</a></td><td>${region}</td><td>${tunnel}</td><td class="number">${failing}</td><td>${gravest}</td></tr>
`;
}

function filters(report: Report) {
  const verdicts = verdictOrder.map((verdict) => html`<option value="${verdict}">${verdictWords[verdict]}</option>`);
  const requirements = [...new Set(report.deployments.flatMap(open))]
    .sort()
    .map((id) => html`<option value="${id}">${titleOf(id)} (${id})</option>`);
  return html`<div class="filters" role="search" hidden><label>Search name, region or resource id<input name="text" type="search" autocomplete="off"></label><label>Verdict<select name="verdict"><option value="">all</option>${verdicts}</select></label><label>Open requirement<select name="requirement"><option value="">any</option>${requirements}</select></label><button type="button" name="reset">Show all</button><output name="shown" class="dim"></output></div>
`;
}

const columns = ['Verdict', 'Service', 'Region', 'Tunnel', 'Broken', 'Gravest broken rule'];

export function tableHead(report: Report) {
  const heads = columns.map((name) => html`<th scope="col">${name}</th>`);
  return html`<h2 id="deployments">Deployments</h2>
${filters(report)}<div class="scroll" role="region" aria-label="Deployments" tabindex="0"><table id="list"><thead><tr>${heads}</tr></thead><tbody>
`;
}

export const tableEnd = '</tbody></table></div>\n<p><button type="button" id="more" hidden>Show more</button></p>\n';
