/**
 * The generic webhook: one CloudEvent 1.0 for each transition (structured mode), signed by the Standard Webhooks scheme, so that any
 * receiver can verify it with the scheme's own libraries. The id is the transition's, the same on every retry.
 */
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../clock.ts';
import type { Alert, DriftAlert, SummaryAlert, Transition } from '../drift/model.ts';
import type { Channel } from './channel.ts';
import type { Links } from './links.ts';
import { post } from './post.ts';
import { bytesOf, shorten } from './shorten.ts';

export interface WebhookOptions {
  readonly url: string;
  /** `whsec_...` */
  readonly secret: string;
  /** Of the CloudEvents. */
  readonly source: string;
  readonly links: Links;
  readonly clock: Clock;
  /** Default 20 s. */
  readonly timeoutMs?: number;
}

/** Standard Webhooks asks for bodies below 20 KB. */
const largestBody = 20_000;
const typePrefix = 'com.tunnelwatch.';

type Json = Readonly<Record<string, unknown>>;

interface Limits {
  /** Characters of a text for people. */
  readonly text: number;
  /** Characters of an id and of each text in the evidence. Azure's own ids have fewer than 1,000. */
  readonly id: number;
  /** Entries of each list in the evidence. */
  readonly entries: number;
  readonly causes: number;
  /** Deployments of a summary, and findings of each. */
  readonly worst: number;
  readonly failing: number;
}

/** Tried one after the other until the body fits: the details go first, the facts never. */
const limits: readonly [Limits, ...Limits[]] = [
  { text: 4_000, id: 1_000, entries: 1_000, causes: 10, worst: 20, failing: 10 },
  { text: 1_500, id: 1_000, entries: 50, causes: 10, worst: 20, failing: 5 },
  { text: 500, id: 1_000, entries: 10, causes: 5, worst: 10, failing: 5 },
  { text: 120, id: 500, entries: 3, causes: 3, worst: 5, failing: 5 },
  { text: 60, id: 60, entries: 1, causes: 0, worst: 1, failing: 1 },
];

/** The value with no text longer than `most` and no list of more than `entries`. */
function cut(value: unknown, most: number, entries: number): unknown {
  if (typeof value === 'string') return shorten(value, most);
  if (Array.isArray(value)) return value.slice(0, entries).map((each) => cut(each, most, entries));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cut(each, most, entries)]));
}

/** Those that lead somewhere: a shortened id would not. */
function linksOf(links: Links, service: string, resource: string, most: number): Json {
  const all = { resource: links.portal(resource), service: links.portal(service), report: links.report(service) };
  return Object.fromEntries(Object.entries(all).filter(([, url]) => url !== undefined && url.length <= 2 * most));
}

function driftData({ deployment, verdict }: DriftAlert, transition: Transition, links: Links, most: Limits): Json {
  const { kind, requirement, severity, from, to, since, finding, causes, moreCauses = 0, because } = transition;
  const { evidence, fix, impact, message, resource } = finding;
  const text = (value: string): string => shorten(value, most.text);
  const causesLeft = Math.max(causes.length - most.causes, 0) + moreCauses;
  // What of the evidence is gone has to be told: a list that is short says nothing of itself.
  const kept = cut(evidence, most.id, most.entries);
  const isCut = JSON.stringify(kept) !== JSON.stringify(evidence);
  return {
    kind,
    deployment: cut(deployment, most.id, most.entries),
    verdict,
    requirement,
    severity,
    status: { ...(from !== undefined && { from }), to },
    since,
    message: text(message),
    resource: shorten(resource, most.id),
    evidence: kept,
    ...(isCut && { evidenceShortened: true }),
    ...(impact !== undefined && { impact: text(impact) }),
    ...(fix && { fix: { summary: text(fix.summary), azureCli: text(fix.azureCli), bicep: text(fix.bicep) } }),
    causes: cut(causes.slice(0, most.causes), most.id, most.entries),
    ...(causesLeft > 0 && { moreCauses: causesLeft }),
    ...(because && { because: because.map(text) }),
    links: linksOf(links, deployment.service, resource, most.id),
  };
}

function summaryData({ deployments, verdicts, worst }: SummaryAlert, most: Limits): Json {
  return {
    deployments,
    verdicts,
    worst: worst.slice(0, most.worst).map(({ deployment, verdict, failing }) => {
      const more = failing.length - most.failing;
      return {
        deployment: shorten(deployment.key, most.id),
        verdict,
        failing: failing.slice(0, most.failing).map(({ requirement, severity, message }) => {
          return { requirement, severity, message: shorten(message, Math.min(most.text, 200)) };
        }),
        ...(more > 0 && { moreFailing: more }),
      };
    }),
  };
}

/** The CloudEvent of an alert that has one transition, or is a summary. */
export function cloudEventOf(alert: Alert, source: string, links: Links): Json {
  const base = { specversion: '1.0', source, time: alert.at, datacontenttype: 'application/json' };
  const build = (most: Limits): Json => {
    if (alert.type === 'summary') {
      const head = { ...base, id: alert.id, type: `${typePrefix}estate.summary` };
      return { ...head, data: summaryData(alert, most) };
    }
    const [transition] = alert.transitions;
    if (!transition) throw new Error('an alert without a transition says nothing');
    const subject = `${shorten(alert.deployment.key, most.id)}/${transition.requirement}`;
    const head = { ...base, id: transition.id, type: `${typePrefix}drift.${transition.kind}`, subject };
    return { ...head, data: driftData(alert, transition, links, most) };
  };
  let event = build(limits[0]);
  for (const most of limits.slice(1)) {
    if (bytesOf(event) < largestBody) break;
    event = build(most);
  }
  return event;
}

export function webhookChannel(options: WebhookOptions): Channel {
  const { url, secret, source, links, clock, timeoutMs = 20_000 } = options;
  const signer = new Webhook(secret);
  return {
    name: 'webhook',
    split: (alert) =>
      alert.type === 'summary'
        ? [alert]
        : alert.transitions.map((transition) => ({ ...alert, transitions: [transition] })),
    deliver: async (alert) => {
      const event = cloudEventOf(alert, source, links);
      const id = String(event.id);
      const body = JSON.stringify(event);
      const now = clock.now();
      const headers = {
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': signer.sign(id, now, body),
      };
      return post({ url, headers, body, clock, timeoutMs });
    },
  };
}
