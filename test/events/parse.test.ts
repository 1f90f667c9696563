import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { MalformedEventError, parseEvents } from '../../lib/events/parse.ts';
import {
  canary,
  cloudEvent,
  eventGridEvent,
  type Json,
  notification,
  resourceData,
  routeId,
  withData,
  without,
} from './sample-events.ts';

const change = {
  eventId: 'event-1',
  resourceId: routeId,
  operation: 'Microsoft.Network/routeTables/routes/delete',
  kind: 'delete',
  time: '2026-11-23T15:04:05.123Z',
  correlationId: 'f1f2f3f4-0000-4000-8000-000000000002',
  principal: { id: '5f3b7d1e-0000-4000-8000-000000000001', type: 'User' },
};

async function refusal(body: unknown): Promise<string> {
  const error: unknown = await parseEvents(body).catch((thrown: unknown) => thrown);
  if (error instanceof MalformedEventError) return error.message;
  throw new Error('was not refused', { cause: error });
}

async function only(body: unknown) {
  const [parsed, ...more] = await parseEvents(body);
  expect(more).toEqual([]);
  return parsed;
}

function action(operationName: string): Json {
  return withData({ ...eventGridEvent, eventType: 'Microsoft.Resources.ResourceActionSuccess' }, { operationName });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('an event', () => {
  it.each([
    ["Event Grid's schema", eventGridEvent],
    ['CloudEvents', cloudEvent],
  ])('says what changed, when and by whom, in %s', async (_, event) => {
    expect(await only(event)).toEqual({ kind: 'change', change });
  });

  it('may come as text, alone or in a list of both schemas', async () => {
    expect(await only(JSON.stringify(eventGridEvent))).toEqual({ kind: 'change', change });
    const both = await parseEvents(JSON.stringify([eventGridEvent, cloudEvent]));
    expect(both).toEqual([
      { kind: 'change', change },
      { kind: 'change', change },
    ]);
  });

  it('may carry its data as bytes', async () => {
    const bytes = Buffer.from(JSON.stringify(resourceData)).toString('base64');
    expect(await only({ ...without(cloudEvent, 'data'), data_base64: bytes })).toEqual({ kind: 'change', change });
  });

  it.each([
    ['Microsoft.Resources.ResourceWriteSuccess', 'write'],
    ['Microsoft.Resources.ResourceDeleteSuccess', 'delete'],
    ['Microsoft.Resources.ResourceActionSuccess', 'action'],
    ['microsoft.resources.resourcewritesuccess', 'write'],
  ])('of the type %s is a %s', async (eventType, kind) => {
    expect(await only({ ...eventGridEvent, eventType })).toMatchObject({ kind: 'change', change: { kind } });
  });

  it('needs nothing of the envelope that nobody reads', async () => {
    const lean = ['topic', 'dataVersion', 'metadataVersion', 'subject'].reduce(without, eventGridEvent);
    expect(await only(lean)).toEqual({ kind: 'change', change });
  });

  it('has its subject where the data names no resource', async () => {
    const bare = { ...eventGridEvent, data: without(resourceData, 'resourceUri') };
    expect(await only(bare)).toEqual({ kind: 'change', change });
    expect(await only(withData(eventGridEvent, { resourceUri: '' }))).toEqual({ kind: 'change', change });
    expect(await only(withData(eventGridEvent, { resourceUri: null }))).toEqual({ kind: 'change', change });
  });

  it('keeps nothing of claims and requests', async () => {
    for (const event of [eventGridEvent, cloudEvent, notification]) {
      expect(JSON.stringify(await parseEvents(event))).not.toContain(canary);
    }
  });

  it.each([
    ['no evidence', { authorization: { evidence: null } }],
    ['an evidence without a principal', { authorization: { evidence: { role: 'Subscription Admin' } } }],
    ['a principal that is a name', { authorization: { evidence: { principalId: 'someone@example.com' } } }],
    ['an authorisation that is text', { authorization: '{"evidence":{}}' }],
  ])('with %s has no principal', async (_, data) => {
    const parsed = await only(withData(eventGridEvent, data));
    expect(parsed).toMatchObject({ kind: 'change' });
    expect(parsed).not.toHaveProperty('change.principal');
  });

  it.each([
    ['2026-11-23T15:04:05+02:00', '2026-11-23T13:04:05.000Z'],
    ['2026-11-23T15:04:05.9999999Z', '2026-11-23T15:04:05.999Z'],
    ['2026-11-23T15:04:05', '2026-11-23T15:04:05.000Z'],
  ])('of %s happened at %s, wherever it is read', async (eventTime, time) => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    expect(await only({ ...eventGridEvent, eventTime })).toMatchObject({ change: { time } });
  });
});

