/**
 * The Adaptive Card of an alert, of the elements that Teams shows everywhere (version 1.2). One card an evaluation: the gravest
 * transition first and whole, the others shorter, and those that do not fit are counted. Never larger than `largestCard`.
 */
import type { Alert, Cause, DeploymentFacts, DriftAlert, SummaryAlert, Transition } from '../drift/model.ts';
import type { Links } from './links.ts';
import { bytesOf, shorten } from './shorten.ts';

type Element = Readonly<Record<string, unknown>>;

/** Bytes; with the message around it below 24,000. Teams takes about 28 KB and says nothing when it does not. */
const largestCard = 23_800;

/** Of the commands of one fix. */
const mostCommands = 12;
const longestCommands = 3_000;

/** Characters that Teams' Markdown gives a meaning, and those that break a line or turn the writing round. */
export function plain(text: string, most: number): string {
  const flat = shorten(text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200e\u200f]+/gu, ' '), most);
  return flat.replace(/[\\`*_{}[\]()<>#+!|~]/g, (character) => `\\${character}`);
}

const colours: Readonly<Record<string, string>> = {
  critical: 'Attention',
  high: 'Attention',
  medium: 'Warning',
  low: 'Accent',
  info: 'Default',
};

const words: Readonly<Record<Transition['kind'], string>> = {
  opened: 'Drift',
  changed: 'Drift changed',
  resolved: 'Resolved',
  reminder: 'Still open',
};

function text(value: string, more: Element = {}): Element {
  return { type: 'TextBlock', text: value, wrap: true, ...more };
}

function facts(pairs: readonly (readonly [string, string | undefined])[]): Element {
  const shown = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined && pair[1] !== '');
  return { type: 'FactSet', facts: shown.map(([title, value]) => ({ title, value })) };
}

function nameOf(id: string | null): string | undefined {
  return id === null ? undefined : plain(id.slice(id.lastIndexOf('/') + 1), 120);
}

function whoOf({ principal, operation, correlationId }: Cause): string {
  const who = principal ? `${principal.type ?? 'principal'} ${principal.id}` : 'not told';
  return plain(`${who}: ${operation}${correlationId === undefined ? '' : `, correlation ${correlationId}`}`, 300);
}

function counterexampleOf({ finding }: Transition): string | undefined {
  const { counterexample } = finding.evidence;
  if (!counterexample) return undefined;
  const { addressPrefix, port, addresses } = counterexample;
  const count = addresses.toLocaleString('en-US');
  return plain(`${addressPrefix}${port === undefined ? '' : ` ${port}`} (${count} addresses in all)`, 200);
}

/**
 * The commands of a fix, each whole and on a line of its own, so that it can be pasted into a shell: a card keeps no line breaks, and
 * half a command may do something else. Those that do not fit are counted.
 */
function commandElements(azureCli: string): Element[] {
  const commands = azureCli
    .replace(/ ?\\\r?\n[ \t]*/g, ' ')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  const shown: string[] = [];
  let room = longestCommands;
  for (const command of commands.slice(0, mostCommands)) {
    room -= command.length;
    if (room < 0) break;
    shown.push(command);
  }
  const elements = shown.map((command) =>
    text(plain(command, longestCommands), { fontType: 'Monospace', size: 'Small' }),
  );
  const left = commands.length - shown.length;
  return left > 0 ? [...elements, text(`Commands that do not fit here: ${left}`)] : elements;
}

/** @param isWhole with evidence, impact and fix; else its line alone */
function transitionElements(transition: Transition, isWhole: boolean): Element[] {
  const { kind, severity, requirement, since, finding, causes, moreCauses, because = [] } = transition;
  const colour = kind === 'resolved' ? 'Good' : colours[severity];
  const title = text(`${words[kind]}: ${plain(requirement, 80)} (${severity})`, {
    weight: 'Bolder',
    color: colour ?? 'Default',
    separator: true,
  });
  const message = text(plain(finding.message, isWhole ? 700 : 200));
  if (!isWhole) return [title, message];
  const [cause] = causes;
  const others = causes.length - 1 + (moreCauses ?? 0);
  const elements = [
    title,
    message,
    facts([
      ['Since', plain(since, 40)],
      ['By', cause && `${whoOf(cause)}${others > 0 ? ` and ${others} more` : ''}`],
      ['Changed', cause && plain(cause.resourceId, 300)],
      ['Because', plain(because.join('; '), 500)],
      ['Counterexample', kind === 'resolved' ? undefined : counterexampleOf(transition)],
    ]),
  ];
  if (kind === 'resolved') return elements;
  if (finding.impact !== undefined) elements.push(text(`Breaks: ${plain(finding.impact, 500)}`));
  const { observed, listed, notSeen = [] } = finding.evidence;
  if (notSeen.length > 0) elements.push(text(`Waits for: ${plain(notSeen.join('; '), 700)}`));
  if (observed !== undefined) elements.push(text(`Observed: ${plain(observed, 500)}`));
  if (listed !== undefined) elements.push(text(`Listed by Azure: ${plain(listed, 500)}`));
  if (finding.fix) {
    elements.push(text(`Fix: ${plain(finding.fix.summary, 300)}`, { weight: 'Bolder' }));
    elements.push(...commandElements(finding.fix.azureCli));
  }
  return elements;
}

function whereOf({ name, region, sku, mode, subnet, routeTable }: DeploymentFacts): Element {
  return facts([
    ['Service', plain(name, 120)],
    ['Region', plain(region, 60)],
    ['Tier', plain(`${sku}, ${mode}`, 60)],
    ['Subnet', nameOf(subnet)],
    ['Route table', nameOf(routeTable)],
  ]);
}

function open(title: string, url: string | undefined): Element[] {
  return url === undefined || url.length > 2_000 ? [] : [{ type: 'Action.OpenUrl', title, url }];
}

function card(body: readonly Element[], actions: readonly Element[]): Element {
  return {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.2',
    body,
    actions,
    msteams: { width: 'Full' },
  };
}

function titleOf({ transitions, deployment }: DriftAlert): Element {
  const [gravest] = transitions;
  const isGood = transitions.every(({ kind }) => kind === 'resolved');
  const what = transitions.length === 1 && gravest ? `${words[gravest.kind]}: ${gravest.requirement}` : undefined;
  const many = `${transitions.length} ${isGood ? 'drifts resolved' : 'changes'}`;
  const color = isGood ? 'Good' : (colours[gravest?.severity ?? 'info'] ?? 'Default');
  const style = { size: 'Large', weight: 'Bolder', color };
  return text(`${plain(what ?? many, 80)}: ${plain(deployment.name, 80)}`, style);
}

function driftCard(alert: DriftAlert, links: Links, whole: number, shown: number): Element {
  const { deployment, transitions } = alert;
  const body = [titleOf(alert), whereOf(deployment)];
  for (const [index, transition] of transitions.slice(0, shown).entries()) {
    body.push(...transitionElements(transition, index < whole));
  }
  const left = transitions.length - shown;
  if (left > 0) body.push(text(`and ${left} more; the report has all of them`, { separator: true }));
  const [gravest] = transitions;
  return card(body, [
    ...open('Open in portal', gravest && links.portal(gravest.finding.resource)),
    ...open('Report', links.report(deployment.service)),
  ]);
}

function summaryCard({ deployments, verdicts, worst }: SummaryAlert, shown: number): Element {
  const body = [
    text(`tunnelwatch now watches ${deployments} deployments`, { size: 'Large', weight: 'Bolder' }),
    facts([
      ['Compliant', String(verdicts.compliant)],
      ['Non-compliant', String(verdicts.nonCompliant)],
      ['Unknown', String(verdicts.unknown)],
      ['Out of scope', String(verdicts.outOfScope)],
    ]),
  ];
  for (const { deployment, failing } of worst.slice(0, shown)) {
    const what = failing.slice(0, 8).map(({ requirement }) => requirement);
    const more = failing.length - what.length;
    body.push(
      text(`${plain(deployment.name, 80)}, ${plain(deployment.region, 40)}`, { weight: 'Bolder', separator: true }),
    );
    body.push(text(plain(`${what.join(', ')}${more > 0 ? ` and ${more} more` : ''}`, 600)));
  }
  return card(body, []);
}

/** The fullest card that is small enough. */
export function cardOf(alert: Alert, links: Links): Element {
  if (alert.type === 'summary') {
    for (const shown of [20, 10, 5, 1]) {
      const built = summaryCard(alert, shown);
      if (bytesOf(built) <= largestCard) return built;
    }
    return summaryCard(alert, 0);
  }
  const most = alert.transitions.length;
  for (const [whole, shown] of [
    [5, most],
    [2, most],
    [1, Math.min(most, 15)],
    [1, 5],
    [0, 3],
  ] as const) {
    const built = driftCard(alert, links, whole, Math.min(shown, most));
    if (bytesOf(built) <= largestCard) return built;
  }
  return driftCard(alert, links, 0, 0);
}
