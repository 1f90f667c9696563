/** The status for people: what is open now, since when and by whom, and whether the watcher itself is well. Refreshes itself. */
import { html } from 'hono/html';
import type { Severity } from '../audit/report.ts';
import { severities } from '../audit/report.ts';
import { pageEnd, pageHead } from '../report/html/page.ts';
import { verdictWords } from '../report/html/words.ts';
import { oneLine, plural } from '../report/text.ts';
import type { StatusDeployment, WatcherStatus } from './status.ts';
import { type Timeline, timelineDays } from './timeline.ts';

/** Puts the newest state in the place of the old one, keeping where the reader is. */
const script = `
function patch(old,fresh){
  if(old.isEqualNode(fresh))return;
  if(old.nodeName!==fresh.nodeName||old.nodeType!==1){old.replaceWith(fresh);return}
  for(const {name,value} of fresh.attributes)old.setAttribute(name,value);
  const before=[...old.childNodes],after=[...fresh.childNodes];
  after.forEach((child,index)=>before[index]?patch(before[index],child):old.append(child));
  for(const child of before.slice(after.length))child.remove();
}
setInterval(async()=>{
  if(document.hidden)return;
  try{
    const answer=await fetch(location.href,{headers:{Accept:'text/html'}});
    if(!answer.ok)return;
    const fresh=new DOMParser().parseFromString(await answer.text(),'text/html');
    patch(document.querySelector('main'),fresh.querySelector('main'));
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

function causeOf({ drift }: Row): string {
  const [cause] = drift.causes;
  if (!cause) return drift.because?.join('; ') ?? 'not told by an event';
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

const timelineWidth = 900;

/** What a deployment was, from 90 days ago on the left until now on the right. */
function timelinePicture({ key }: StatusDeployment, { spans, from, until }: Timeline) {
  const own = spans.get(key) ?? [];
  const x = (time: number): number => Math.round(((time - from) / (until - from)) * timelineWidth);
  const cells = own.map(({ verdict, from: start, until: end }) => {
    const [left, right] = [Math.min(x(start), timelineWidth - 4), x(end)];
    const text = `${wordOf(verdict)} for ${ageText(Math.round((end - start) / 1000))}, from ${timeText(new Date(start).toISOString())}`;
    return html`<rect class="${verdict}" x="${left}" width="${Math.max(right - left, 4)}" height="16"><title>${text}</title></rect>`;
  });
  const days = own
    .map(({ verdict, from: start, until: end }) => `${wordOf(verdict)} ${ageText(Math.round((end - start) / 1000))}`)
    .join(', ');
  return html`<svg class="timeline" viewBox="0 0 ${timelineWidth} 16" preserveAspectRatio="none" role="img" aria-label="${days}">${cells}</svg>`;
}

function wordOf(verdict: string): string {
  return Object.entries(verdictWords).find(([word]) => word === verdict)?.[1] ?? verdict;
}

/** The middle one, and the longest. */
function repairs({ repairSeconds }: Timeline) {
  const middle = repairSeconds[Math.floor((repairSeconds.length - 1) / 2)];
  const longest = repairSeconds.at(-1);
  if (middle === undefined || longest === undefined)
    return html`<p>Nothing was repaired in the last ${timelineDays} days.</p>`;
  return html`<p>Time to repair in the last ${timelineDays} days: ${ageText(middle)} in the middle, ${ageText(longest)} at most (${plural(repairSeconds.length, 'drift')} repaired).</p>`;
}

function deploymentRow(deployment: StatusDeployment, timeline: Timeline) {
  const { name, region, verdict, evaluatedAt, open, unread } = deployment;
  const note = unread ? html`<br><span class="dim">cannot be read: ${oneLine(unread.reason)}</span>` : '';
  return html`<tr><td class="whole"><span class="${verdict}">${verdictWords[verdict]}</span></td><td>${oneLine(name)}${note}</td><td>${oneLine(region)}</td><td class="number">${open.length}</td><td>${timelinePicture(deployment, timeline)}</td><td class="whole">${timeText(evaluatedAt)}</td></tr>
`;
}

function health({ lastSweep, queues, events, heard, poison }: WatcherStatus) {
  const sweep = lastSweep
    ? `Last sweep ${ageText(lastSweep.ageSeconds)} ago, ${lastSweep.services} services.`
    : 'No sweep has finished yet.';
  const waiting = Object.entries(queues)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${name} ${count}`);
  const counted = Object.entries(events).map(([name, count]) => `${name} ${count}`);
  const last = heard.map(({ subscriptionId, time }) => `${subscriptionId} ${timeText(time)}`);
  const errors = (lastSweep?.errors ?? []).map(
    ({ resource, message }) => html`<li>${oneLine(resource)}: ${oneLine(message)}</li>`,
  );
  return html`<h2>The watcher itself</h2><p>${sweep}</p><p>Messages waiting: ${waiting.length === 0 ? 'none' : waiting.join(', ')}.</p><p>Events so far: ${counted.join(', ')}.</p><p>Last event of each subscription: ${last.length === 0 ? 'none yet' : last.join(', ')}.</p>${poison > 0 ? html`<p class="nonCompliant">${poison} messages failed for good; POST /api/replay puts them back.</p>` : ''}${errors.length > 0 ? html`<ul>${errors}</ul>` : ''}
`;
}

/** The one thing to know. */
function lead({ summary }: WatcherStatus): string {
  if (summary.deployments === 0) return 'No deployment is known yet.';
  if (summary.openDrifts === 0) return 'Nothing is open.';
  const broken = summary.nonCompliant > 0 ? `${plural(summary.nonCompliant, 'deployment')} non-compliant` : '';
  const unknown = summary.unknown > 0 ? `${plural(summary.unknown, 'deployment')} not known` : '';
  return [plural(summary.openDrifts, 'open drift'), broken, unknown].filter((text) => text !== '').join(', ');
}

/** Rows of deployments, the gravest first; the rest are counted. */
const mostRows = 500;

export function statusPage(status: WatcherStatus, timeline: Timeline): string {
  const { summary, generatedAt, ready, deployments } = status;
  const verdicts = ['nonCompliant', 'unknown', 'compliant', 'outOfScope'] as const;
  const counts = verdicts.map(
    (verdict) => html`<div><b class="${verdict}">${summary[verdict]}</b>${verdictWords[verdict]}</div>`,
  );
  const columns = ['Verdict', 'Service', 'Region', 'Open', `Last ${timelineDays} days`, 'Read at'];
  const all = table(
    'Deployments',
    columns,
    deployments.slice(0, mostRows).map((deployment) => deploymentRow(deployment, timeline)),
  );
  const more = deployments.length - mostRows;
  const page = {
    title: `${summary.openDrifts} open: tunnelwatch`,
    script,
    allow: "connect-src 'self'; form-action 'none'",
  };
  const body = html`<h1>tunnelwatch</h1>
<p class="lead">${lead(status)}</p>
<p class="dim">${timeText(generatedAt)}${ready ? '' : '; the estate has not been seen as a whole yet'}</p>
<div class="counts">${counts}</div>
<h2>Open now</h2>
${drifts(status)}
<h2>Deployments</h2>
${repairs(timeline)}
${all}
${more > 0 ? html`<p class="dim">and ${more} more</p>` : ''}
${health(status)}
`;
  return `${pageHead(page)}${String(body)}${pageEnd(page)}`;
}
