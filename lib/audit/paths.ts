/** Where the traffic of each dependency goes: the `paths` of a deployment's report. */
import { addressCount, type IntervalSet, toPrefixes, union } from '../address/interval-set.ts';
import type { HopKind } from '../network/routing.ts';
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

const samplesShown = 3;

function via(situation: Situation, set: IntervalSet): DependencyPath['via'] {
  const parts = reach(situation, set);
  if (!parts) {
    return [
      { path: 'unknown', nextHop: 'unknown', addresses: addressCount(set), sample: toPrefixes(set, samplesShown) },
    ];
  }
  const groups = new Map<string, { path: PathKind; nextHop: string; address: string | undefined; set: IntervalSet }>();
  for (const { kind, route, addresses } of parts) {
    const path = pathOfKind[kind];
    const nextHop = path === 'unknown' ? 'unknown' : (route?.nextHopType ?? 'None');
    const address = path === 'unknown' ? undefined : route?.nextHopIpAddress;
    const key = `${path} ${nextHop} ${address ?? ''}`;
    const group = groups.get(key);
    if (group) group.set = union(group.set, addresses);
    else groups.set(key, { path, nextHop, address, set: addresses });
  }
  return [...groups.values()].map(({ path, nextHop, address, set: addresses }) => ({
    path,
    nextHop,
    ...(address !== undefined && { address }),
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
