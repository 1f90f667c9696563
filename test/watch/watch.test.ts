/** The steps of the watcher, called one by one over real storage, with a clock that the test sets. */
import { randomBytes } from 'node:crypto';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Telemetry } from '../../lib/alerts/telemetry.ts';
import { commitState, findState, forgetHistory, historyOfDeployment } from '../../lib/drift/deployment-store.ts';
import { markPending } from '../../lib/drift/pending.ts';
import { readersOf } from '../../lib/drift/read-index.ts';
import { deliverDue, requeueLost } from '../../lib/watch/deliver-due.ts';
import { evaluateDue } from '../../lib/watch/evaluate-due.ts';
import { onEvents } from '../../lib/watch/on-events.ts';
import { keepPoisonMessage } from '../../lib/watch/on-poison.ts';
import { sweep } from '../../lib/watch/sweep.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';
import { type Receiver, startReceiver } from '../../local/receiver.ts';
import { type LocalStorage, startStorage } from '../../local/storage.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { webhookAlerts } from './alerts.ts';
import { Colleague, propertiesOf } from './colleague.ts';
import { openSettled, type Schedule, SetClock, takeNext } from './settled.ts';

const sound = brokenEstate([]);
const certificate = selfSigned();
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const deployment = `${ids.service.toLowerCase()}|westeurope`;
const controlPlane = `${ids.table}/routes/control-plane`;
const hour = 3600_000;

let storage: LocalStorage;
let azure: SimulatedAzure;
let receiver: Receiver;
let environment: Record<string, string>;
let clock: SetClock;
let schedule: Schedule;
let watcher: Awaited<ReturnType<typeof openSettled>>['watcher'];
const before = { ...process.env };

beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
afterAll(() => setDefaultCACertificates([...rootCertificates]));

beforeEach(async () => {
  [storage, azure, receiver] = await Promise.all([
    startStorage(),
    startAzure({ resources: sound.resources, certificate }),
    startReceiver({ secret, certificate, anyTime: true }),
  ]);
  environment = {
    AzureWebJobsStorage: storage.connectionString,
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    TUNNELWATCH_WEBHOOK_URL: receiver.webhookUrl,
    TUNNELWATCH_WEBHOOK_SECRET: secret,
    TUNNELWATCH_TEAMS_WEBHOOK_URL: receiver.teamsUrl,
    TUNNELWATCH_SETTLE_SECONDS: '10',
    TUNNELWATCH_POLICY: JSON.stringify({ clients: ['20.10.0.0/24'] }),
    ...azure.environment,
  };
  Object.assign(process.env, azure.environment);
  clock = new SetClock(new Date());
  ({ watcher, schedule } = await openSettled(environment, clock));
});
afterEach(async () => {
  await Promise.all([azure.stop(), receiver.stop(), storage.stop()]);
  process.env = { ...before };
});

/** Does all that is due, however far away. @returns how many messages */
async function work(): Promise<number> {
  for (let done = 0; ; done++) {
    const evaluation = takeNext(schedule.evaluations, clock);
    if (evaluation) {
      await evaluateDue(watcher, evaluation);
      continue;
    }
    const alert = takeNext(schedule.alerts, clock);
    if (!alert) return done;
    await deliverDue(watcher, alert);
  }
}

async function seeEstate(): Promise<void> {
  await sweep(watcher);
  await work();
  receiver.received.length = 0;
}

/** The event of a deletion, by default of the control plane route. */
function eventOf(
  id: string,
  resourceUri = controlPlane,
  operationName = 'Microsoft.Network/routeTables/routes/delete',
): Record<string, unknown> {
  return {
    id,
    eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
    subject: resourceUri,
    eventTime: new Date().toISOString(),
    data: { resourceUri, operationName },
  };
}

const kinds = (): string[] => webhookAlerts(receiver.received).map(({ kind }) => kind);

