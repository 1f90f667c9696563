/** What must not get in, and what must not get out. */
import { subscribe } from 'node:diagnostics_channel';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../../local/certificate.ts';
import { type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { Colleague } from './colleague.ts';
import { untilQuiet } from './quiet.ts';

const sound = brokenEstate([]);
const canary = 'canary-7f3a9c';
const controlPlane = `${ids.table}/routes/control-plane`;

/** Every connection that this process tried to make: the functions run in it. */
const attempts: { readonly ip: string; readonly port: number }[] = [];
subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: Socket };
  socket.on('connectionAttempt', (ip: string, port: number) => attempts.push({ ip, port }));
});

let watcher: LocalWatcher;
const log: string[] = [];
const answers: string[] = [];

beforeAll(async () => {
  watcher = await startLocalWatcher({
    resources: sound.resources,
    settleSeconds: 0,
    retryMs: 500,
    canary,
    onLog: (line) => log.push(JSON.stringify(line)),
  });
  await watcher.host.invokeTimer('sweep');
  await watcher.idle();
});
afterAll(async () => {
  await watcher?.stop();
});

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${watcher.host.url}${path}`, init);
}

/** With the key; what comes back is kept for the search at the end. */
async function call(
  path: string,
  init: RequestInit = {},
): Promise<{ readonly status: number; readonly text: string; readonly type: string }> {
  const response = await ask(path, { ...init, headers: { 'x-functions-key': watcher.host.key, ...init.headers } });
  const text = await response.text();
  answers.push(text);
  return { status: response.status, text, type: response.headers.get('content-type') ?? '' };
}

describe('the HTTP functions', () => {
  it('refuse without a key and with a wrong one, all but the health check', async () => {
    const http = watcher.host.functions.filter(({ trigger }) => trigger === 'httpTrigger');
    expect(http.map(({ name }) => name).sort()).toEqual(['audit', 'health', 'replay', 'status', 'trace']);
    for (const { name, path = '', authLevel } of http) {
      expect(authLevel, name).toBe(name === 'health' ? 'anonymous' : 'function');
      const method = name === 'replay' ? 'POST' : 'GET';
      const [without, wrong] = [await ask(path, { method }), await ask(`${path}?code=wrong`, { method })];
      expect([without.status, wrong.status], name).toEqual(name === 'health' ? [200, 200] : [401, 401]);
    }
  });

  it('take an estate as a body, and none over 10 MB', async () => {
    const estate = JSON.stringify(sound.resources);
    const good = await call('/api/audit', { method: 'POST', body: estate });
    expect(good.status).toBe(200);
    expect(JSON.parse(good.text).summary).toMatchObject({ deployments: 1 });
    const large = await call('/api/audit', { method: 'POST', body: `[${' '.repeat(10 * 1024 * 1024)}]` });
    expect([large.status, large.type]).toEqual([413, 'application/problem+json']);
  });

  it.each([
    ['a format that is not known', '/api/audit?format=pdf', 400, 'format "pdf" is not known'],
    ['a requirement that is not known', '/api/audit?requirement=nonsense', 400, 'requirement "nonsense"'],
    [
      'a service that is no service',
      '/api/audit?service=/subscriptions/x',
      400,
      'is no id of an API Management service',
    ],
    ['a subscription that is none', '/api/audit?subscription=mine', 400, 'is no subscription id'],
    ['a service that is not there', `/api/audit?service=${ids.service}-no`, 404, 'there is no API Management service'],
  ])('answer %s with a problem that says what is wrong', async (_name, path, status, detail) => {
    const answer = await call(path);
    expect([answer.status, answer.type]).toEqual([status, 'application/problem+json']);
    expect(JSON.parse(answer.text)).toMatchObject({ status, detail: expect.stringContaining(detail) });
  });

  it('answer a body that is no estate with the place in it', async () => {
    const answer = await call('/api/audit', { method: 'POST', body: '{"a": [1, }' });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text).detail).toContain('request body: line 1');
  });

  it('name a subscription that cannot be read as an error of the report', async () => {
    const subscription = '99999999-9999-9999-9999-999999999999';
    const { status, text } = await call(`/api/audit?subscription=${subscription}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      deployments: [],
      errors: [{ resource: `/subscriptions/${subscription}`, message: expect.stringContaining('may not be seen') }],
    });
  });

  it('give the audit of one service from Azure in the format that is accepted', async () => {
    const json = await call(`/api/audit?service=${ids.service}&requirement=control-plane-route`);
    const report = JSON.parse(json.text);
    expect(report.deployments[0].findings.map((finding: { requirement: string }) => finding.requirement)).toEqual([
      'control-plane-route',
    ]);
    expect(report.sources[0].kind).toBe('arm');
    const sarif = await call('/api/audit', { headers: { Accept: 'text/plain;q=0.1, application/sarif+json' } });
    expect(sarif.type).toBe('application/sarif+json');
  });
});

