/**
 * Longest-prefix match against the Linux kernel: the same prefixes go into a routing table of a network namespace, and
 * the kernel is asked where addresses would go. Needs root and Debian's iproute2; in CI their absence is a failure.
 *
 * Left out, because the kernel treats them apart: 0.0.0.0/8, 127.0.0.0/8, multicast and reserved space (224.0.0.0/3).
 */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPartition, type PartitionRoute, routeAt, routeClass } from '../../lib/address/partition.ts';
import { formatIpv4, formatIpv4Prefix, packIpv4Prefix, prefixSize } from '../../lib/address/prefix.ts';
import { bundledServiceTags } from '../../lib/azure/bundled-service-tags.ts';

const namespace = `tw-oracle-${process.pid}`;

function ip(args: readonly string[], input?: string): { ok: boolean; output: string } {
  const done = spawnSync('ip', args, { encoding: 'utf8', maxBuffer: 1 << 28, ...(input !== undefined && { input }) });
  return { ok: done.status === 0, output: `${done.stdout ?? ''}${done.stderr ?? ''}` };
}

/** Why the kernel cannot be asked; `undefined` when it can. */
function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'iproute2 is not installed';
  const tried = ip(['netns', 'add', namespace]);
  return tried.ok ? undefined : `no network namespace can be made: ${tried.output.trim()}`;
}

const reason = obstacle();
if (reason !== undefined) process.stderr.write(`test/oracle/kernel-routes: skipped, ${reason}\n`);

function isOrdinary(address: number): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224;
}

/** As iproute2 prints a prefix. */
function printed(packed: number): string {
  const length = packed % 64;
  if (length === 0) return 'default';
  const address = formatIpv4(Math.floor(packed / 64));
  return length === 32 ? address : `${address}/${length}`;
}

