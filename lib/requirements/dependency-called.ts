/** Which of the dependencies is called by a host name. */
import { coverHosts } from '../network/firewall-hosts.ts';
import { type HostDependency, hostDependencies, hostsIn, type TagDependency, tagDependencies } from './dependency.ts';

/**
 * @param host normalised; may begin with `*.`
 * @returns `undefined` where its names are no dependency's
 */
export function dependencyCalled(host: string, region: string): TagDependency | HostDependency | undefined {
  return [...tagDependencies, ...hostDependencies].find(({ hosts }) => {
    const fqdns = hostsIn(hosts, region);
    return coverHosts({ fqdns, urlHosts: [], opaque: [] }, [host]) === 'all';
  });
}
