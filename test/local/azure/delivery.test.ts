/** How Event Grid delivers, as a subscriber sees it. */
import { afterEach, describe, expect, it } from 'vitest';
import { EventGrid } from '../../../local/azure/delivery.ts';
import { resourceEvent } from '../../../local/azure/events.ts';
import { parseResourceId } from '../../../local/azure/ids.ts';
import { ids } from '../../support/broken-estate.ts';
import type { Json } from './started.ts';
import { type Delivered, stopSubscribers, subscriber } from './subscriber.ts';

afterEach(stopSubscribers);

function raise(grid: EventGrid, ...names: string[]): void {
  for (const name of names) {
    const id = parseResourceId(`${ids.table}/routes/${name}`);
    if (id) grid.raise(resourceEvent({ kind: 'write', id }, 'canary'));
  }
}

/** Last segments of the subjects, delivery by delivery. */
function namesIn(deliveries: readonly Delivered[]): string[][] {
  return deliveries.map(({ body }) =>
    [body].flat().map(
      (event) =>
        String((event as Json).subject)
          .split('/')
          .at(-1) ?? '',
    ),
  );
}

describe('a delivery', () => {
  it('is a list of one in the schema of Event Grid, and the event itself as a CloudEvent', async () => {
    const grid = new EventGrid();
    const [plain, cloud] = [await subscriber(), await subscriber()];
    await grid.subscribe({ endpoint: plain.url });
    await grid.subscribe({ endpoint: cloud.url, schema: 'CloudEventSchemaV1_0' });
    raise(grid, 'a');
    await grid.idle();
    expect(plain.deliveries).toMatchObject([
      {
        headers: { 'aeg-event-type': 'Notification', 'aeg-delivery-count': '0' },
        body: [{ eventType: expect.any(String) }],
      },
    ]);
    expect(cloud.deliveries).toMatchObject([
      {
        headers: { 'content-type': expect.stringContaining('application/cloudevents+json') },
        body: { specversion: '1.0', type: 'Microsoft.Resources.ResourceWriteSuccess', source: expect.any(String) },
      },
    ]);
  });

  it('holds as many events as it may', async () => {
    const grid = new EventGrid();
    const { url, deliveries } = await subscriber();
    await grid.subscribe({ endpoint: url, schema: 'CloudEventSchemaV1_0', batch: 3 });
    raise(grid, 'a', 'b', 'c', 'd');
    await grid.idle();
    expect(namesIn(deliveries).map((names) => names.length)).toEqual([3, 1]);
    expect(deliveries[0]?.headers['content-type']).toContain('application/cloudevents-batch+json');
  });

  it.each([201, 202, 204])('answered with %d is done', async (status) => {
    const grid = new EventGrid();
    const { url, deliveries } = await subscriber(status);
    const { counts, deadLetters } = await grid.subscribe({ endpoint: url, retryMs: [1] });
    raise(grid, 'a');
    await grid.idle();
    expect([deliveries.length, counts.delivered, deadLetters.length]).toEqual([1, 1, 0]);
  });

  it.each([400, 401, 403, 413])('answered with %d is not tried again, but kept', async (status) => {
    const grid = new EventGrid();
    const { url, deliveries } = await subscriber(status);
    const { counts, deadLetters } = await grid.subscribe({ endpoint: url, retryMs: [1, 1] });
    raise(grid, 'a');
    await grid.idle();
    expect([deliveries.length, counts.delivered]).toEqual([1, 0]);
    expect(deadLetters).toMatchObject([{ reason: String(status), events: [{ subject: `${ids.table}/routes/a` }] }]);
  });

  it.each([206, 302, 404, 408, 429, 500, 503])(
    'answered with %d is tried again, and kept when that is over',
    async (status) => {
      const grid = new EventGrid();
      const { url, deliveries } = await subscriber(status, status, status);
      const { counts, deadLetters } = await grid.subscribe({ endpoint: url, retryMs: [1, 1] });
      raise(grid, 'a');
      await grid.idle();
      expect(deliveries.map(({ headers }) => headers['aeg-delivery-count'])).toEqual(['0', '1', '2']);
      expect(new Set(deliveries.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect([counts.delivered, counts.attempts, deadLetters.map(({ reason }) => reason)]).toEqual([
        0,
        3,
        [String(status)],
      ]);
    },
  );

  it('that nobody takes is tried again', async () => {
    const grid = new EventGrid();
    let tries = 0;
    const endpoint = async (): Promise<void> => {
      if (++tries < 3) throw new Error('the queue is away');
    };
    const { counts } = await grid.subscribe({ endpoint, retryMs: [1, 1, 1] });
    raise(grid, 'a');
    await grid.idle();
    expect([tries, counts.delivered]).toEqual([3, 1]);
  });

  it('waits while deliveries are paused, and nothing is due meanwhile', async () => {
    const grid = new EventGrid();
    const { url, deliveries } = await subscriber(503);
    const subscription = await grid.subscribe({ endpoint: url, retryMs: [20, 20] });
    raise(grid, 'a');
    while (deliveries.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    subscription.pause();
    raise(grid, 'b', 'c');
    await grid.idle();
    expect(namesIn(deliveries)).toEqual([['a']]);
    subscription.resume();
    await grid.idle();
    expect(namesIn(deliveries).flat().sort()).toEqual(['a', 'a', 'b', 'c']);
    expect(subscription.counts.delivered).toBe(3);
  });

  it('is no more when all is stopped', async () => {
    const grid = new EventGrid();
    const { url, deliveries } = await subscriber();
    const { deadLetters } = await grid.subscribe({ endpoint: url, reorderMs: 60_000 });
    raise(grid, 'a', 'b');
    grid.stop();
    await grid.idle();
    expect([deliveries, deadLetters]).toEqual([[], []]);
  });
});

describe('trouble', () => {
  const names = Array.from({ length: 40 }, (_, index) => `r${index}`);
  async function deliveredWith(trouble: object): Promise<{ readonly order: string[]; readonly dropped: number }> {
    const grid = new EventGrid();
    const order: string[] = [];
    const endpoint = async ({ subject }: Json): Promise<void> =>
      void order.push(String(subject).split('/').at(-1) ?? '');
    const { counts } = await grid.subscribe({ endpoint, ...trouble });
    raise(grid, ...names);
    await grid.idle();
    return { order, dropped: counts.dropped };
  }

  it('is none unless it is asked for', async () => {
    expect(await deliveredWith({})).toEqual({ order: names, dropped: 0 });
  });

  it('repeats some events, under the same id', async () => {
    const { order } = await deliveredWith({ duplicates: 0.5 });
    expect(new Set(order)).toEqual(new Set(names));
    expect(order.length).toBeGreaterThan(50);
  });

  it('loses some events for good, the same ones for the same seed', async () => {
    const { order, dropped } = await deliveredWith({ drops: 0.3, seed: 5 });
    expect(dropped).toBeGreaterThan(3);
    expect(order.length).toBe(names.length - dropped);
    expect((await deliveredWith({ drops: 0.3, seed: 5 })).order).toEqual(order);
    expect((await deliveredWith({ drops: 0.3, seed: 6 })).order).not.toEqual(order);
  });

  it('changes their order', async () => {
    const { order } = await deliveredWith({ reorderMs: 60 });
    expect([...order].sort()).toEqual([...names].sort());
    expect(order).not.toEqual(names);
  });
});
