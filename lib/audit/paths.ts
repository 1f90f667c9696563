/** Where the traffic of each dependency goes: the `paths` of a deployment's report. */
import { addressCount, type IntervalSet, toPrefixes, union } from '../address/interval-set.ts';
import type { HopKind, RoutedPart } from '../network/routing.ts';
import { controlPlaneTag, hostDependency, kmsAddresses, tagDependencies, tagFor } from '../requirements/dependency.ts';
import { reach } from '../requirements/reach.ts';
import type { Situation } from '../requirements/situation.ts';
import type { DependencyPath, PathKind } from './report.ts';

export const pathOfKind: Readonly<Record<HopKind, PathKind>> = {
  direct: 'direct',
  tunnel: 'tunnel',
  dropped: 'dropped',
  endpoint: 'endpoint',
  virtualNetwork: 'virtualNetwork',
  undecided: 'unknown',
};

export interface Hop {
  readonly path: PathKind;
  /** As Azure names it; `None` where no route matches. */
  readonly nextHop: string;
  readonly address?: string;
}

/** Where the addresses of a part go; nothing is named that is not known. */
export function hopOf({ kind, route }: Pick<RoutedPart, 'kind' | 'route'>): Hop {
  const path = pathOfKind[kind];
  if (path === 'unknown') return { path, nextHop: 'unknown' };
  const address = route?.nextHopIpAddress;
  return { path, nextHop: route?.nextHopType ?? 'None', ...(address !== undefined && { address }) };
}

/** The same for all parts that go the same way. */
export function keyOf({ path, nextHop, address = '' }: Hop): string {
  return `${path} ${nextHop} ${address}`;
}

const samplesShown = 3;

function via(situation: Situation, set: IntervalSet): DependencyPath['via'] {
  const parts = reach(situation, set);
  if (parts) return viaOf(parts);
  return [{ path: 'unknown', nextHop: 'unknown', addresses: addressCount(set), sample: toPrefixes(set, samplesShown) }];
}

/** The ways that parts of a set go, in order of first appearance. */
export function viaOf(parts: readonly RoutedPart[]): DependencyPath['via'] {
  const groups = new Map<string, { readonly hop: Hop; set: IntervalSet }>();
  for (const part of parts) {
    const hop = hopOf(part);
    const group = groups.get(keyOf(hop));
    if (group) group.set = union(group.set, part.addresses);
    else groups.set(keyOf(hop), { hop, set: part.addresses });
  }
  return [...groups.values()].map(({ hop, set: addresses }) => ({
    ...hop,
    addresses: addressCount(addresses),
    sample: toPrefixes(addresses, samplesShown),
  }));
}

function pathOf(
  situation: Situation,
  dependency: string,
  tag: string,
  ports: readonly number[],
  set: IntervalSet,
): DependencyPath {
  return {
    dependency,
    tag,
    ports: ports.map((port) => `tcp/${port}`),
    addresses: addressCount(set),
    via: via(situation, set),
  };
}

/** One path a dependency whose addresses are known; the control plane's is that of its replies. */
export function pathsOf(situation: Situation): DependencyPath[] {
  const { deployment, tags } = situation;
  const regions = { own: deployment.region, primary: deployment.primaryRegion };
  const paths: DependencyPath[] = [];
  for (const dependency of tagDependencies) {
    const tag = tagFor(dependency, regions, tags);
    if (tag) paths.push(pathOf(situation, dependency.id, tag.name, dependency.ports, tag.set));
  }
  const controlPlane = tags.find(controlPlaneTag);
  if (controlPlane) paths.push(pathOf(situation, 'control-plane', controlPlane.name, [3443], controlPlane.set));
  const kms = hostDependency('kms');
  paths.push(pathOf(situation, 'kms', 'KMS addresses', kms.ports, kmsAddresses(deployment.region)));
  return paths;
}
