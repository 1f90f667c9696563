/**
 * A trace as a page: what was asked, then each piece of it with the route that wins and why every other one lost. With a form to ask
 * again where a server stands behind it.
 */
import { html } from 'hono/html';
import type { Trace, TracePiece } from '../../audit/trace.ts';
import { plural } from '../text.ts';
import { pageEnd, pageHead } from './page.ts';
import { line } from './text.ts';
import { pathWords } from './words.ts';

export interface TraceForm {
  /** Ids of the subnets that can be chosen. */
  readonly subnets: readonly string[];
  readonly subnet: string;
  readonly to: string;
  /** What the server wants to see again, such as the key that the page was asked for with. */
  readonly hidden: Readonly<Record<string, string>>;
}

type Route = NonNullable<TracePiece['winner']>;

function hopText({ nextHopType, nextHopIpAddress }: Route): string {
  return nextHopIpAddress === undefined ? nextHopType : `${nextHopType} ${nextHopIpAddress}`;
}

const wins = html`<b class="compliant">wins</b>`;
/** Something that was not seen could displace it. */
const mayWin = html`<b class="unknown">may win</b>`;
const loses = html`<span class="dim">loses</span>`;

function row(route: Route, reason: string, mark: typeof wins) {
  return html`<tr><td class="whole">${mark}</td><td>${line(route.name)}</td><td><code>${line(route.addressPrefix)}</code></td><td>${line(hopText(route))}</td><td>${line(route.source)}</td><td>${line(reason)}</td></tr>
`;
}

const columns = ['', 'Route', 'Address prefix', 'Next hop', 'Source', 'Why'];

function pieceOf({ addressPrefixes, addresses, path, winner, losers }: TracePiece) {
  const more = addressPrefixes.length > 3 ? ', ...' : '';
  const isCertain = path !== 'unknown';
  const heads = columns.map(
    (name) => html`<th scope="col">${name === '' ? html`<span class="dim">Result</span>` : name}</th>`,
  );
  const rows = [
    ...(winner ? [row(winner, isCertain ? 'chosen' : 'chosen among what was seen', isCertain ? wins : mayWin)] : []),
    ...losers.map(({ route, reason }) => row(route, reason, loses)),
  ];
  const table =
    rows.length === 0
      ? html`<p>${isCertain ? 'No route matches: dropped.' : 'No route that was seen matches.'}</p>`
      : html`<div class="scroll" role="region" aria-label="Routes" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
  return html`<article><h2><code>${line(addressPrefixes.slice(0, 3).join(', '))}${more}</code> → ${pathWords[path]}</h2><p class="dim">${plural(addresses, 'address', 'addresses')}</p>${table}</article>
`;
}

function listOf(title: string, texts: readonly string[]) {
  if (texts.length === 0) return html``;
  return html`<h2>${title}</h2><ul>${texts.map((text) => html`<li>${line(text)}</li>`)}</ul>
`;
}

/** `.../virtualNetworks/vnet/subnets/apim` -> `vnet / apim` */
function shortName(subnetId: string): string {
  return subnetId
    .split('/')
    .slice(-3)
    .filter((_, index) => index !== 1)
    .join(' / ');
}

function formOf({ subnets, subnet, to, hidden }: TraceForm) {
  const options = subnets.map(
    (id) => html`<option value="${id}"${id === subnet ? html` selected` : ''}>${line(shortName(id))}</option>`,
  );
  const kept = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  return html`<form class="filters" method="get">${kept}<label>Subnet<select name="subnet">${options}</select></label><label>Address, CIDR or service tag<input name="to" value="${to}" required autocomplete="off" placeholder="ApiManagement"></label><button>Trace</button></form>
`;
}

/**
 * @param problem why there is no trace, where there is none
 */
export function tracePage(trace: Trace | undefined, form?: TraceForm, problem?: string): string {
  const page = { title: 'tunnelwatch trace', script: '', allow: form ? "form-action 'self'" : "form-action 'none'" };
  const body = html`<h1>Where does it go?</h1>
${form ? formOf(form) : ''}${problem === undefined ? '' : html`<p class="nonCompliant" role="alert">${line(problem)}</p>`}${
  trace
    ? html`<p class="lead">${line(trace.to)}</p><p class="dim">from ${line(trace.subnet)}</p>
${trace.pieces.map(pieceOf)}${listOf('Not seen, so not certain', trace.notSeen)}${listOf('Taken for granted', trace.assumptions)}`
    : ''
}`;
  return `${pageHead(page)}${String(body)}${pageEnd(page)}`;
}