/** Puts the prefixes into an empty table. */
function load(prefixes: Iterable<number>): void {
  const lines = [
    'route flush table 7',
    ...[...prefixes].map(
      (packed) => `route add ${formatIpv4Prefix(Math.floor(packed / 64), packed % 64)} dev v0 table 7`,
    ),
  ];
  const done = ip(['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
  if (!done.ok) throw new Error(done.output.slice(0, 500));
}

/** The prefix by which the kernel would send to each address, as it prints it; `undefined` for none. */
function ask(addresses: readonly number[]): (string | undefined)[] {
  const questions = addresses.map((address) => `route get fibmatch ${formatIpv4(address)}`);
  const done = ip(['-n', namespace, '-force', '-batch', '-'], `${questions.join('\n')}\n`);
  const answers = done.output.split('\n').filter((line) => line !== '');
  return answers.map((line) => {
    if (line.includes(' dev v1')) return undefined;
    if (!line.includes(' dev v0')) throw new Error(`not understood: ${line}`);
    const [prefix] = line.split(' ');
    return prefix;
  });
}

function compare(routes: readonly PartitionRoute[], extra: readonly number[]): number {
  const winners = new Map<number, number>();
  routes.forEach(({ packed }, route) => {
    // The kernel holds a prefix once; in the partition the earlier route wins it.
    for (const key of packed) if (!winners.has(key)) winners.set(key, route);
  });
  load(winners.keys());
  const partition = buildPartition(routes);
  const boundaries = [...winners.keys()].flatMap((key) => {
    const start = Math.floor(key / 64);
    const end = start + prefixSize(key % 64) - 1;
    return [start - 1, start, end, end + 1];
  });
  const addresses = [...new Set([...boundaries, ...extra])].filter(
    (address) => address >= 0 && address < 2 ** 32 && isOrdinary(address),
  );
  const kernel = ask(addresses);
  expect(kernel.length).toBe(addresses.length);
  const routeOfPrefix = new Map([...winners].map(([packed, route]) => [printed(packed), route]));
  addresses.forEach((address, index) => {
    const prefix = kernel[index];
    const route = prefix === undefined ? -1 : routeOfPrefix.get(prefix);
    expect([formatIpv4(address), routeAt(partition, address)]).toEqual([formatIpv4(address), route]);
  });
  return addresses.length;
}

function user(packed: Float64Array, rank = 0): PartitionRoute {
  return { packed, routeClass: routeClass.user, rank };
}

describe('the kernel oracle', () => {
  it('can run in CI', () => {
    if (process.env.CI === 'true') expect(reason).toBeUndefined();
  });
});

describe.skipIf(reason !== undefined)('longest-prefix match, beside the Linux kernel', () => {
  beforeAll(() => {
    const lines = [
      'link add v0 type veth peer name v1',
      'link set v0 up',
      'link set v1 up',
      'rule add pref 10 table 7',
      'rule add pref 11 table 8',
    ];
    const done = ip(['-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`);
    if (!done.ok) throw new Error(done.output);
    // What no route of the table matches goes to the other device: an answer like any other.
    const rest = ip(['-n', namespace, 'route', 'add', 'default', 'dev', 'v1', 'table', '8']);
    if (!rest.ok) throw new Error(rest.output);
  });
  afterAll(() => {
    ip(['netns', 'del', namespace]);
  });

  it('agrees on random tables of nested and neighbouring prefixes', () => {
    const prefix = fc
      .tuple(fc.integer({ min: 1, max: 223 }), fc.nat(2 ** 24 - 1), fc.integer({ min: 1, max: 32 }))
      .map(([first, rest, length]) => {
        const address = first * 2 ** 24 + rest;
        return packIpv4Prefix(`${formatIpv4(address)}/${length}`);
      });
    const near = fc
      .tuple(fc.nat(4095), fc.integer({ min: 20, max: 32 }))
      .map(([low, length]) => packIpv4Prefix(`${formatIpv4(0x14000000 + low)}/${length}`));
    const usable = fc.oneof(prefix, near).filter((packed) => isOrdinary(Math.floor(packed / 64)));
    fc.assert(
      fc.property(
        fc.array(usable, { minLength: 1, maxLength: 300 }),
        fc.array(fc.nat(2 ** 32 - 1), { maxLength: 50 }),
        (list, extra) => {
          compare(
            list.map((packed) => user(Float64Array.of(packed))),
            extra,
          );
        },
      ),
      { seed: 7, numRuns: 15 },
    );
  });

  it('agrees on service tags with a split default and literal routes between them', () => {
    const tags = bundledServiceTags('Public');
    const names = [
      'ApiManagement',
      'Storage.WestEurope',
      'Sql.WestEurope',
      'AzureKeyVault',
      'EventHub',
      'AzureMonitor',
      'AzureCloud.westeurope',
    ];
    const literals = [
      '0.0.0.0/1',
      '128.0.0.0/1',
      '20.0.0.0/8',
      '20.50.0.0/16',
      '13.69.64.0/20',
      '52.236.0.0/15',
      '20.118.99.224/32',
    ];
    const routes = [
      ...literals.map((text) => user(Float64Array.of(packIpv4Prefix(text)))),
      ...names.map((name) => user(tags.get(name).packed, 1)),
    ];
    expect(compare(routes, [])).toBeGreaterThan(5000);
  });

  it('breaks ties between equal prefixes by rank as the kernel does by metric', () => {
    const low = fc
      .tuple(fc.nat(1023), fc.integer({ min: 22, max: 32 }))
      .map(([offset, length]) => packIpv4Prefix(`${formatIpv4(0x14000000 + offset)}/${length}`));
    // Distinct ranks per prefix, in any order of the list: the kernel holds no prefix twice at one metric.
    const tied = fc.tuple(low, fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 4 }));
    const tables = fc.uniqueArray(tied, { minLength: 20, maxLength: 120, selector: ([packed]) => packed });
    fc.assert(
      fc.property(tables, (table) => {
        const routes = table.flatMap(([packed, ranks]) => ranks.map((rank) => user(Float64Array.of(packed), rank)));
        const text = (packed: number) => formatIpv4Prefix(Math.floor(packed / 64), packed % 64);
        const lines = table.flatMap(([packed, ranks]) =>
          ranks.map((rank) => `route add ${text(packed)} dev v0 table 7 metric ${rank + 1}`),
        );
        const done = ip(['-n', namespace, '-batch', '-'], `${['route flush table 7', ...lines].join('\n')}\n`);
        if (!done.ok) throw new Error(done.output.slice(0, 500));
        const partition = buildPartition(routes);
        const addresses = table.map(([packed]) => Math.floor(packed / 64));
        const answers = ip(
          ['-n', namespace, '-batch', '-'],
          `${addresses.map((address) => `route get fibmatch ${formatIpv4(address)}`).join('\n')}\n`,
        );
        const kernel = answers.output.split('\n').filter((line) => line !== '');
        expect(kernel.length).toBe(addresses.length);
        addresses.forEach((address, index) => {
          const won = routes[routeAt(partition, address)] as PartitionRoute;
          const line = kernel[index] as string;
          expect(line.split(' ')[0]).toBe(printed(won.packed[0] as number));
          expect(/ metric (\d+)/.exec(line)?.[1]).toBe(String(won.rank + 1));
        });
      }),
      { seed: 9, numRuns: 15 },
    );
  });
});