describe('a resource notification', () => {
  it.each([
    ['CreatedOrUpdated', 'write'],
    ['Deleted', 'delete'],
  ])('of the type %s is a %s of the resource that it names', async (name, kind) => {
    const type = `Microsoft.ResourceNotifications.Resources.${name}`;
    expect(await only({ ...notification, type })).toEqual({
      kind: 'change',
      change: { eventId: 'event-2', resourceId: routeId, operation: type, kind, time: '2026-11-23T15:04:06.000Z' },
    });
  });

  it('has its own time where the envelope has none', async () => {
    expect(await only(without(notification, 'time'))).toMatchObject({ change: { time: '2026-11-23T15:04:05.000Z' } });
  });

  it('is refused under the names that the SDK gives its parts', async () => {
    const renamed = { ...notification, data: { resourceDetails: { id: routeId } } };
    expect(await refusal(renamed)).toContain('data.resourceInfo');
  });
});

describe('an event is ignored', () => {
  it.each([
    'Microsoft.EventGrid.SubscriptionDeletedEvent',
    'Microsoft.Storage.BlobCreated',
    'Microsoft.Resources.ResourceWriteSuccessful',
  ])('for its type %s, whatever it holds', async (eventType) => {
    const ignored = { kind: 'ignored', type: eventType, reason: 'type' };
    expect(await only({ ...eventGridEvent, eventType })).toEqual(ignored);
    expect(await only({ ...eventGridEvent, eventType, data: null, eventTime: 'once' })).toEqual(ignored);
    expect(await only(without({ ...eventGridEvent, eventType }, 'data'))).toEqual(ignored);
  });

  it.each(['WriteFailure', 'WriteCancel', 'DeleteFailure', 'DeleteCancel', 'ActionFailure', 'ActionCancel'])(
    'for being a %s',
    async (name) => {
      const type = `Microsoft.Resources.Resource${name}`;
      expect(await only({ ...cloudEvent, type })).toEqual({ kind: 'ignored', type, reason: 'notSuccess' });
    },
  );

  it.each([
    'Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action',
    'Microsoft.Network/virtualHubs/effectiveRoutes/action',
    'Microsoft.Network/virtualHubs/bgpConnections/learnedRoutes/action',
    'Microsoft.Network/networkInterfaces/effectiveRouteTable/action',
    'Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/action',
    'Microsoft.ResourceGraph/resources/action',
    'Microsoft.ResourceGraph/resources/read',
    'Microsoft.ApiManagement/service/performConnectivityCheckAsync/action',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    'Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action',
    'microsoft.network/virtualnetworkgateways/GETLEARNEDROUTES/ACTION',
  ])('for asking only: %s', async (operation) => {
    expect(await only(action(operation))).toMatchObject({ kind: 'ignored', reason: 'ownRead' });
  });

  it.each([
    'Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action',
    'Microsoft.Network/virtualNetworkGateways/reset/action',
    'Microsoft.Resources/resources/action',
  ])('never for doing something: %s', async (operation) => {
    expect(await only(action(operation))).toMatchObject({ kind: 'change', change: { kind: 'action', operation } });
  });

  it('never as a question where it is a write', async () => {
    const write = { ...eventGridEvent, eventType: 'Microsoft.Resources.ResourceWriteSuccess' };
    const operationName = 'Microsoft.Network/virtualNetworks/subnets/join/action';
    expect(await only(withData(write, { operationName }))).toMatchObject({ kind: 'change' });
  });
});

