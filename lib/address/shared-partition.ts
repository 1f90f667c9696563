/**
 * Partitions that many subnets have in common. Route tables of one organisation name the same prefixes again and again,
 * and what differs is the next hop's address, which a partition does not know. So one partition serves all lists of
 * routes with the same prefixes, classes and ranks, and a set that was split along it once is not split again.
 */
import { IntervalCollector, type IntervalSet } from './interval-set.ts';
import { buildPartition, forEachPiece, listNumber, type Partition, type PartitionRoute } from './partition.ts';

/** The addresses of an asked set that one route wins; `route` is an index into the list of routes, -1 for none. */
export interface SetShare {
  readonly route: number;
  readonly addresses: IntervalSet;
}

const partitionsKept = 256;
const answersKept = 64;
const shared = new Map<string, SharedPartition>();

/** Splits a set by winning route, in order of first appearance. */
export function splitSet(partition: Partition, set: IntervalSet): SetShare[] {
  const collectors = new Map<number, IntervalCollector>();
  forEachPiece(partition, set, (start, end, route) => {
    let collector = collectors.get(route);
    if (!collector) {
      collector = new IntervalCollector();
      collectors.set(route, collector);
    }
    collector.add(start, end);
  });
  return [...collectors].map(([route, collector]) => ({ route, addresses: collector.toSet() }));
}

export class SharedPartition {
  private readonly partition: Partition;
  private readonly answers = new Map<IntervalSet, readonly SetShare[]>();

  constructor(routes: readonly PartitionRoute[]) {
    this.partition = buildPartition(routes);
  }

  /** As `splitSet`; the same set object is split once. */
  split(set: IntervalSet): readonly SetShare[] {
    let shares = this.answers.get(set);
    if (!shares) {
      shares = splitSet(this.partition, set);
      if (this.answers.size >= answersKept) this.answers.clear();
      this.answers.set(set, shares);
    }
    return shares;
  }
}

function signature(routes: readonly PartitionRoute[]): string {
  let text = '';
  for (const { packed, routeClass, rank } of routes) {
    text += `${routeClass}.${rank}${packed.length === 1 ? `=${packed[0]}` : `#${listNumber(packed)}`} `;
  }
  return text;
}

/** The partition of these routes, shared with every list that competes for addresses in the same way. */
export function sharedPartition(routes: readonly PartitionRoute[]): SharedPartition {
  const key = signature(routes);
  let partition = shared.get(key);
  if (!partition) {
    partition = new SharedPartition(routes);
    const [oldest] = shared.size >= partitionsKept ? shared.keys() : [];
    if (oldest !== undefined) shared.delete(oldest);
    shared.set(key, partition);
  }
  return partition;
}
