/** One deployment on the page: where its traffic goes, what fails and how to mend it, and, folded away, all the rest. */
import { html } from 'hono/html';
import type { DeploymentReport, Finding } from '../../audit/report.ts';
import { oneLine, visible } from '../text.ts';
import { sankeyOf } from './sankey.ts';

export const verdictWords: Readonly<Record<DeploymentReport['verdict'], string>> = {
  nonCompliant: 'Non-compliant',
  unknown: 'Unknown',
  compliant: 'Compliant',
  outOfScope: 'Out of scope',
};

const statusWords: Readonly<Record<Finding['status'], string>> = {
  fail: 'Fails',
  unknown: 'Not known',
  exempt: 'Exempt',
  pass: 'Holds',
  notApplicable: 'Does not apply',
};

/** The fragment under which a deployment, or one of its findings, is found. */
export function anchorOf({ key }: DeploymentReport, requirement?: string): string {
  const place = key.replace(/[^a-z0-9|_.-]+/gi, '-').replace(/^-|\|/g, (found) => (found === '|' ? '--' : ''));
  return requirement === undefined ? place : `${place}--${requirement}`;
}

function codeBlock(text: string) {
  const lines = text
    .split(/\r\n|[\n\r]/)
    .map(visible)
    .join('\n');
  return html`<div><button type="button" class="copy">Copy</button><pre>${lines}</pre></div>`;
}

function evidenceText({ evidence }: Finding): string {
  const { counterexample, route, rule, notSeen, exemption } = evidence;
  const parts = [
    counterexample &&
      `Counterexample: ${counterexample.addressPrefix}${counterexample.port === undefined ? '' : ` ${counterexample.port}`}, ${counterexample.addresses.toLocaleString('en-US')} addresses in all`,
    route &&
      `Route: ${route.name} (${route.addressPrefix} to ${route.nextHopType}${route.nextHopIpAddress === undefined ? '' : ` ${route.nextHopIpAddress}`})`,
    rule && `Rule: ${rule.name} (${rule.access})`,
    notSeen && notSeen.length > 0 && `Not seen: ${notSeen.join('; ')}`,
    exemption && `Exemption: ${exemption.reason}${exemption.expired ? ' (expired)' : ''}`,
  ];
  return parts.filter((part) => typeof part === 'string').join('. ');
}

function fixOf({ fix }: Finding) {
  if (!fix) return html``;
  const caveats = (fix.caveats ?? []).map((caveat) => html`<li>${oneLine(caveat)}</li>`);
  return html`<details><summary>Fix: ${oneLine(fix.summary)}</summary>${caveats.length > 0 ? html`<ul>${caveats}</ul>` : ''}${codeBlock(fix.azureCli)}<details><summary>As Bicep</summary>${codeBlock(fix.bicep)}</details></details>`;
}

function findingOf(deployment: DeploymentReport, finding: Finding) {
  const { requirement, status, severity, message, impact } = finding;
  const evidence = evidenceText(finding);
  return html`<div class="finding ${status}" id="${anchorOf(deployment, requirement)}"><p><span class="word">${statusWords[status]}: ${requirement}</span> <span class="dim">${severity}</span></p><p>${oneLine(message)}</p>${evidence === '' ? '' : html`<p class="dim">${oneLine(evidence)}</p>`}${impact === undefined ? '' : html`<p>Breaks: ${oneLine(impact)}</p>`}${fixOf(finding)}</div>`;
}

function tunnelText({ tunnel }: DeploymentReport): string {
  if (!tunnel) return 'The tunnel was not examined.';
  const hops = tunnel.nextHops.map(({ type, address }) => `${type}${address === undefined ? '' : ` ${address}`}`);
  return `Tunnel: ${tunnel.state}${hops.length === 0 ? '' : `, to ${hops.join(', ')}`}.`;
}

function rest(deployment: DeploymentReport) {
  const others = deployment.findings.filter(({ status }) => status === 'pass' || status === 'notApplicable');
  const items = others.map(({ requirement, status }) => html`<li>${statusWords[status]}: ${requirement}</li>`);
  const assumptions = (deployment.tunnel?.assumptions ?? []).map((text) => html`<li>${oneLine(text)}</li>`);
  const ids = [deployment.service, deployment.subnet, deployment.routeTable, deployment.networkSecurityGroup];
  const links = ids.filter((id) => id !== null).map((id) => html`<li>${oneLine(id)}</li>`);
  return html`<details><summary>${others.length} requirements hold or do not apply; resources; assumptions</summary><ul>${items}</ul><h3>Resources</h3><ul>${links}</ul>${assumptions.length > 0 ? html`<h3>Taken for granted</h3><ul>${assumptions}</ul>` : ''}</details>`;
}

export function deploymentOf(deployment: DeploymentReport) {
  const { name, region, sku, mode, verdict, reason } = deployment;
  const shown = deployment.findings.filter(
    ({ status }) => status === 'fail' || status === 'unknown' || status === 'exempt',
  );
  const where = html`<p class="dim">${oneLine(`${region}, ${sku}, ${mode}`)}${reason === undefined ? '' : `: ${oneLine(reason)}`}</p>`;
  return html`<article id="${anchorOf(deployment)}"><h2><span class="${verdict}">${verdictWords[verdict]}</span> ${oneLine(name)}</h2>${where}<p>${oneLine(tunnelText(deployment))}</p>${sankeyOf(deployment)}${shown.map((finding) => findingOf(deployment, finding))}${rest(deployment)}</article>
`;
}