describe('a receiver that is down for an hour', () => {
  it('gets the alert once when it is back, tried with growing waits under one id, while the other had it at once', async () => {
    await seeEstate();
    receiver.answer('webhook', 503);
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    const down = clock.now().getTime();
    const waits: number[] = [];
    let lastTry = down;
    for (;;) {
      const evaluation = takeNext(schedule.evaluations, clock);
      if (evaluation) {
        await evaluateDue(watcher, evaluation);
        continue;
      }
      const message = takeNext(schedule.alerts, clock);
      if (!message) break;
      if (clock.now().getTime() - down > hour) receiver.recover();
      const delivered = await deliverDue(watcher, message);
      if (delivered.kind !== 'postponed') continue;
      waits.push(clock.now().getTime() - lastTry);
      lastTry = clock.now().getTime();
    }
    expect(kinds()).toEqual(['opened']);
    expect(receiver.received.filter(({ channel }) => channel === 'teams')).toHaveLength(1);
    const tries = receiver.raw.filter((text) => text.includes('drift.opened'));
    expect(new Set(tries.map((text) => /"webhook-id":"([^"]+)"/.exec(text)?.[1])).size).toBe(1);
    expect(tries.length).toBeGreaterThan(4);
    expect(tries.length).toBeLessThan(12);
    const later = waits.slice(1);
    expect(later).toEqual([...later].sort((a, b) => a - b));
  });

  it('is asked again when it says so, not before', async () => {
    await seeEstate();
    receiver.answer('webhook', 429, 1, { 'Retry-After': '1200' });
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    const from = clock.now().getTime();
    await work();
    expect(kinds()).toEqual(['opened']);
    expect(clock.now().getTime() - from).toBeGreaterThanOrEqual(1_200_000);
  });

  it('is given up after three days: recorded, and open to a replay', async () => {
    await seeEstate();
    receiver.answer('webhook', 503);
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    const from = clock.now().getTime();
    await work();
    expect(clock.now().getTime() - from).toBeGreaterThan(72 * hour);
    const { listPoison } = await import('../../lib/drift/poison.ts');
    expect((await listPoison(watcher.storage)).map(({ queue }) => queue)).toEqual(['alerts']);
  });
});

describe('an alert whose message is lost', () => {
  it('is sent by the next sweep', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    const evaluation = takeNext(schedule.evaluations, clock);
    if (evaluation) await evaluateDue(watcher, evaluation);
    schedule.alerts.length = 0;
    expect((await requeueLost(watcher)).queued).toBe(0);
    clock.advance(6 * 60_000);
    expect((await requeueLost(watcher)).queued).toBe(2);
    await work();
    expect(kinds()).toEqual(['opened']);
  });
});

describe('what waits', () => {
  it('is told by the sweep as late as it is, also while Azure cannot be read', async () => {
    await seeEstate();
    const told: [string, Readonly<Record<string, number>> | undefined][] = [];
    const telemetry: Telemetry = {
      event: (name, { queue }, measurements) => {
        if (name === 'TunnelBacklog') told.push([queue ?? '', measurements]);
      },
      metric: () => {},
      flush: async () => true,
    };
    const observed = { ...watcher, telemetry };
    await sweep(observed);
    const nothing = { oldestSeconds: 0, poisoned: 0 };
    expect(told.splice(0)).toEqual([
      ['changes', nothing],
      ['evaluate', nothing],
      ['alerts', nothing],
    ]);
    await onEvents(watcher, eventOf('1'));
    await keepPoisonMessage(watcher, 'alerts', '{}', 'not now');
    clock.advance(15 * 60_000);
    azure.faults.add({ match: /./, kind: 'status', status: 400 });
    await expect(sweep(observed)).rejects.toThrow();
    expect(told).toEqual([
      ['changes', nothing],
      // Due ten seconds after the event.
      ['evaluate', { oldestSeconds: 890, poisoned: 0 }],
      ['alerts', { oldestSeconds: 0, poisoned: 1 }],
    ]);
  });
});

