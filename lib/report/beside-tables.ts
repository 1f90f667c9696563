/** What a tunnel depends on beside route tables, in lines: who brings routes, and who gives outbound traffic its address. */
import type { DeploymentReport } from '../audit/report.ts';
import { plural } from './text.ts';

type Tunnel = NonNullable<DeploymentReport['tunnel']>;

function learnedLine({ way, routes, defaultRoute, notRead }: NonNullable<Tunnel['learnedFrom']>[number]): string {
  const count = `${plural(routes, 'route')}${defaultRoute ? ', the default among them' : ', no default'}`;
  if (notRead === undefined) return `${way}: ${count}`;
  return routes === 0 ? `${way}: not known (${notRead})` : `${way}: ${count}, and not all are known (${notRead})`;
}

export function besideTables({ tunnel }: DeploymentReport): readonly string[] {
  const { learnedFrom = [], natGateway } = tunnel ?? {};
  const name = natGateway?.slice(natGateway.lastIndexOf('/') + 1);
  const nat = name === undefined ? [] : [`NAT gateway ${name}: what has next hop Internet leaves from its addresses`];
  return [...learnedFrom.map(learnedLine), ...nat];
}