describe('an event is refused', () => {
  it.each<[string, unknown, string]>([
    ['text that is no JSON', `{"id": "${canary}"`, 'the body is no JSON'],
    ['nothing', undefined, 'no object'],
    ['null', null, 'no object'],
    ['a list in a list', [[eventGridEvent]], 'no object'],
    ['an object that is no event', {}, 'eventType'],
    ['no id', without(eventGridEvent, 'id'), 'id is missing'],
    ['an empty id', { ...eventGridEvent, id: '' }, 'id or type is empty'],
    ['a type that is no text', { ...eventGridEvent, eventType: 7 }, 'eventType'],
    ['no source', without(cloudEvent, 'source'), 'source is missing'],
    ['another version of CloudEvents', { ...cloudEvent, specversion: '0.3' }, 'CloudEvent 1.0'],
    ['no data', without(eventGridEvent, 'data'), 'data is missing'],
    ['data that is null', { ...cloudEvent, data: null }, 'data is missing'],
    ['data that is text', { ...cloudEvent, data: canary }, 'data is missing'],
    ['bytes that are no JSON', { ...without(cloudEvent, 'data'), data_base64: 'AAAA' }, 'data_base64'],
    ['no time', without(cloudEvent, 'time'), 'time'],
    ['a time that is none', { ...eventGridEvent, eventTime: canary }, 'time'],
    ['a day that is none', { ...cloudEvent, time: '2026-02-30T00:00:00Z' }, 'time'],
    ['a time that is a number', { ...eventGridEvent, eventTime: 5 }, 'eventTime'],
    ['a time that only looks like one', { ...eventGridEvent, eventTime: '5' }, 'time'],
    ['no operation', withData(eventGridEvent, { operationName: null }), 'data.operationName'],
    ['a resource that is no id', withData(eventGridEvent, { resourceUri: canary }), 'data.resourceUri'],
    ['an id of several lines', withData(eventGridEvent, { resourceUri: `/a\n${canary}` }), 'data.resourceUri'],
    ['an id without end', withData(eventGridEvent, { resourceUri: `/${'a'.repeat(3000)}` }), 'data.resourceUri'],
    ['no resource', { ...withData(eventGridEvent, { resourceUri: null }), subject: '' }, 'data.resourceUri'],
    ['a notification of nothing', withData(notification, { resourceInfo: {} }), 'data.resourceInfo.id'],
  ])('for %s, in one line that names it', async (_, body, fault) => {
    const message = await refusal(body);
    expect(message).toContain(fault);
    expect(message).not.toContain(canary);
    expect(message).not.toContain('\n');
  });

  it('with all that it came with, and is named by its place', async () => {
    expect(await refusal([eventGridEvent, without(cloudEvent, 'time'), cloudEvent])).toMatch(/^event 2 of 3 /);
  });

  it('or read, and nothing else, whatever it is', async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom(routeId, '1.0', cloudEvent.type, cloudEvent.time, resourceData),
    );
    const names = fc.constantFrom(
      'specversion',
      'id',
      'source',
      'type',
      'eventType',
      'time',
      'eventTime',
      'data',
      'subject',
    );
    const event = fc
      .dictionary(names, value)
      .chain((fields) => fc.constantFrom(eventGridEvent, cloudEvent).map((whole) => ({ ...whole, ...fields })));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.string(), event), async (body) => {
        const outcome: unknown = await parseEvents(body).catch((error: unknown) => error);
        expect(Array.isArray(outcome) || outcome instanceof MalformedEventError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

const samples = '../shared/corpus/azure-rest-api-specs/eventgrid-events';

describe.runIf(existsSync(samples))("Microsoft's own samples", () => {
  it('are read, each as what its name says', async () => {
    const files = readdirSync(samples).sort();
    const bodies = files.map((file) => readFileSync(`${samples}/${file}`, 'utf8'));
    const parsed = await Promise.all(bodies.map(only));
    expect(files.map((file, index) => [file, parsed[index]])).toMatchObject([
      // Somebody listed the keys of an event hub: a question.
      ['resource_action_success.json', { kind: 'ignored', reason: 'ownRead' }],
      ['resource_delete_success.json', { change: { kind: 'delete', time: '2018-07-19T19:24:12.763Z' } }],
      ['resource_write_success.json', { change: { kind: 'write', time: '2018-07-19T18:38:04.611Z' } }],
    ]);
  });
});