describe('a mark', () => {
  it('whose message is lost gets another one from the sweep', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    schedule.evaluations.length = 0;
    await onEvents(watcher, eventOf('2'));
    expect(schedule.evaluations).toEqual([]);
    clock.advance(10 * 60_000);
    await sweep(watcher);
    await work();
    expect(kinds()).toEqual(['opened']);
  });

  it('is worked on at its time, however many messages come before, and none of them is dropped', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    expect(await evaluateDue(watcher, { deployment })).toEqual({ kind: 'tooEarly' });
    expect(await evaluateDue(watcher, { deployment })).toEqual({ kind: 'tooEarly' });
    // Even without the mark's own message.
    schedule.evaluations.shift();
    const from = clock.now().getTime();
    const [first, second] = [takeNext(schedule.evaluations, clock), takeNext(schedule.evaluations, clock)];
    expect(clock.now().getTime() - from).toBe(10_000);
    expect(first && (await evaluateDue(watcher, first))).toMatchObject({ kind: 'evaluated' });
    expect(second && (await evaluateDue(watcher, second))).toEqual({ kind: 'nothingPending' });
    await work();
    expect(kinds()).toEqual(['opened']);
  });

  it('that is set while Azure is being read makes another evaluation', async () => {
    await seeEstate();
    await onEvents(watcher, eventOf('1'));
    const message = takeNext(schedule.evaluations, clock);
    azure.faults.latencyMs = 150;
    const running = message && evaluateDue(watcher, message);
    await new Promise((resolve) => setTimeout(resolve, 60));
    azure.faults.latencyMs = 0;
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('2'));
    await running;
    expect(schedule.evaluations).toHaveLength(1);
    await work();
    expect(kinds()).toEqual(['opened']);
  });

  it('is one for a burst of events, however many handlers take them', async () => {
    await seeEstate();
    await Promise.all(Array.from({ length: 60 }, (_, number) => onEvents(watcher, eventOf(`burst-${number}`))));
    expect(schedule.evaluations).toHaveLength(1);
  });
});

describe('two evaluators on one deployment', () => {
  it('make one alert, and the state of whoever read last', async () => {
    await seeEstate();
    const other = await openSettled(environment, clock);
    for (const isGone of [true, false, true]) {
      const colleague = new Colleague(azure);
      const route = {
        id: controlPlane,
        name: 'control-plane',
        properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' },
      };
      await (isGone ? colleague.remove(controlPlane) : colleague.put(route));
      receiver.received.length = 0;
      azure.faults.latencyMs = 5;
      await markPending(watcher.storage, watcher.queues, clock, deployment, [], 0);
      schedule.evaluations.length = 0;
      await Promise.all([evaluateDue(watcher, { deployment }), evaluateDue(other.watcher, { deployment })]);
      schedule.alerts.push(...other.schedule.alerts.splice(0));
      await work();
      expect(kinds()).toEqual([isGone ? 'opened' : 'resolved']);
      const { stored } = await findState(watcher.storage, deployment);
      expect(stored?.state.open.map(({ requirement }) => requirement)).toEqual(isGone ? ['control-plane-route'] : []);
    }
  });

  it('cannot both replace the same state', async () => {
    await seeEstate();
    const { stored, etag } = await findState(watcher.storage, deployment);
    if (!stored || etag === undefined) throw new Error('there is no state');
    const commit = { state: stored.state, replaces: etag, outbox: [] };
    expect(await commitState(watcher.storage, commit)).toBe(true);
    expect(await commitState(watcher.storage, commit)).toBe(false);
    expect(await commitState(watcher.storage, { state: stored.state, outbox: [] })).toBe(false);
  });
});

describe('the index of reads', () => {
  it('holds what the deployment read, what was not there included, and forgets what it no longer needs', async () => {
    await seeEstate();
    const readers = async (id: string) => (await readersOf(watcher.storage, [id.toLowerCase()])).get(id.toLowerCase());
    expect(await readers(ids.table)).toEqual([deployment]);
    const network = azure.store.all().find(({ id }) => id === ids.network);
    const other = `${ids.table}-gone`;
    const subnets = [{ ...(propertiesOf(network) as { subnets: Record<string, unknown>[] }).subnets[0] }];
    const changed = structuredClone({ ...network, properties: { ...(network?.properties as object), subnets } });
    const [subnet] = (changed.properties as { subnets: { properties: Record<string, unknown> }[] }).subnets;
    if (subnet) subnet.properties = { ...subnet.properties, routeTable: { id: other } };
    await new Colleague(azure).put(changed);
    await onEvents(watcher, { ...eventOf('1'), data: { resourceUri: ids.network, operationName: 'x/write' } });
    await work();
    expect(await readers(ids.table)).toEqual([]);
    expect(await readers(other)).toEqual([deployment]);
  });
});

