/**
 * Stands in for every receiver of alerts on this machine: the generic webhook, whose signature it verifies with the scheme's own
 * library, Teams, and Application Insights' ingestion behind TLS. Keeps what it got, says it in a line, and shows it as a page.
 */
import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { z } from 'zod';

export type ReceiverChannel = 'webhook' | 'teams' | 'applicationInsights';

export interface Received {
  readonly channel: ReceiverChannel;
  /** The webhook's id; of others empty. */
  readonly id: string;
  /** Of the CloudEvent, of the custom event or metric; `card` for Teams. */
  readonly type: string;
  readonly summary: string;
  readonly at: string;
  /** As it was sent. */
  readonly body: unknown;
}

export interface ReceiverOptions {
  /** `whsec_...` of the webhook. */
  readonly secret: string;
  /** Of the ingestion. */
  readonly certificate: { readonly key: string; readonly cert: string };
  readonly port?: number;
  readonly onReceived?: (received: Received) => void;
  /** Takes deliveries of any time: for senders with a clock of their own. */
  readonly anyTime?: boolean;
}

/** What a long run keeps. */
const mostKept = 20_000;

interface ForcedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  left: number;
}

export interface Receiver {
  /** A page of all that came. */
  readonly url: string;
  readonly webhookUrl: string;
  readonly teamsUrl: string;
  readonly connectionString: string;
  readonly received: Received[];
  /** Every text that came in, headers included: for looking for what must not be there. */
  readonly raw: string[];
  /** Deliveries whose signature was wrong. */
  readonly forged: () => number;
  /** The next answers of a channel; default: for good. */
  readonly answer: (
    channel: ReceiverChannel,
    status: number,
    times?: number,
    headers?: Readonly<Record<string, string>>,
  ) => void;
  /** Back to what a receiver does. */
  readonly recover: () => void;
  readonly stop: () => Promise<void>;
}

const cloudEventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  type: z.string(),
  source: z.string(),
  data: z.looseObject({
    requirement: z.string().optional(),
    message: z.string().optional(),
    deployment: z.looseObject({ name: z.string() }).optional(),
    deployments: z.number().optional(),
  }),
});

const teamsSchema = z.object({
  type: z.literal('message'),
  attachments: z
    .array(
      z.object({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.looseObject({ type: z.literal('AdaptiveCard'), body: z.array(z.looseObject({ type: z.string() })) }),
      }),
    )
    .length(1),
});

const envelopeSchema = z.looseObject({
  data: z.looseObject({
    baseType: z.string(),
    baseData: z.looseObject({
      name: z.string().optional(),
      metrics: z.array(z.looseObject({ name: z.string(), value: z.number() })).optional(),
    }),
  }),
});

/** Verifies a delivery as a receiver does. @throws WebhookVerificationError where the signature, or the time, is wrong */
function verify(verifier: Webhook, text: string, headers: Record<string, string>, anyTime: boolean): void {
  if (!anyTime) return void verifier.verify(text, headers);
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': signature } = headers;
  // The library refuses what is older than five minutes by this machine's clock.
  const isSigned = verifier.sign(id, new Date(Number(timestamp) * 1000), text) === signature;
  if (!isSigned) throw new WebhookVerificationError('wrong signature');
}

/** The text of a card's first block, as Teams shows it. */
function titleOf(body: readonly Record<string, unknown>[]): string {
  const text = body.find(({ type }) => type === 'TextBlock')?.text;
  return typeof text === 'string' ? text.replace(/\\(.)/g, '$1') : 'a card';
}

function linesOf(text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed.startsWith('[')) return JSON.parse(trimmed) as unknown[];
  return trimmed.split('\n').map((line) => JSON.parse(line) as unknown);
}

/** What cannot be read is the sender's mistake, and nothing to print a stack for. */
function refuse(_error: Error, context: Context): Response {
  return context.text('this cannot be read', 400);
}

