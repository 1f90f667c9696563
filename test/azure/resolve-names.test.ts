/** Resolving names, against a real DNS server on loopback. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openResolver } from '../../lib/azure/resolve-names.ts';
import { type NameServer, startNameServer } from '../support/name-server.ts';

const store = 'store.blob.core.windows.net';
let server: NameServer;
let now = new Date('2026-11-23T15:00:00Z');
const clock = { now: () => now };

beforeEach(async () => {
  now = new Date('2026-11-23T15:00:00Z');
  server = await startNameServer({
    [store]: { addresses: ['20.150.1.2', '20.150.1.1'], alias: 'store.privatelink.blob.core.windows.net', ttl: 120 },
    'brief.example.com': { addresses: ['20.1.1.1'], ttl: 1 },
    'long.example.com': { addresses: ['20.1.1.2'], ttl: 86_400 },
    'empty.example.com': {},
    'silent.example.com': 'silent',
  });
});
afterEach(() => server.stop());

const open = (more: { totalMilliseconds?: number } = {}) =>
  openResolver({ clock, servers: [server.address], timeoutMilliseconds: 300, ...more });

describe('a name', () => {
  it('is its addresses, sorted, and what it is an alias of', async () => {
    expect(await open()([store])).toEqual([
      {
        domainName: store,
        addresses: ['20.150.1.1', '20.150.1.2'],
        alias: 'store.privatelink.blob.core.windows.net',
      },
    ]);
  });

  it.each([
    ['nowhere.example.com', 'there is no such name'],
    ['empty.example.com', 'it has no IPv4 address'],
    ['silent.example.com', 'no DNS server answered in time'],
    ['*.example.com', 'it is no host name'],
    ['a b', 'it is no host name'],
    ['http://example.com/x', 'it is no host name'],
  ])('%s has none, and the reason is said: %s', async (name, reason) => {
    expect(await open()([name])).toEqual([{ domainName: name, addresses: [], notResolved: reason }]);
  });

  it('that is none is asked of nobody', async () => {
    await open()(['*.example.com', 'a b', '10.1.1.1']);
    expect(server.asked).toEqual([]);
  });
});

describe('what was answered', () => {
  it('is asked once, however often and in whatever spelling it is wanted', async () => {
    const resolve = open();
    await resolve([store, `${store.toUpperCase()}.`]);
    await resolve([store]);
    expect(server.asked).toEqual([store]);
  });

  it('is kept as long as it says, but not for long, and no shorter than it is worth', async () => {
    const resolve = open();
    const names = ['brief.example.com', store, 'long.example.com'];
    const later = async (seconds: number): Promise<string[]> => {
      server.asked.length = 0;
      now = new Date(Date.parse('2026-11-23T15:00:00Z') + seconds * 1_000);
      await resolve(names);
      return [...server.asked].sort();
    };
    await later(0);
    expect(await later(29)).toEqual([]);
    expect(await later(31)).toEqual(['brief.example.com']);
    expect(await later(121)).toEqual(['brief.example.com', store].sort());
    expect(await later(301)).toEqual([...names].sort());
  });

  it('is the answer then, when it has changed', async () => {
    const resolve = open();
    await resolve([store]);
    server.zone = { [store]: { addresses: ['10.9.0.4'] } };
    now = new Date(now.getTime() + 121_000);
    expect((await resolve([store]))[0]?.addresses).toEqual(['10.9.0.4']);
  });
});

describe('all names together', () => {
  it('end when their time is over, each with its reason, and are asked again', async () => {
    const silent = Array.from({ length: 60 }, (_, index) => `silent${index}.example.com`);
    server.zone = Object.fromEntries(silent.map((name) => [name, 'silent' as const]));
    const resolve = open({ totalMilliseconds: 50 });
    const answers = await resolve(silent);
    expect(answers.map(({ domainName }) => domainName).sort()).toEqual([...silent].sort());
    expect(new Set(answers.map(({ notResolved }) => notResolved))).toEqual(
      new Set(['there was no time left to ask for it']),
    );
    server.asked.length = 0;
    server.zone = {};
    expect((await resolve(['silent0.example.com']))[0]?.notResolved).toBe('there is no such name');
  });
});
