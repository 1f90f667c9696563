/** The local receiver against senders that do it right, and against some that do not. */
import { request } from 'node:https';
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from '../../local/certificate.ts';
import { type Received, type Receiver, startReceiver } from '../../local/receiver.ts';

const secret = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const certificate = selfSigned();
const event = {
  specversion: '1.0',
  id: 'transition-1',
  type: 'com.tunnelwatch.drift.opened',
  source: 'urn:test',
  data: { requirement: 'client-routes', message: '<b>lost</b>', deployment: { name: 'apim-one' } },
};
const card = { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text: 'Drift: client\\-routes' }] };
const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card };
const message = { type: 'message', attachments: [attachment] };

let receiver: Receiver;
let told: Received[] = [];

beforeEach(async () => {
  told = [];
  receiver = await startReceiver({ secret, certificate, onReceived: (received) => told.push(received) });
});
afterEach(() => receiver.stop());

function deliver(body: string, headers: Record<string, string> = {}): Promise<Response> {
  const now = new Date();
  const signed = {
    'webhook-id': 'transition-1',
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(secret).sign('transition-1', now, body),
  };
  return fetch(receiver.webhookUrl, { method: 'POST', headers: { ...signed, ...headers }, body });
}

function post(body: unknown): Promise<Response> {
  return fetch(receiver.teamsUrl, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** Posts telemetry over TLS, trusting the receiver's own certificate alone. */
function track(path: string, body: Buffer, headers: Record<string, string> = {}) {
  const [, endpoint = ''] = /IngestionEndpoint=([^;]+)/.exec(receiver.connectionString) ?? [];
  return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const options = { method: 'POST', ca: certificate.cert, headers, agent: false };
    const asked = request(new URL(path, endpoint), options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asked.on('error', reject).end(body);
  });
}

const telemetry = (name: string) => ({ data: { baseType: 'EventData', baseData: { name } } });
const figures = {
  data: { baseType: 'MetricData', baseData: { metrics: [{ name: 'tunnelwatch.unknown', value: 4 }] } },
};

describe('the webhook', () => {
  it('keeps what is signed right, and tells it at once', async () => {
    expect((await deliver(JSON.stringify(event))).status).toBe(204);
    expect(receiver.received).toEqual(told);
    expect(told).toMatchObject([
      {
        channel: 'webhook',
        id: 'transition-1',
        type: 'com.tunnelwatch.drift.opened',
        summary: 'apim-one: client-routes: <b>lost</b>',
        body: event,
      },
    ]);
  });

  it.each([
    ['another body', { 'webhook-signature': new Webhook(secret).sign('transition-1', new Date(), '{}') }],
    ['another id', { 'webhook-id': 'transition-2' }],
    ['another secret', { 'webhook-signature': 'v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' }],
    ['an hour ago', { 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 3600) }],
  ])('refuses a signature of %s', async (_name, headers) => {
    expect((await deliver(JSON.stringify(event), headers)).status).toBe(401);
    expect(receiver.received).toEqual([]);
    expect(receiver.forged()).toBe(1);
  });

  it.each(['', 'not JSON', '{"specversion":"0.3"}'])('refuses what is signed but no CloudEvent: %j', async (body) => {
    expect((await deliver(body)).status).toBe(400);
    expect(receiver.received).toEqual([]);
  });
});

describe('Teams', () => {
  it('takes a message with one card, as Workflows does', async () => {
    expect((await post(message)).status).toBe(202);
    expect(told).toMatchObject([{ channel: 'teams', type: 'card', summary: 'Drift: client-routes' }]);
  });

  it.each([
    ['no JSON', 'not JSON'],
    ['the card alone', card],
    ['no attachment', { type: 'message', attachments: [] }],
    ['two cards', { type: 'message', attachments: [attachment, attachment] }],
  ])('refuses %s', async (_name, body) => {
    expect((await post(body)).status).toBe(400);
    expect(receiver.received).toEqual([]);
  });
});

describe('the ingestion', () => {
  const lines = Buffer.from([telemetry('First'), figures].map((item) => JSON.stringify(item)).join('\n'));
  const list = Buffer.from(JSON.stringify([telemetry('First'), figures]));

  it.each([
    ['lines', '/v2.1/track', lines, {}],
    ['a list', '/v2/track', list, {}],
    ['compressed lines', '/v2.1/track', gzipSync(lines), { 'content-encoding': 'gzip' }],
  ])('takes %s', async (_name, path, body, headers) => {
    const { status, text } = await track(path, body, headers);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ itemsReceived: 2, itemsAccepted: 2, errors: [] });
    expect(told.map(({ type, summary }) => [type, summary])).toEqual([
      ['First', ''],
      ['tunnelwatch.unknown', '4'],
    ]);
  });

  it('refuses what is not compressed although it says so', async () => {
    expect((await track('/v2.1/track', lines, { 'content-encoding': 'gzip' })).status).toBe(400);
  });
});

describe('an ordered answer', () => {
  it('is given as often as was ordered, and nothing is kept meanwhile', async () => {
    receiver.answer('teams', 429, 2, { 'Retry-After': '7' });
    const answers = [await post(message), await post(message), await post(message)];
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 202]);
    expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(['7', '7', null]);
    expect(receiver.received).toHaveLength(1);
    expect(receiver.raw).toHaveLength(3);
  });

  it('concerns its channel alone, and ends with the recovery', async () => {
    receiver.answer('webhook', 503);
    expect((await deliver(JSON.stringify(event))).status).toBe(503);
    expect((await post(message)).status).toBe(202);
    receiver.recover();
    expect((await deliver(JSON.stringify(event))).status).toBe(204);
  });
});

describe('the page', () => {
  it('lists what came, with nothing in it that a browser would run', async () => {
    await deliver(JSON.stringify(event));
    const page = await (await fetch(receiver.url)).text();
    expect(page).toContain('client-routes');
    expect(page).toContain('&lt;b&gt;lost&lt;/b&gt;');
    expect(page).not.toContain('<b>lost');
  });
});
