import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel } from '../../lib/alerts/channel.ts';
import { linksFor } from '../../lib/alerts/links.ts';
import { teamsChannel } from '../../lib/alerts/teams.ts';
import { cloudEventOf, webhookChannel } from '../../lib/alerts/webhook.ts';
import type { Cause, SummaryAlert } from '../../lib/drift/model.ts';
import { alertOf, findingOf, transitionOf } from './sample-alert.ts';

const secret = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const links = linksFor({ portal: 'https://portal.azure.com', host: 'func.azurewebsites.net' });
const alert = alertOf([transitionOf('control-plane-route')]);

interface Asked {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver reads of a CloudEvent's data. */
interface Told {
  readonly evidence: { readonly rule?: object; readonly details: readonly string[] };
  readonly evidenceShortened?: boolean;
  readonly causes: readonly object[];
  readonly moreCauses?: number;
}

let server: Server;
let asked: Asked[] = [];
let answer: { status: number; headers?: Record<string, string>; delayMs?: number } = { status: 204 };
let now = new Date();

beforeEach(async () => {
  asked = [];
  answer = { status: 204 };
  now = new Date();
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      setTimeout(() => response.writeHead(answer.status, answer.headers).end(), answer.delayMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const address = (): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?sig=secret-of-the-address`;
const clock = { now: () => now };

function webhook(timeoutMs?: number): Channel {
  return webhookChannel({
    url: address(),
    secret,
    source: 'urn:test',
    links,
    clock,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
}

describe('the webhook', () => {
  it("sends a CloudEvent whose signature the scheme's own library accepts, over the very bytes", async () => {
    expect(await webhook().deliver(alert)).toEqual({ kind: 'sent' });
    const [{ headers, body }] = asked as [Asked];
    expect(headers['content-type']).toContain('application/cloudevents+json');
    const event = new Webhook(secret).verify(body, headers as Record<string, string>);
    expect(event).toMatchObject({
      specversion: '1.0',
      type: 'com.tunnelwatch.drift.opened',
      source: 'urn:test',
      id: 'id-of-control-plane-route',
      subject: `${alert.deployment.key}/control-plane-route`,
      data: { requirement: 'control-plane-route', severity: 'high', status: { from: 'pass', to: 'fail' } },
    });
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
  });

  it('has the same id on every try, and the time of each', async () => {
    await webhook().deliver(alert);
    now = new Date(now.getTime() + 60_000);
    await webhook().deliver(alert);
    expect(new Set(asked.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    const [first, second] = asked.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(Number(second) - Number(first)).toBe(60);
  });

  it('delivers each transition by itself', () => {
    const parts = webhook().split(alertOf([transitionOf('a'), transitionOf('b')]));
    expect(parts.map((part) => (part.type === 'drift' ? part.transitions.map(({ id }) => id) : []))).toEqual([
      ['id-of-a'],
      ['id-of-b'],
    ]);
  });

  it('stays below 20 KB, keeping the facts, whatever it is given', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('💥'.repeat(20_000), '\u0000'.repeat(9_000), '\ud800', `/${'é'.repeat(4_000)}`, ''),
    );
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 30 }), (long, id, times) => {
        const list = Array.from({ length: times }, () => long);
        const finding = findingOf('r', {
          message: long,
          resource: id,
          impact: long,
          fix: { summary: long, azureCli: long, bicep: long },
          evidence: {
            route: { name: id, id, source: 'User', addressPrefix: long, nextHopType: long },
            rule: { name: id, id, access: 'Deny' },
            counterexample: { addressPrefix: long, addresses: 1, more: list },
            notSeen: list,
            details: list,
          },
        });
        const cause = { eventId: id, resourceId: id, operation: long, time: long, principal: { id } };
        const causes = Array.from({ length: times % 11 }, () => cause);
        const drift = alertOf([transitionOf('r', { finding, causes })], long);
        const deployment = { ...drift.deployment, key: id, service: id, subnet: id };
        const event = cloudEventOf({ ...drift, deployment }, 'urn:test', links);
        expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(20_000);
        expect(event).toMatchObject({
          id: 'id-of-r',
          data: { requirement: 'r', severity: 'high', verdict: 'nonCompliant', status: { from: 'pass', to: 'fail' } },
        });
        expect(event.subject).toMatch(/\/r$/);
      }),
      { numRuns: 40 },
    );
  });

  it('says what it leaves out: the deciding rule stays, the causes are counted', () => {
    const rule = { name: 'deny-all', access: 'Deny', priority: 100 };
    const details = Array.from({ length: 300 }, () => 'd'.repeat(100));
    const [cause] = transitionOf('r').causes;
    const causes = Array.from({ length: 10 }, () => ({ ...cause, resourceId: 'x'.repeat(900) })) as Cause[];
    const finding = findingOf('r', { evidence: { rule, details } });
    const { data } = cloudEventOf(alertOf([transitionOf('r', { finding, causes, moreCauses: 2 })]), 'urn:test', links);
    const { evidence, evidenceShortened, causes: told, moreCauses = 0 } = data as Told;
    expect(evidence.rule).toEqual(rule);
    expect(evidence.details.length).toBeLessThan(300);
    expect(evidenceShortened).toBe(true);
    expect(told.length + moreCauses).toBe(12);
    const { data: whole } = cloudEventOf(alert, 'urn:test', links);
    expect(whole).not.toHaveProperty('evidenceShortened');
    expect(whole).not.toHaveProperty('moreCauses');
  });

  it('has no link that leads nowhere, where an id is too long for one', () => {
    const finding = findingOf('r', { resource: `/${'é'.repeat(4_000)}` });
    const event = cloudEventOf(alertOf([transitionOf('r', { finding })]), 'urn:test', links);
    expect(Object.keys((event.data as { links: object }).links)).toEqual(['service', 'report']);
  });

  it.each([
    ['long', 'm'.repeat(3_000)],
    ['hostile', '\u0000'.repeat(3_000)],
  ])('keeps the counts of a first sight, whatever the messages are: %s', (_kind, message) => {
    const { deployment } = alert;
    const failing = Array.from({ length: 30 }, () => ({ requirement: 'r', severity: 'high' as const, message }));
    const verdicts = { compliant: 3, nonCompliant: 13, unknown: 1, outOfScope: 1 };
    const hostile = { ...deployment, key: message };
    const worst = Array.from({ length: 20 }, () => ({
      deployment: hostile,
      verdict: 'nonCompliant' as const,
      failing,
    }));
    const summary: SummaryAlert = { type: 'summary', id: 's', at: alert.at, deployments: 18, verdicts, worst };
    const event = cloudEventOf(summary, 'urn:test', links);
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(20_000);
    expect(event).toMatchObject({
      id: 's',
      type: 'com.tunnelwatch.estate.summary',
      data: { deployments: 18, verdicts },
    });
    const [first] = (event.data as { worst: { failing: object[]; moreFailing: number }[] }).worst;
    expect((first?.failing.length ?? 0) + (first?.moreFailing ?? 0)).toBe(30);
  });
});

const both = [
  ['the webhook', () => webhook()],
  ['Teams', () => teamsChannel({ url: address(), links, clock })],
] as const;

describe.each(both)('%s', (_name, open) => {
  it.each([200, 202, 204])('counts %i as sent', async (status) => {
    answer = { status };
    expect(await open().deliver(alert)).toEqual({ kind: 'sent' });
  });

  it.each([408, 425, 429, 500, 502, 503, 504])('tries %i again later', async (status) => {
    answer = { status };
    expect(await open().deliver(alert)).toMatchObject({ kind: 'retry' });
  });

  it.each([400, 401, 404, 410, 413])('takes %i for the last word', async (status) => {
    answer = { status };
    expect(await open().deliver(alert)).toEqual({ kind: 'refused', reason: `the receiver answered ${status}` });
  });

  it('waits as long as it is asked to, in seconds or until a date', async () => {
    answer = { status: 429, headers: { 'Retry-After': '120' } };
    expect(await open().deliver(alert)).toMatchObject({ afterSeconds: 120 });
    answer = { status: 503, headers: { 'Retry-After': new Date(now.getTime() + 90_000).toUTCString() } };
    const later = await open().deliver(alert);
    expect(later.kind === 'retry' && (later.afterSeconds ?? 0) > 85 && (later.afterSeconds ?? 0) <= 91).toBe(true);
  });

  it('follows no redirect', async () => {
    answer = { status: 302, headers: { Location: '/elsewhere' } };
    expect((await open().deliver(alert)).kind).toBe('refused');
    expect(asked).toHaveLength(1);
  });

  it('never says its address, not even when nobody answers', async () => {
    const channel = open();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const outcome = await channel.deliver(alert);
    expect(outcome.kind).toBe('retry');
    expect(JSON.stringify(outcome)).not.toMatch(/secret-of-the-address|127\.0\.0\.1/);
  });
});

describe('a receiver that takes its time', () => {
  it('is tried again', async () => {
    answer = { status: 200, delayMs: 500 };
    expect(await webhook(50).deliver(alert)).toEqual({ kind: 'retry', reason: 'the receiver did not answer in time' });
  });
});
