/**
 * Events a second through the door of `onResourceChange`, one request each, 16 at a time: of a resource that nobody read, and of one
 * table, whose deployment is marked once. The peer is the storage itself: as many single look-ups as such an event costs.
 */
import { TableClient } from '@azure/data-tables';
import { keysOf } from '../../lib/events/keys.ts';
import type { LocalWatcher } from '../../local/watcher.ts';
import { type Claim, type Result, times } from '../claim.ts';
import { startForBench } from './local.ts';
import { eventOf } from './local-event.ts';

const events = 1_500;
const width = 16;

async function perSecond(count: number, one: (index: number) => Promise<void>): Promise<number> {
  let next = 0;
  const start = performance.now();
  const worker = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: width }, worker));
  return count / ((performance.now() - start) / 1000);
}

function deliver({ host }: LocalWatcher, idOf: (index: number) => string): (index: number) => Promise<void> {
  const url = `${host.url}/runtime/webhooks/eventgrid?functionName=onResourceChange`;
  const headers = { 'aeg-event-type': 'Notification', 'content-type': 'application/json' };
  return async (index) => {
    const body = JSON.stringify([eventOf(idOf(index), `${idOf(index)}-${index}`)]);
    const response = await fetch(url, { method: 'POST', headers, body });
    if (response.status !== 202) throw new Error(`an event was answered with ${response.status}`);
  };
}

async function run(): Promise<Result[]> {
  const watcher = await startForBench(1, { settleSeconds: 30 });
  try {
    const table = String(watcher.azure.store.all().find(({ type }) => /routeTables$/i.test(String(type)))?.id);
    const nobodys = (index: number): string =>
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-${index}`;
    const lookUps = keysOf(nobodys(0)).length;
    const client = TableClient.fromConnectionString(watcher.storage.connectionString, 'tunnelwatch', {
      allowInsecureConnection: true,
    });
    const storage = await perSecond(events, async (index) => {
      for (let key = 0; key < lookUps; key++) {
        for await (const _ of client.listEntities({
          queryOptions: { filter: `PartitionKey eq 'none-${index}-${key}'` },
        }));
      }
    });
    const reads = watcher.azure.requests.length;
    const irrelevant = await perSecond(events, deliver(watcher, nobodys));
    if (watcher.azure.requests.length !== reads) throw new Error('an irrelevant event asked Azure');
    const onTable = await perSecond(
      events,
      deliver(watcher, () => table),
    );
    const ratio = irrelevant / storage;
    return [
      {
        claim: `events of no concern through onResourceChange, against their ${lookUps} look-ups in the storage alone (${Math.round(irrelevant)}/s and ${Math.round(storage)}/s; no Azure call)`,
        bar: '>= 0.3 x',
        measured: times(ratio),
        holds: ratio >= 0.3,
      },
      {
        claim: 'events of one watched table through onResourceChange',
        bar: '>= 100 a second',
        measured: `${Math.round(onTable)}/s`,
        holds: onTable >= 100,
      },
    ];
  } finally {
    await watcher.stop();
  }
}

export const acceptedEvents: Claim = { name: 'accepted-events', run };
