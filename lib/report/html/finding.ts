/** One finding: what is wrong, the case that proves it, what breaks, the fix to copy, and the raw evidence folded away. */
import { html } from 'hono/html';
import type { DeploymentReport, Finding } from '../../audit/report.ts';
import { plural } from '../text.ts';
import { anchorOf } from './anchor.ts';
import { block, line } from './text.ts';
import { statusWords, titleOf } from './words.ts';

function counterexampleOf({ evidence: { counterexample } }: Finding) {
  if (!counterexample) return html``;
  const { addressPrefix, port, addresses, more } = counterexample;
  const others = more.length === 0 ? '' : `, such as ${more.join(', ')}`;
  return html`<p>For example <code>${addressPrefix}${port === undefined ? '' : ` ${port}`}</code>; ${plural(addresses, 'address', 'addresses')} in all<span class="dim">${others}</span></p>`;
}

function evidenceLines({ resource, evidence }: Finding): readonly string[] {
  const { route, rule, notSeen, details, exemption } = evidence;
  const hop = route?.nextHopIpAddress === undefined ? '' : ` ${route.nextHopIpAddress}`;
  return [
    route
      ? [`Winning route: ${route.name}, ${route.addressPrefix} to ${route.nextHopType}${hop} (${route.source})`]
      : [],
    rule
      ? [
          `Deciding rule: ${rule.name}, ${rule.access}${rule.priority === undefined ? '' : `, priority ${rule.priority}`}`,
        ]
      : [],
    (notSeen ?? []).map((text) => `Not seen: ${text}`),
    details ?? [],
    exemption
      ? [
          `Exemption: ${exemption.reason}, ${exemption.category}${exemption.expiresOn === undefined ? '' : `, until ${exemption.expiresOn}`}${exemption.expired ? ' (expired)' : ''}`,
        ]
      : [],
    [`Concerns ${rule?.id ?? route?.id ?? resource}`],
  ].flat();
}

function fixOf({ fix }: Finding) {
  if (!fix) return html``;
  const caveats = (fix.caveats ?? []).map((caveat) => html`<li>${line(caveat)}</li>`);
  return html`<details class="fix"><summary>Fix: ${line(fix.summary)}</summary>${caveats.length > 0 ? html`<ul>${caveats}</ul>` : ''}<pre>${block(fix.azureCli)}</pre><details><summary>As Bicep</summary><pre>${block(fix.bicep)}</pre></details></details>`;
}

export function findingOf(deployment: DeploymentReport, finding: Finding) {
  const { requirement, status, severity, message, impact, evidence } = finding;
  const id = anchorOf(deployment, requirement);
  const breaks = impact === undefined ? '' : html`<p>What breaks: ${line(impact)}</p>`;
  const observed = evidence.observed === undefined ? '' : html`<p>Observed: ${line(evidence.observed)}</p>`;
  const listed = evidence.listed === undefined ? '' : html`<p>Listed by Azure: ${line(evidence.listed)}</p>`;
  const lines = evidenceLines(finding).map((text) => html`<li>${line(text)}</li>`);
  return html`<section class="finding ${status}" id="${id}"><h3><span class="dim">${statusWords[status]}:</span> ${titleOf(requirement)}</h3><p class="dim">${severity} · <code>${requirement}</code></p><p>${line(message)}</p>${counterexampleOf(finding)}${breaks}${observed}${listed}${fixOf(finding)}<details><summary>Evidence</summary><ul>${lines}</ul></details></section>`;
}
