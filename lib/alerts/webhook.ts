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

/** Lengths of long texts, tried one after the other until the body fits. */
const textLengths = [4_000, 1_500, 500, 120];

function driftData({ deployment, verdict }: DriftAlert, transition: Transition, links: Links, most: number): Json {
  const { kind, requirement, severity, from, to, since, finding, causes, moreCauses } = transition;
  const { evidence, fix, impact, message, resource } = finding;
  const text = (value: string): string => shorten(value, most);
  const report = links.report(deployment.service);
  return {
    kind,
    deployment: Object.fromEntries(
      Object.entries(deployment).map(([name, value]) => [name, value === null ? null : shorten(value, 1_000)]),
    ),
    verdict,
    requirement,
    severity,
    status: { ...(from !== undefined && { from }), to },
    since,
    message: text(message),
    resource: shorten(resource, 1_000),
    evidence: most === textLengths[0] ? evidence : { counterexample: evidence.counterexample, route: evidence.route },
    ...(impact !== undefined && { impact: text(impact) }),
    ...(fix && { fix: { summary: text(fix.summary), azureCli: text(fix.azureCli), bicep: text(fix.bicep) } }),
    causes: most === textLengths.at(-1) ? causes.slice(0, 3) : causes,
    ...(moreCauses !== undefined && { moreCauses }),
    links: { resource: links.portal(resource), service: links.portal(deployment.service), ...(report && { report }) },
  };
}

function summaryData({ deployments, verdicts, worst }: SummaryAlert, most: number): Json {
  return {
    deployments,
    verdicts,
    worst: worst.slice(0, most >= 1_500 ? 20 : 5).map(({ deployment, verdict, failing }) => ({
      deployment: deployment.key.slice(0, 500),
      verdict,
      failing: failing.slice(0, 10).map(({ requirement, severity, message }) => {
        return { requirement, severity, message: shorten(message, Math.min(most, 200)) };
      }),
    })),
  };
}

/** The CloudEvent of an alert that has one transition, or is a summary. */
export function cloudEventOf(alert: Alert, source: string, links: Links): Json {
  const base = { specversion: '1.0', source, time: alert.at, datacontenttype: 'application/json' };
  const build = (most: number): Json => {
    if (alert.type === 'summary') {
      const head = { ...base, id: alert.id, type: `${typePrefix}estate.summary` };
      return { ...head, data: summaryData(alert, most) };
    }
    const [transition] = alert.transitions;
    if (!transition) throw new Error('an alert without a transition says nothing');
    const subject = shorten(`${alert.deployment.key}/${transition.requirement}`, 1_000);
    const head = { ...base, id: transition.id, type: `${typePrefix}drift.${transition.kind}`, subject };
    return { ...head, data: driftData(alert, transition, links, most) };
  };
  for (const most of textLengths) {
    const event = build(most);
    if (bytesOf(event) < largestBody) return event;
  }
  return { ...build(0), data: { note: 'the details are too large to be sent; see the status page' } };
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
