/**
 * The report as one page that holds all it needs: it asks for nothing, works from an attachment, without script, and on paper. Every
 * value is escaped by the template. Of a large estate the deployments stand where a browser with script does not lay them out until
 * one is asked for, and one without script shows them all.
 */
import { html } from 'hono/html';
import type { DeploymentReport, Report } from '../../audit/report.ts';
import { oneLine } from '../text.ts';
import { anchorOf } from './anchor.ts';
import { deploymentOf } from './deployment.ts';
import { pageRows, rowData, tableEnd, tableHead, tableRow } from './list.ts';
import { overviewOf } from './overview.ts';
import { pageEnd, pageHead } from './page.ts';
import { script } from './script.ts';
import { Shapes } from './shapes.ts';
import { verdictOrder } from './words.ts';

/** Above so many deployments they are opened one by one. */
const mostOpen = 50;

const page = { title: 'tunnelwatch report', script, allow: "form-action 'none'" };

function errorsOf({ errors }: Report) {
  if (errors.length === 0) return html``;
  const items = errors.map(({ resource, message }) => html`<li>${oneLine(resource)}: ${oneLine(message)}</li>`);
  return html`<h2>Could not be read or used</h2><ul>${items}</ul>
`;
}

function* tableOf(report: Report, sorted: readonly DeploymentReport[]): Iterable<string> {
  yield String(tableHead(report));
  for (const deployment of sorted.slice(0, pageRows)) yield String(tableRow(deployment));
  yield tableEnd;
  if (sorted.length <= pageRows) return;
  yield '<noscript><table><tbody>\n';
  for (const deployment of sorted.slice(pageRows)) yield String(tableRow(deployment));
  yield '</tbody></table></noscript>\n';
}

/** A chunk a deployment, so that a large page never is one text. */
export function* toHtml(report: Report): Iterable<string> {
  const sorted = verdictOrder.flatMap((verdict) => report.deployments.filter((each) => each.verdict === verdict));
  const holder = sorted.length > mostOpen ? 'noscript' : 'div';
  const shapes = new Shapes();
  yield pageHead(page);
  yield String(overviewOf(report));
  if (sorted.length > 1) yield* tableOf(report, sorted);
  yield '<div id="details">\n';
  for (const deployment of sorted) {
    const article = deploymentOf(deployment, shapes);
    yield shapes.fresh();
    yield `<${holder} data-key="${anchorOf(deployment)}" ${html`data-row="${rowData(deployment)}"`}>${article}</${holder}>\n`;
  }
  yield '</div>\n';
  yield String(errorsOf(report));
  yield pageEnd(page);
}
