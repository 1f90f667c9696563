/** The trace over HTTP: what the command line says, and never more certain than what could be read. */
import { describe, expect, it } from 'vitest';
import { traceRange } from '../../lib/audit/trace.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import type { LocalWatcher } from '../../local/watcher.ts';
import { ids } from '../support/broken-estate.ts';
import { sound, start } from './started.ts';

interface Asked {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  readonly headers: Headers;
}

async function trace({ host }: LocalWatcher, query: string, accept = 'application/json'): Promise<Asked> {
  const headers = { 'x-functions-key': host.key, Accept: accept };
  const response = await fetch(`${host.url}/api/trace?${query}`, { headers });
  const { status, headers: answered } = response;
  return { status, type: answered.get('content-type'), text: await response.text(), headers: answered };
}

const otherSubscription = '99999999-9999-9999-9999-999999999999';

describe('the trace', () => {
  it('says what the same estate in a file says, of API Management where no subnet is named', async () => {
    const { watcher } = await start();
    const asked = await trace(watcher, 'to=ApiManagement');
    const estate = estateFromResources(sound.resources, { kind: 'file', name: 'test' });
    const expected = traceRange(estate, ids.subnet, 'ApiManagement', { tagsFor: bundledTagsFor });
    expect(JSON.parse(asked.text).pieces).toEqual(JSON.parse(JSON.stringify(expected.pieces)));
    expect(asked.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('asks no service what it observes, and Azure nothing where nothing is asked', async () => {
    const { watcher } = await start();
    const before = watcher.azure.requests.length;
    expect((await trace(watcher, '')).status).toBe(400);
    expect(watcher.azure.requests.slice(before)).toEqual([]);
    await trace(watcher, 'to=8.8.8.8');
    expect(watcher.azure.requests.slice(before).map(({ path }) => path)).not.toContainEqual(
      expect.stringMatching(/networkstatus/i),
    );
  });

  it('says what cannot be traced, and where Azure cannot be read, to programs and to people', async () => {
    const { watcher } = await start();
    const nonsense = await trace(watcher, 'to=nonsense');
    expect([nonsense.status, nonsense.type]).toEqual([400, 'application/problem+json']);
    watcher.azure.faults.add({ match: /ResourceGraph/i, kind: 'status', status: 403, code: 'AuthorizationFailed' });
    expect((await trace(watcher, 'to=8.8.8.8')).status).toBe(502);
    const page = await trace(watcher, 'to=8.8.8.8', 'text/html');
    expect([page.status, page.type]).toEqual([502, 'text/html; charset=utf-8']);
    expect(page.text).toContain('role="alert"');
  });

  it('names a subscription that it may not see among what is not certain', async () => {
    const [own] = /[0-9a-f-]{36}/.exec(ids.subnet) ?? [];
    const { watcher } = await start({ environment: { TUNNELWATCH_SCOPES: `${own},${otherSubscription}` } });
    const { notSeen } = JSON.parse((await trace(watcher, 'to=8.8.8.8')).text) as { notSeen: string[] };
    expect(notSeen).toContainEqual(expect.stringContaining(otherSubscription));
  });
});
