/**
 * The live reader against a Resource Manager on loopback TLS, with a certificate of its own: pages, throttling, links that
 * lead elsewhere. A second server stands for the host that must never see the token.
 */
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LiveOptions, type LiveScope, readLiveEstate } from '../../lib/azure/live.ts';
import { boundedThrottling, ownHostOnly } from '../../lib/azure/pipeline.ts';
import { selfSigned } from '../../local/certificate.ts';

interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: {
    readonly query: string;
    readonly subscriptions?: string[];
    readonly managementGroups?: string[];
    readonly options: Record<string, unknown>;
  };
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers one request after the other from a list; the last one again and again. */
class FakeArm {
  readonly asked: Asked[] = [];
  answers: Answer[] = [];
  private readonly server: Server;

  constructor(key: string, cert: string) {
    this.server = createServer({ key, cert }, (request, response) => {
      void bodyOf(request).then((text) => {
        const { authorization } = request.headers;
        this.asked.push({ path: request.url ?? '', authorization, body: text === '' ? {} : JSON.parse(text) });
        const answer = this.answers[Math.min(this.asked.length, this.answers.length) - 1] ?? { status: 500, body: {} };
        response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json', ...answer.headers });
        response.end(JSON.stringify(answer.body));
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get endpoint(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString();
}

const { key, cert } = selfSigned();
let arm: FakeArm;
let elsewhere: FakeArm;

beforeAll(() => setDefaultCACertificates([cert]));
afterAll(() => setDefaultCACertificates([...rootCertificates]));

beforeEach(async () => {
  arm = new FakeArm(key, cert);
  elsewhere = new FakeArm(key, cert);
  await Promise.all([arm.start(), elsewhere.start()]);
});
afterEach(async () => {
  await Promise.all([arm.stop(), elsewhere.stop()]);
});

const scopesAsked: (string | string[])[] = [];
const credential = {
  getToken: async (scopes: string | string[]) => {
    scopesAsked.push(scopes);
    return { token: 'secret', expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};

function read(scope: Partial<LiveScope> = {}, options: LiveOptions = {}) {
  return readLiveEstate(
    { subscriptions: [], managementGroups: [], ...scope },
    { credential, endpoint: arm.endpoint, retryMilliseconds: 2, ...options },
  );
}

function table(name: string): Record<string, unknown> {
  const id = `/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/${name}`;
  return { id, name, type: 'microsoft.network/routetables', location: 'westeurope', properties: { routes: [] } };
}

function page(names: readonly string[], total: number, skipToken?: string): Answer {
  const data = names.map(table);
  return {
    body: {
      data,
      count: data.length,
      totalRecords: total,
      resultTruncated: skipToken === undefined ? 'false' : 'true',
      ...(skipToken !== undefined && { $skipToken: skipToken }),
    },
  };
}

describe('reading from Azure', () => {
  it('reads page after page until there is no more, and tells how far it is', async () => {
    arm.answers = [page(['a', 'b'], 5, 'one'), page(['c', 'd'], 5, 'two'), page(['e'], 5)];
    const told: [number, number][] = [];
    const estate = await read({}, { onProgress: (done, total) => told.push([done, total]) });
    expect([...estate.routeTables.values()].map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(estate.sources).toEqual([{ kind: 'resourceGraph', name: new URL(arm.endpoint).host }]);
    expect(arm.asked.map(({ body }) => body.options.$skipToken)).toEqual([undefined, 'one', 'two']);
    expect(told).toEqual([
      [2, 5],
      [4, 5],
      [5, 5],
    ]);
  });

  it('asks Resource Graph once a page, a thousand rows each, for the types that decide', async () => {
    arm.answers = [page([], 0)];
    await read({ subscriptions: ['s1', 's2'], managementGroups: ['mg'] });
    expect(arm.asked).toHaveLength(1);
    const [asked] = arm.asked;
    expect(asked?.path).toMatch(/^\/providers\/Microsoft\.ResourceGraph\/resources\?api-version=/);
    expect(asked?.body).toMatchObject({ subscriptions: ['s1', 's2'], managementGroups: ['mg'] });
    expect(asked?.body.options).toMatchObject({ $top: 1000, resultFormat: 'objectArray' });
    const types = [
      'microsoft.apimanagement/service',
      'microsoft.network/virtualnetworks',
      'microsoft.network/routetables',
      'microsoft.network/networksecuritygroups',
      'microsoft.network/azurefirewalls',
      'microsoft.network/firewallpolicies',
      'microsoft.network/firewallpolicies/rulecollectiongroups',
      'microsoft.network/ipgroups',
      'microsoft.network/virtualnetworkgateways',
      'microsoft.network/virtualhubs/hubvirtualnetworkconnections',
    ];
    for (const type of types) expect(asked?.body.query).toContain(`'${type}'`);
  });

  it('asks for a token of the endpoint that it reads', async () => {
    arm.answers = [page([], 0)];
    scopesAsked.length = 0;
    await read();
    expect(scopesAsked.flat()).toEqual([`${arm.endpoint}/.default`]);
    expect(arm.asked[0]?.authorization).toBe('Bearer secret');
  });

  it('tries again after 429, also where Azure does not say when', async () => {
    const tooMany: Answer = { status: 429, body: { error: { code: 'RateLimiting', message: 'slow down' } } };
    arm.answers = [tooMany, tooMany, page(['a'], 1)];
    const estate = await read();
    expect(arm.asked).toHaveLength(3);
    expect(estate.routeTables.size).toBe(1);
  });

  it('waits as long as Azure asks for', async () => {
    const tooMany: Answer = { status: 429, headers: { 'Retry-After': '1' }, body: {} };
    arm.answers = [tooMany, page(['a'], 1)];
    const start = performance.now();
    await read();
    expect(performance.now() - start).toBeGreaterThanOrEqual(950);
  });

  it.each([
    [429, {}, 5],
    [429, { 'Retry-After': '2' }, 2000],
    [429, { 'retry-after-ms': '300', 'Retry-After': '2' }, 300],
    [429, { 'Retry-After': '86400' }, 60_000],
    [429, { 'Retry-After': new Date(Date.now() + 86_400_000).toUTCString() }, 60_000],
    [429, { 'Retry-After': new Date(0).toUTCString() }, 0],
    [429, { 'Retry-After': 'soon' }, 5],
    [503, { 'Retry-After': '86400' }, 60_000],
    [503, {}, undefined],
  ])('after %d with %j waits %d ms', async (status, given, expected) => {
    const request = createPipelineRequest({ url: 'https://management.azure.com/' });
    const headers = createHttpHeaders(given);
    const response = await boundedThrottling(5).sendRequest(request, async () => ({ request, headers, status }));
    expect(response.headers.get('retry-after-ms')).toBe(expected?.toString());
  });

  it('gives up on 429 in the end, and says so', async () => {
    arm.answers = [{ status: 429, body: { error: { code: 'RateLimiting', message: 'slow down' } } }];
    await expect(read()).rejects.toThrow(/^Azure could not be read \(429\): /);
    expect(arm.asked.length).toBeGreaterThan(3);
  });

  it.each([301, 302, 307, 308])('follows no redirection (%d) to another host, and says so', async (status) => {
    const location = `${elsewhere.endpoint}/providers/Microsoft.ResourceGraph/resources`;
    arm.answers = [{ status, headers: { Location: location }, body: {} }];
    elsewhere.answers = [page(['stolen'], 1)];
    await expect(read()).rejects.toThrow(`Azure could not be read (${status}): it points elsewhere`);
    expect(elsewhere.asked).toEqual([]);
  });

  it.each([
    'https://management.azure.com.example.com/page2',
    'https://example.com/',
    'https://management.azure.com:8443/',
    'http://management.azure.com/',
  ])('sends nothing to %s', (url) => {
    const policy = ownHostOnly('https://management.azure.com');
    const send = (to: string) => policy.sendRequest(createPipelineRequest({ url: to }), () => Promise.reject('sent'));
    expect(() => send(url)).toThrow('refused to follow a link');
    return expect(send('https://management.azure.com/page2')).rejects.toBe('sent');
  });

  it('tries again after a fault of the server', async () => {
    arm.answers = [{ status: 503, body: 'busy' }, page(['a'], 1)];
    expect((await read()).routeTables.size).toBe(1);
  });

  it('does not go round in circles', async () => {
    arm.answers = [page(['a'], 2, 'again'), page(['b'], 2, 'again')];
    await expect(read()).rejects.toThrow('twice with the same page');
  });

  it('reports no part of an answer that was cut short', async () => {
    arm.answers = [{ body: { ...(page(['a'], 9).body as object), resultTruncated: 'true' } }];
    await expect(read()).rejects.toThrow('cut the answer short');
  });

  it('names what Azure refused, and not the token', async () => {
    arm.answers = [{ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no reader role' } } }];
    const error = await read().then(() => undefined, String);
    expect(error).toBe('LiveReadError: Azure could not be read (403): AuthorizationFailed: no reader role');
  });

  it('names the status where a gateway in between answers', async () => {
    arm.answers = [{ status: 407, body: '<html>' }];
    await expect(read()).rejects.toThrow(/^Azure could not be read \(407\)$/);
  });

  it.each(['http://127.0.0.1:1', 'management.azure.com', ''])('refuses the endpoint "%s"', async (endpoint) => {
    await expect(read({}, { endpoint })).rejects.toThrow('an https address is expected');
  });

  it('says that nobody answers', async () => {
    const { endpoint } = elsewhere;
    await elsewhere.stop();
    await expect(read({}, { endpoint })).rejects.toThrow(/^Azure could not be read: .*ECONNREFUSED/);
    await elsewhere.start();
  });
});
