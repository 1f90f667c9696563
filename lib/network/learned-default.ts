/**
 * Whether a default route could reach a subnet without any route table showing it: learned by BGP from a gateway, a
 * virtual hub or a route server. Contract, section 2; Microsoft Learn, "Virtual network traffic routing", section
 * "Border gateway protocol", and "About Azure Route Server".
 */
import { type Estate, idKey, type RouteTable, type Subnet, type VirtualNetwork } from './model.ts';

const learningSubnets = new Set(['gatewaysubnet', 'routeserversubnet']);

/** Where routes may come from into this VNet; `undefined` when nothing in the estate says that they could. */
function routeOrigin(estate: Estate, virtualNetwork: VirtualNetwork): string | undefined {
  const key = idKey(virtualNetwork.id);
  for (const id of virtualNetwork.subnetIds) {
    const name = id.slice(id.lastIndexOf('/') + 1);
    if (learningSubnets.has(name.toLowerCase())) return `its ${name} may hold a gateway or route server`;
  }
  for (const gateway of estate.virtualNetworkGateways.values()) {
    if (gateway.subnetIds.some((id) => idKey(id).startsWith(`${key}/`))) return `gateway ${gateway.name} serves it`;
  }
  for (const connection of estate.hubVirtualNetworkConnections.values()) {
    if (connection.remoteVirtualNetworkId !== undefined && idKey(connection.remoteVirtualNetworkId) === key) {
      return `virtual hub connection ${connection.name} attaches it`;
    }
  }
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