async function textOf(context: Context): Promise<string> {
  const bytes = Buffer.from(await context.req.arrayBuffer());
  return (context.req.header('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { secret, certificate, port = 0, onReceived, anyTime = false } = options;
  const received: Received[] = [];
  const raw: string[] = [];
  const forced = new Map<ReceiverChannel, ForcedAnswer>();
  const verifier = new Webhook(secret);
  const urlSecret = randomUUID();
  let forged = 0;

  const keep = (entry: Omit<Received, 'at'>): void => {
    const whole = { ...entry, at: new Date().toISOString() };
    received.push(whole);
    if (received.length > mostKept) received.shift();
    if (raw.length > mostKept) raw.shift();
    onReceived?.(whole);
  };
  /** The answer that was ordered for a channel, if any. */
  const ordered = (context: Context, channel: ReceiverChannel): Response | undefined => {
    const answer = forced.get(channel);
    if (!answer || answer.left <= 0) return undefined;
    answer.left--;
    for (const [name, value] of Object.entries(answer.headers ?? {})) context.header(name, value);
    return context.body('', answer.status as ContentfulStatusCode);
  };

  const app = new Hono();
  app.onError(refuse);
  app.post('/webhook', async (context) => {
    const text = await textOf(context);
    raw.push(`${JSON.stringify(context.req.header())}\n${text}`);
    const answer = ordered(context, 'webhook');
    if (answer) return answer;
    try {
      verify(verifier, text, context.req.header(), anyTime);
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      forged++;
      return context.text('the signature is wrong', 401);
    }
    const event = cloudEventSchema.parse(JSON.parse(text));
    const { requirement, message, deployment, deployments } = event.data;
    const whole = deployments === undefined ? undefined : `${deployments} deployments are watched now`;
    const summary = [whole, deployment?.name, requirement, message].filter((part) => part !== undefined).join(': ');
    keep({ channel: 'webhook', id: event.id, type: event.type, summary, body: event });
    return context.body(null, 204);
  });
  app.post('/teams', async (context) => {
    const text = await textOf(context);
    raw.push(text);
    const answer = ordered(context, 'teams');
    if (answer) return answer;
    const message = teamsSchema.safeParse(JSON.parse(text));
    if (!message.success) return context.text('this is no message with one Adaptive Card', 400);
    const [attachment] = message.data.attachments;
    const summary = titleOf(attachment?.content.body ?? []);
    keep({ channel: 'teams', id: '', type: 'card', summary, body: message.data });
    return context.body(null, 202);
  });
  app.get('/', (context) => context.html(pageOf(received)));

  const ingestion = new Hono();
  ingestion.onError(refuse);
  ingestion.post('/:version{v2(\\.1)?}/track', async (context) => {
    const text = await textOf(context);
    raw.push(text);
    const answer = ordered(context, 'applicationInsights');
    if (answer) return answer;
    const items = linesOf(text).map((line) => envelopeSchema.parse(line));
    for (const item of items) {
      const { baseType, baseData } = item.data;
      if (baseType === 'EventData') {
        keep({ channel: 'applicationInsights', id: '', type: baseData.name ?? '', summary: '', body: item });
      }
      for (const { name, value } of baseData.metrics ?? []) {
        keep({ channel: 'applicationInsights', id: '', type: name, summary: String(value), body: item });
      }
    }
    return context.json({ itemsReceived: items.length, itemsAccepted: items.length, errors: [] });
  });

  const plain = createHttpServer(getRequestListener(app.fetch));
  const tls = createServer(certificate, getRequestListener(ingestion.fetch));
  const [plainPort, tlsPort] = await Promise.all([listen(plain, port), listen(tls, 0)]);
  const url = `http://127.0.0.1:${plainPort}`;
  return {
    url,
    // As real ones have it: who knows the address may post.
    webhookUrl: `${url}/webhook?token=${urlSecret}`,
    teamsUrl: `${url}/teams?sig=${urlSecret}`,
    connectionString: `InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=https://127.0.0.1:${tlsPort}/;LiveEndpoint=https://127.0.0.1:${tlsPort}/`,
    received,
    raw,
    forged: () => forged,
    answer: (channel, status, times = Number.POSITIVE_INFINITY, headers = {}) => {
      forced.set(channel, { status, headers, left: times });
    },
    recover: () => forced.clear(),
    stop: async () => {
      await Promise.all([close(plain), close(tls)]);
    },
  };
}

/** Every value is escaped by the template. */
function pageOf(received: readonly Received[]) {
  const rows = received
    .filter(({ channel, type }) => channel !== 'applicationInsights' || type.startsWith('TunnelDrift'))
    .slice(-200)
    .reverse()
    .map(
      ({ at, channel, type, summary }) =>
        html`<tr><td>${at}</td><td>${channel}</td><td>${type}</td><td>${summary}</td></tr>`,
    );
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Alerts received</title><meta http-equiv="refresh" content="2">
<style>body{font:15px/1.4 system-ui;margin:2rem}td,th{padding:.3rem .8rem;text-align:left;vertical-align:top;border-bottom:1px solid #8884}</style></head>
<body><h1>Alerts received</h1>
<table><thead><tr><th>When</th><th>Channel</th><th>Type</th><th>What</th></tr></thead><tbody>${rows}</tbody></table>
</body></html>`;
}
