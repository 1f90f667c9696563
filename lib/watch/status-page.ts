/** The status for people: what is open now, since when and by whom, and whether the watcher itself is well. Refreshes itself. */
import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { Severity } from '../audit/report.ts';
import { severities } from '../audit/report.ts';
import { verdictWords } from '../report/html/words.ts';
import { style } from '../report/html/style.ts';
import { oneLine } from '../report/text.ts';
import type { StatusDeployment, WatcherStatus } from './status.ts';

/** Puts the newest state in the place of the old one, keeping where the reader is. */
const script = `
setInterval(async()=>{
  if(document.hidden)return;
  try{
    const answer=await fetch(location.href,{headers:{Accept:'text/html'}});
    if(!answer.ok)return;
    const fresh=new DOMParser().parseFromString(await answer.text(),'text/html');
    document.querySelector('main').replaceWith(fresh.querySelector('main'));
    document.title=fresh.title;
  }catch{}
},3000);
`;

interface Row {
  readonly deployment: StatusDeployment;
  readonly drift: StatusDeployment['open'][number];
}

/** 90 -> `1 min`, 7,300 -> `2 h`. */
export function ageText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

function rank(severity: Severity): number {
  return severities.indexOf(severity);
}

/** What an event brought about, the youngest first; then what was found so, the gravest first. */
function byNews({ drift: a }: Row, { drift: b }: Row): number {
  const told = Number(b.causes.length > 0) - Number(a.causes.length > 0);
  if (told !== 0) return told;
  return a.causes.length > 0 ? a.ageSeconds - b.ageSeconds : rank(a.severity) - rank(b.severity);
}

/** `2026-11-23T15:00:00.000Z` -> `2026-11-23 15:00:00Z` */
function timeText(instant: string): string {
  return instant.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function causeOf({ drift }: Row): string {
  const [cause] = drift.causes;
  if (!cause) return 'not told by an event';
  const who = cause.principal ? `${cause.principal.type ?? 'principal'} ${cause.principal.id}` : 'somebody';
  return `${cause.operation} by ${who}`;
}

function driftRow(row: Row) {
  const { deployment, drift } = row;
  const verdict = drift.status === 'fail' ? 'nonCompliant' : 'unknown';
  return html`<tr><td class="whole"><span class="${verdict}">${drift.severity}</span></td><td>${oneLine(deployment.name)}<br><span class="dim">${oneLine(deployment.region)}</span></td><td>${drift.requirement}<br><span class="dim">${oneLine(drift.message)}</span></td><td class="whole">${ageText(drift.ageSeconds)}<br><span class="dim">${timeText(drift.since)}</span></td><td>${oneLine(causeOf(row))}</td></tr>
`;
}

function table(label: string, columns: readonly string[], rows: readonly unknown[]) {
  const heads = columns.map((name) => html`<th scope="col">${name}</th>`);
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>
`;
}

function drifts({ deployments }: WatcherStatus) {
  const rows = deployments
    .flatMap((deployment) => deployment.open.map((drift): Row => ({ deployment, drift })))
    .sort(byNews);
  if (rows.length === 0) return html`<p>Nothing is open.</p>`;
  return table('Open drifts', ['Severity', 'Service', 'What', 'For', 'Brought about by'], rows.map(driftRow));
}

function deploymentRow({ name, region, verdict, evaluatedAt, open, unread }: StatusDeployment) {
  const note = unread ? html`<br><span class="dim">cannot be read: ${oneLine(unread.reason)}</span>` : '';
  return html`<tr><td class="whole"><span class="${verdict}">${verdictWords[verdict]}</span></td><td>${oneLine(name)}${note}</td><td>${oneLine(region)}</td><td>${open.length}</td><td class="whole">${timeText(evaluatedAt)}</td></tr>
`;
}

function health({ lastSweep, queues, events, poison }: WatcherStatus) {
  const sweep = lastSweep
    ? `Last sweep ${ageText(lastSweep.ageSeconds)} ago, ${lastSweep.services} services.`
    : 'No sweep has finished yet.';
  const waiting = Object.entries(queues)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  const counted = Object.entries(events).map(([name, count]) => `${name} ${count}`);
  const errors = (lastSweep?.errors ?? []).map(
    ({ resource, message }) => html`<li>${oneLine(resource)}: ${oneLine(message)}</li>`,
  );
  return html`<h2>The watcher itself</h2><p>${sweep}</p><p>Messages waiting: ${waiting.length === 0 ? 'none' : waiting.join(', ')}.</p><p>Events so far: ${counted.join(', ')}.</p>${poison > 0 ? html`<p class="nonCompliant">${poison} messages failed for good; POST /api/replay puts them back.</p>` : ''}${errors.length > 0 ? html`<ul>${errors}</ul>` : ''}
`;
}

export function statusPage(status: WatcherStatus): string {
  const { summary, generatedAt, ready, deployments } = status;
  const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'`;
  const verdicts = ['nonCompliant', 'unknown', 'compliant', 'outOfScope'] as const;
  const counts = verdicts.map(
    (verdict) => html`<div><b class="${verdict}">${summary[verdict]}</b>${verdictWords[verdict]}</div>`,
  );
  const columns = ['Verdict', 'Service', 'Region', 'Open', 'Read at'];
  const all = table('Deployments', columns, deployments.map(deploymentRow));
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${summary.openDrifts} open: tunnelwatch</title>
<link rel="icon" href="data:,">
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>tunnelwatch</h1>
<p class="dim">${timeText(generatedAt)}${ready ? '' : '; the estate has not been seen as a whole yet'}</p>
<div class="counts">${counts}</div>
<h2>Open now</h2>
${drifts(status)}
<h2>Deployments</h2>
${all}
${health(status)}
</main>
<script>${raw(script)}</script>
</body>
</html>
`);
}
