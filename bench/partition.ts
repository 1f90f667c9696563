/** Building the next-hop partition of a large route table, beside nothing but the sorting of its boundaries. */
import { buildPartition, type PartitionRoute, routeClass } from '../lib/address/partition.ts';
import { packIpv4Prefix } from '../lib/address/prefix.ts';
import { type Claim, median, type Result, shuffled, times } from './claim.ts';
import { prefixesOf, tags } from './tags.ts';

const tagRoutes = 25;
const literalRoutes = 375;

function run(): Result[] {
  const names = shuffled(
    tags.names().filter((name) => tags.get(name).packed.length >= 64 && !name.startsWith('AzureCloud')),
    5,
  ).slice(0, tagRoutes);
  const literals = shuffled(prefixesOf('AzureCloud'), 11).slice(0, literalRoutes);
  // Copies, so that nothing is remembered from one build to the next.
  const routes = (): PartitionRoute[] => [
    ...names.map(
      (name): PartitionRoute => ({ packed: tags.get(name).packed.slice(), routeClass: routeClass.user, rank: 1 }),
    ),
    ...literals.map(
      (text): PartitionRoute => ({
        packed: Float64Array.of(packIpv4Prefix(text)),
        routeClass: routeClass.user,
        rank: 0,
      }),
    ),
  ];
  const prefixes = routes().reduce((sum, route) => sum + route.packed.length, 0);
  const boundaries = Float64Array.from(
    routes().flatMap(({ packed }) =>
      [...packed].flatMap((key) => [Math.floor(key / 64), Math.floor(key / 64) + 2 ** (32 - (key % 64))]),
    ),
  );
  const mixed = Float64Array.from(shuffled([...boundaries], 13));
  const prepared = Array.from({ length: 60 }, routes);
  let next = 0;
  const own = median(() => buildPartition(prepared[next++ % prepared.length] as PartitionRoute[]), 41, 15);
  const sorting = median(() => mixed.slice().sort(), 41, 15);
  return [
    {
      claim: `partition of ${tagRoutes + literalRoutes} routes, ${tagRoutes} of them tags (${prefixes} prefixes, ${own.toFixed(2)} ms)`,
      bar: 'own / sorting its boundaries (Float64Array) <= 3',
      measured: times(own / sorting),
      holds: own / sorting <= 3,
    },
  ];
}

export const partition: Claim = { name: 'partition', run };