describe('the door of Event Grid', () => {
  const path = '/runtime/webhooks/eventgrid?functionName=onResourceChange';

  it('answers both handshakes as documented', async () => {
    const event = {
      id: '1',
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      data: { validationCode: 'code-1' },
    };
    const validation = await ask(path, {
      method: 'POST',
      headers: { 'aeg-event-type': 'SubscriptionValidation', 'content-type': 'application/json' },
      body: JSON.stringify([event]),
    });
    expect([validation.status, await validation.json()]).toEqual([200, { validationResponse: 'code-1' }]);
    const options = await ask(path, {
      method: 'OPTIONS',
      headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
    });
    expect([options.status, options.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
  });

  it('refuses what is no event for good, without repeating it', async () => {
    const response = await ask(path, {
      method: 'POST',
      headers: { 'aeg-event-type': 'Notification' },
      body: JSON.stringify([
        {
          id: '1',
          eventType: 'Microsoft.Resources.ResourceWriteSuccess',
          subject: canary,
          data: { claims: { name: canary } },
        },
      ]),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toBe('');
  });
});

describe('Azure answering with a link to another host', () => {
  it('is not followed: no request arrives there, with or without the token', async () => {
    const asked: string[] = [];
    const elsewhere = createServer(selfSigned(), (request, response) => {
      asked.push(request.headers.authorization ?? 'none');
      response.end('{"value":[]}');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const link = `https://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/next`;
    watcher.azure.faults.add({ match: /^GET .*azureFirewalls\?/i, kind: 'link', link });
    const firewall = watcher.azure.store.all().find(({ id }) => id === ids.firewall);
    const from = log.length;
    await new Colleague(watcher.azure).put({ ...firewall, tags: { changed: 'yes' } });
    await watcher.idle();
    expect(log.slice(from).join('\n')).toContain('refused to follow a link');
    watcher.azure.faults.clear();
    await untilQuiet(watcher.host);
    await new Promise((resolve) => elsewhere.close(resolve));
    expect(asked).toEqual([]);
  });
});

describe('what goes out', () => {
  it('holds no claim, no token, no secret of an address and no key, whatever went wrong', async () => {
    const colleague = new Colleague(watcher.azure);
    const { azure, receiver, host } = watcher;
    await colleague.remove(controlPlane);
    await watcher.idle();
    for (const channel of ['webhook', 'teams', 'applicationInsights'] as const) receiver.answer(channel, 500, 1);
    azure.faults.add({ match: /^GET .*routeTables/i, kind: 'truncate', times: 1 });
    azure.faults.add({ match: /^GET .*virtualNetworks/i, kind: 'status', status: 403, times: 1 });
    await colleague.put({
      id: controlPlane,
      name: 'control-plane',
      properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' },
    });
    await azure.events.idle();
    await untilQuiet(host);
    receiver.answer('teams', 400, 1);
    await colleague.remove(controlPlane);
    await untilQuiet(host);
    await call('/api/status');
    await call('/api/audit?format=markdown');
    azure.faults.add({ match: /ResourceGraph/i, kind: 'status', status: 403, code: 'AuthorizationFailed' });
    expect((await call('/api/audit')).status).toBe(502);
    const secrets = {
      claim: canary,
      token: 'local.',
      webhookSecret: watcher.environment.TUNNELWATCH_WEBHOOK_SECRET?.slice(6, 30) ?? '',
      urlSecret: new URL(receiver.teamsUrl).searchParams.get('sig') ?? '',
      storageKey: /AccountKey=([^;]+)/.exec(watcher.storage.connectionString)?.[1] ?? '',
      functionKey: host.key,
      identityHeader: azure.environment.IDENTITY_HEADER ?? '',
    };
    // The delivery's own head names the receiver's host, not its secret.
    const out = [...log, ...receiver.raw, ...answers];
    expect(out.length).toBeGreaterThan(30);
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(5);
      expect(
        out.filter((text) => text.includes(secret)).map((text) => text.slice(0, 300)),
        name,
      ).toEqual([]);
    }
    // The claims were there to be leaked.
    expect(JSON.stringify(azure.events.raised)).toContain(canary);
  });

  it('went to Azure, to the sign-in, to the storage and to the receivers, all on this machine, and nowhere else', () => {
    expect(attempts.length).toBeGreaterThan(20);
    expect(attempts.filter(({ ip }) => ip !== '127.0.0.1')).toEqual([]);
  });

  it('had tokens for Resource Manager alone', () => {
    expect(watcher.azure.identity.resources.length).toBeGreaterThan(0);
    expect(new Set(watcher.azure.identity.resources)).toEqual(new Set([watcher.azure.endpoint]));
  });
});
