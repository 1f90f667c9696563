/** The door of Event Grid: handshakes, one event, many, and what is none, answered as the real extension answers. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Host, startHost } from '../../../local/host/index.ts';
import { appFolder, removeAppFolders, seenBy } from './app-folder.ts';

const source = `
app.eventGrid('onEvent', { handler: async (event) => {
  seen.push({ one: event });
  if (event.subject === 'fail') throw new Error('on purpose');
} });
app.generic('onMany', { trigger: { type: 'eventGridTrigger', name: 'events', cardinality: 'many' },
  handler: async (events) => { seen.push({ many: events }); } });
`;

let folder: string;
let host: Host;

beforeAll(async () => {
  folder = await appFolder(source);
  host = await startHost({ root: folder });
});
beforeEach(() => void seenBy(folder).splice(0));
afterAll(async () => {
  await host?.stop();
  removeAppFolders();
});

function event(id: string, subject = 'a') {
  const eventTime = '2026-11-23T15:00:00.1234567Z';
  return { id, subject, eventType: 'Some.Event', eventTime, data: { deep: [1] }, dataVersion: '1' };
}

async function deliver(
  body: unknown,
  headers: Record<string, string> = {},
  name = 'onEvent',
  folderName = 'eventgrid',
) {
  return fetch(`${host.url}/runtime/webhooks/${folderName}?functionName=${name}`, {
    method: 'POST',
    headers: { 'aeg-event-type': 'Notification', 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('a delivery', () => {
  it('of one event, in a list or not, is one call with the event as it was sent, its time a string', async () => {
    expect((await deliver(event('1'))).status).toBe(202);
    expect((await deliver([event('2')])).status).toBe(202);
    expect(seenBy(folder)).toEqual([{ one: event('1') }, { one: event('2') }]);
  });

  it('of many is a call for each, or one where the function takes many', async () => {
    const events = ['1', '2', '3'].map((id) => event(id));
    expect((await deliver(events)).status).toBe(202);
    expect(seenBy(folder).splice(0)).toEqual(events.map((one) => ({ one })));
    expect((await deliver(events, {}, 'onMany')).status).toBe(202);
    expect(seenBy(folder)).toEqual([{ many: events }]);
  });

  it('is a failure where one of them fails, and all were tried', async () => {
    expect((await deliver([event('1'), event('2', 'fail'), event('3')])).status).toBe(500);
    expect(seenBy(folder)).toHaveLength(3);
  });

  it('may be a CloudEvent, or a batch of them', async () => {
    const cloud = {
      specversion: '1.0',
      id: '1',
      type: 'Some.Event',
      source: '/x',
      time: '2026-11-23T15:00:00Z',
      data: {},
    };
    for (const [type, body] of [
      ['application/cloudevents+json; charset=utf-8', cloud],
      ['application/cloudevents-batch+json', [cloud, { ...cloud, id: '2' }]],
    ] as const) {
      expect((await deliver(body, { 'content-type': type })).status).toBe(202);
    }
    expect(seenBy(folder)).toEqual(['1', '1', '2'].map((id) => ({ one: { ...cloud, id } })));
    const foreign = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=onEvent`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify(cloud),
    });
    expect(foreign.status).toBe(202);
  });

  it.each(['', 'no JSON', '"text"', '3', 'null', '[]', '[1]', '[null]'])(
    'of %j is refused, and calls nothing',
    async (body) => {
      expect((await deliver(body)).status).toBe(400);
      expect(seenBy(folder)).toEqual([]);
    },
  );

  it('finds its function, and the door, whatever the case', async () => {
    for (const name of ['EventGrid', 'EVENTGRID', 'eventgrid'])
      expect((await deliver(event('1'), {}, 'ONEVENT', name)).status).toBe(202);
    expect(seenBy(folder)).toHaveLength(3);
  });

  it('to a function that is not there is told so', async () => {
    const response = await deliver(event('1'), {}, 'other');
    expect([response.status, await response.text()]).toEqual([404, "cannot find function: 'other'"]);
    expect((await fetch(`${host.url}/runtime/webhooks/eventgrid`, { method: 'POST' })).status).toBe(404);
  });

  it('that does not say what it is for, or is for something else, is refused', async () => {
    expect((await deliver(event('1'), { 'aeg-event-type': 'Whatever' })).status).toBe(400);
    const unnamed = await fetch(`${host.url}/runtime/webhooks/eventgrid?functionName=onEvent`, {
      method: 'POST',
      body: JSON.stringify(event('1')),
    });
    expect(unnamed.status).toBe(400);
    expect(seenBy(folder)).toEqual([]);
  });
});

describe('the handshake', () => {
  const kind = { 'aeg-event-type': 'SubscriptionValidation' };

  it('repeats the code, and calls nothing', async () => {
    const response = await deliver([{ ...event('1'), data: { validationCode: 'the-code' } }], kind);
    expect([response.status, await response.json()]).toEqual([200, { validationResponse: 'the-code' }]);
    expect(seenBy(folder)).toEqual([]);
  });

  it('without a code is refused', async () => {
    expect((await deliver([event('1')], kind)).status).toBe(400);
    expect((await deliver('nothing', kind)).status).toBe(400);
  });

  it('of CloudEvents allows the origin that asks', async () => {
    const ask = (headers: Record<string, string>, name = 'onEvent') =>
      fetch(`${host.url}/runtime/webhooks/EventGrid?functionName=${name}`, { method: 'OPTIONS', headers });
    const response = await ask({ 'WebHook-Request-Origin': 'eventgrid.azure.net' });
    expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
    expect((await ask({})).status).toBe(400);
    expect((await ask({ 'WebHook-Request-Origin': 'eventgrid.azure.net' }, 'other')).status).toBe(404);
  });

  it('of the end is acknowledged', async () => {
    expect((await deliver('', { 'aeg-event-type': 'Unsubscribe' })).status).toBe(202);
    expect(seenBy(folder)).toEqual([]);
  });
});
