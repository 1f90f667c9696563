/** A million next-hop look-ups over 10,000 prefixes, beside `net.BlockList`, which only says whether one matches. */
import { BlockList } from 'node:net';
import { buildPartition, routeAt, routeClass } from '../lib/address/partition.ts';
import { formatIpv4, packIpv4Prefix } from '../lib/address/prefix.ts';
import { agree, type Claim, median, type Result, shuffled, times } from './claim.ts';
import { prefixesOf, tags } from './tags.ts';

const lookUps = 1_000_000;
/** The peer is too slow for all of them: it does a sample, and the time is scaled. */
const sampled = 2000;

function run(): Result[] {
  const all = [
    ...new Set(
      tags
        .names()
        .filter((name) => name.includes('.'))
        .flatMap(prefixesOf),
    ),
  ];
  const prefixes = shuffled(all, 3).slice(0, 10_000);
  const partition = buildPartition([
    { packed: Float64Array.from(prefixes, packIpv4Prefix).sort(), routeClass: routeClass.user, rank: 0 },
  ]);
  const list = new BlockList();
  for (const prefix of prefixes) {
    const [address = '', length] = prefix.split('/');
    list.addSubnet(address, Number(length), 'ipv4');
  }
  let state = 12345;
  const addresses = Uint32Array.from({ length: lookUps }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    // Half of them near a prefix, so that both answers occur.
    return state % 2 === 0
      ? state
      : (Math.floor(packIpv4Prefix(prefixes[state % prefixes.length] as string) / 64) + (state % 64)) >>> 0;
  });
  const own = median(
    () => {
      let hits = 0;
      for (let i = 0; i < lookUps; i++) if (routeAt(partition, addresses[i] as number) >= 0) hits++;
      return hits;
    },
    9,
    2,
  );
  const sample = [...addresses.slice(0, sampled)].map(formatIpv4);
  const peer = median(() => sample.filter((address) => list.check(address)).length, 3, 1) * (lookUps / sampled);
  agree(
    'hits',
    sample.filter((address) => list.check(address)).length,
    [...addresses.slice(0, sampled)].filter((address) => routeAt(partition, address) >= 0).length,
  );
  return [
    {
      claim: `1,000,000 look-ups over ${prefixes.length} prefixes (${own.toFixed(0)} ms; BlockList scaled from ${sampled})`,
      bar: 'net.BlockList / own >= 500',
      measured: times(peer / own),
      holds: peer / own >= 500,
    },
  ];
}

export const lookUp: Claim = { name: 'look-up', run };