describe('a row of the index that an evaluation left behind', () => {
  it('costs one evaluation, and is gone then', async () => {
    await seeEstate();
    const { addReads } = await import('../../lib/drift/read-index.ts');
    const stray = `${ids.table}-stray`.toLowerCase();
    await addReads(watcher.storage, deployment, [stray]);
    const event = {
      ...eventOf('1'),
      data: { resourceUri: stray, operationName: 'Microsoft.Network/routeTables/write' },
    };
    expect(await onEvents(watcher, event)).toMatchObject({ queued: 1 });
    await work();
    expect(await onEvents(watcher, { ...event, id: '2' })).toMatchObject({ queued: 0, irrelevant: 1 });
  });
});

describe('what stands open', () => {
  it('is said again after the reminder hours, once', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    await work();
    receiver.received.length = 0;
    clock.advance(23 * hour);
    await sweep(watcher);
    await work();
    expect(kinds()).toEqual([]);
    clock.advance(2 * hour);
    await sweep(watcher);
    await work();
    await sweep(watcher);
    await work();
    expect(kinds()).toEqual(['reminder']);
  });

  it('is remembered until it is old', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    await work();
    const lines: string[] = [];
    for await (const { verdict } of historyOfDeployment(watcher.storage, deployment)) lines.push(verdict);
    expect(lines).toEqual(['nonCompliant', 'compliant']);
    expect(await forgetHistory(watcher.storage, new Date(clock.now().getTime() - 90 * 24 * hour))).toBe(0);
    expect(await forgetHistory(watcher.storage, new Date(clock.now().getTime() + hour))).toBe(2);
  });

  it('ends with its deployment, and history says so', async () => {
    await seeEstate();
    const colleague = new Colleague(azure);
    await colleague.remove(ids.service);
    await onEvents(watcher, eventOf('1', ids.service, 'Microsoft.ApiManagement/service/delete'));
    await work();
    const lines: string[] = [];
    for await (const { verdict } of historyOfDeployment(watcher.storage, deployment)) lines.push(verdict);
    expect(lines).toEqual(['gone', 'compliant']);
  });
});

describe('Azure that cannot be read', () => {
  it('makes the verdict unknown after the last try, keeps what was open, and is tried again by the sweep', async () => {
    await seeEstate();
    await new Colleague(azure).remove(controlPlane);
    await onEvents(watcher, eventOf('1'));
    await work();
    azure.faults.add({ match: /^GET .*networkSecurityGroups/i, kind: 'truncate' });
    await onEvents(watcher, eventOf('2'));
    await work();
    const { stored } = await findState(watcher.storage, deployment);
    expect(stored?.state.verdict).toBe('unknown');
    expect(stored?.state.unread?.reason).toContain('could not be read');
    expect(stored?.state.open.map(({ requirement }) => requirement)).toEqual(['control-plane-route']);
    azure.faults.clear();
    await sweep(watcher);
    await work();
    expect((await findState(watcher.storage, deployment)).stored?.state.verdict).toBe('nonCompliant');
  });
});

describe('an event inside a service', () => {
  it('wakes nobody: an API moves no packet', async () => {
    await seeEstate();
    const outcome = await onEvents(watcher, {
      ...eventOf('1'),
      data: { resourceUri: `${ids.service}/apis/echo`, operationName: 'Microsoft.ApiManagement/service/apis/write' },
    });
    expect(outcome).toMatchObject({ queued: 0, irrelevant: 1 });
    expect(schedule.evaluations).toEqual([]);
  });
});
