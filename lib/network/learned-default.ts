/**
 * Whether a default route could reach a subnet without any route table showing it: learned by BGP from a gateway, a
 * virtual hub or a route server. Contract, section 2; Microsoft Learn, "Virtual network traffic routing", section
 * "Border gateway protocol", and "About Azure Route Server".
 */
import { type Estate, idKey, type RouteTable, type Subnet, type VirtualNetwork } from './model.ts';

const learningSubnets = new Set(['gatewaysubnet', 'routeserversubnet']);

/** By the map of gateways: an estate that is tried with a change elsewhere has the same one. */
const attached = new WeakMap<Estate['virtualNetworkGateways'], ReadonlyMap<string, string>>();

/** VNet key -> what attaches it to a gateway or hub, for the whole estate at once. */
function attachments(estate: Estate): ReadonlyMap<string, string> {
  const known = attached.get(estate.virtualNetworkGateways);
  if (known) return known;
  const found = new Map<string, string>();
  for (const connection of estate.hubVirtualNetworkConnections.values()) {
    const id = connection.remoteVirtualNetworkId;
    if (id !== undefined) found.set(idKey(id), `virtual hub connection ${connection.name} attaches it`);
  }
  for (const gateway of estate.virtualNetworkGateways.values()) {
    for (const id of gateway.subnetIds) {
      found.set(idKey(id).replace(/\/subnets\/[^/]*$/, ''), `gateway ${gateway.name} serves it`);
    }
  }
  attached.set(estate.virtualNetworkGateways, found);
  return found;
}

/** Where routes may come from into this VNet; `undefined` when nothing in the estate says that they could. */
function routeOrigin(estate: Estate, virtualNetwork: VirtualNetwork): string | undefined {
  for (const id of virtualNetwork.subnetIds) {
    const name = id.slice(id.lastIndexOf('/') + 1);
    if (learningSubnets.has(name.toLowerCase())) return `its ${name} may hold a gateway or route server`;
  }
  const attachment = attachments(estate).get(idKey(virtualNetwork.id));
  if (attachment !== undefined) return attachment;
  for (const peering of virtualNetwork.virtualNetworkPeerings) {
    if (peering.useRemoteGateways === true) return `peering "${peering.name}" uses the remote gateway`;
    if (peering.unresolved?.useRemoteGateways !== undefined) {
      return `peering "${peering.name}" may use the remote gateway: ${peering.unresolved.useRemoteGateways}`;
    }
    // Azure itself names the peerings that attach a VNet to a virtual WAN hub.
    if (/^RemoteVnetToHubPeering_/i.test(peering.name)) return `peering "${peering.name}" attaches it to a virtual hub`;
  }
  if (virtualNetwork.unresolved?.virtualNetworkPeerings !== undefined) {
    return `its peerings: ${virtualNetwork.unresolved.virtualNetworkPeerings}`;
  }
  if (virtualNetwork.unresolved?.subnets !== undefined) return `its subnets: ${virtualNetwork.unresolved.subnets}`;
  return undefined;
}

export interface UnseenDefault {
  /** Why a default route may be there unseen. */
  readonly reason?: string;
  /** What was taken for granted about more specific learned routes. */
  readonly assumption?: string;
}

export function unseenDefaultRoute(
  estate: Estate,
  subnet: Subnet,
  virtualNetwork: VirtualNetwork | undefined,
  table: RouteTable | undefined,
): UnseenDefault {
  if (table?.disableBgpRoutePropagation === true) return {};
  const unresolved = table?.unresolved?.disableBgpRoutePropagation;
  const flag = unresolved === undefined ? '' : ` (disableBgpRoutePropagation: ${unresolved})`;
  const origin = virtualNetwork
    ? routeOrigin(estate, virtualNetwork)
    : `the virtual network of ${subnet.name} is not in the estate`;
  if (origin === undefined) return {};
  return {
    reason: `route propagation is on${flag} and ${origin}: a learned default route cannot be seen`,
    assumption: `Route propagation is on and ${origin}: no learned route more specific than the default is presumed.`,
  };
}
