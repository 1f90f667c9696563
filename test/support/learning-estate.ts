/** Small estates in which routes come from elsewhere than a route table: gateways in the network itself and in a peer. */
import { brokenEstate, ids } from './broken-estate.ts';

type Json = Record<string, unknown>;

export const provider =
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-net/providers/Microsoft.Network';
export const hubProvider =
  '/subscriptions/33333333-3333-3333-3333-333333333333/resourceGroups/rg-hub/providers/Microsoft.Network';
export const gateway = `${provider}/virtualNetworkGateways/gw-one`;
const hubNetwork = `${hubProvider}/virtualNetworks/vnet-hub`;
export const hubGateway = `${hubProvider}/virtualNetworkGateways/gw-hub`;

/** As a gateway answers: `GatewayRoute` of the REST API, and what "az network vnet-gateway list-learned-routes" prints. */
export function learned(network: string, origin = 'EBgp') {
  const peer = '10.9.0.4';
  return {
    localAddress: '10.1.255.30',
    network,
    nextHop: peer,
    sourcePeer: peer,
    origin,
    asPath: '65010',
    weight: 32768,
  };
}

export function gatewayIn(networkId: string, id: string, properties: Json = {}): Json {
  const ipConfigurations = [
    { id: `${id}/ipConfigurations/default`, properties: { subnet: { id: `${networkId}/subnets/GatewaySubnet` } } },
  ];
  return {
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type: 'Microsoft.Network/virtualNetworkGateways',
    location: 'westeurope',
    properties: { gatewayType: 'Vpn', vpnType: 'RouteBased', enableBgp: true, ipConfigurations, ...properties },
  };
}

function gatewaySubnet(networkId: string, id: string): Json {
  return {
    name: 'GatewaySubnet',
    id: `${networkId}/subnets/GatewaySubnet`,
    properties: { addressPrefix: '10.1.255.0/27', ipConfigurations: [{ id: `${id}/ipConfigurations/default` }] },
  };
}

/** The compliant estate without a tunnel of its own: no default route and no route for the control plane in its table. */
function untunnelled(network: (properties: Json) => Json, more: readonly Json[] = []) {
  const routes = ['clients', 'kms0', 'kms1', 'kms2'];
  const resources = brokenEstate([]).resources.map((resource): Json => {
    const properties = resource.properties as Json;
    if (resource.id === ids.network) return { ...resource, properties: { ...properties, ...network(properties) } };
    if (resource.id !== ids.table) return resource;
    const kept = (properties.routes as Json[]).filter(({ name }) => routes.includes(String(name)));
    return { ...resource, properties: { disableBgpRoutePropagation: false, routes: kept } };
  });
  return [...resources, ...more];
}

export function withGateway(properties: Json = {}) {
  return untunnelled(
    ({ subnets }) => ({ subnets: [...(subnets as Json[]), gatewaySubnet(ids.network, gateway)] }),
    [gatewayIn(ids.network, gateway, properties)],
  );
}

/** A spoke that uses the gateway of a hub in another subscription. */
export function withRemoteGateway() {
  const peering = {
    name: 'to-hub',
    properties: {
      peeringState: 'Connected',
      useRemoteGateways: true,
      remoteVirtualNetwork: { id: hubNetwork },
      remoteAddressSpace: { addressPrefixes: ['10.0.0.0/16'] },
    },
  };
  const hub = {
    id: hubNetwork,
    name: 'vnet-hub',
    type: 'Microsoft.Network/virtualNetworks',
    location: 'westeurope',
    properties: {
      addressSpace: { addressPrefixes: ['10.0.0.0/16'] },
      subnets: [gatewaySubnet(hubNetwork, hubGateway)],
    },
  };
  return untunnelled(() => ({ virtualNetworkPeerings: [peering] }), [hub, gatewayIn(hubNetwork, hubGateway)]);
}

export const routeServer = `${provider}/virtualHubs/rs-one`;
export const routeServerPeer = `${routeServer}/bgpConnections/nva`;

/** A peer of a Route Server: an appliance that speaks BGP. */
export function bgpConnection(id: string): Json {
  return {
    id,
    name: id.slice(id.lastIndexOf('/') + 1),
    type: 'Microsoft.Network/virtualHubs/bgpConnections',
    properties: { peerIp: '10.1.3.4', peerAsn: 65001, connectionState: 'Connected' },
  };
}

/** `RouteServiceRole_IN_<n>`: what each of the two instances of a Route Server has learned from one peer. */
export function peerRoutes(...prefixes: readonly string[]): Json {
  const routes = prefixes.map((network) => ({
    localAddress: '10.1.4.4',
    network,
    nextHop: '10.1.3.4',
    sourcePeer: '10.1.3.4',
    origin: 'EBgp',
    asPath: '65001',
    weight: 32768,
  }));
  return { RouteServiceRole_IN_0: routes, RouteServiceRole_IN_1: routes };
}

export function withRouteServer(...peers: readonly Json[]) {
  const subnet = {
    name: 'RouteServerSubnet',
    id: `${ids.network}/subnets/RouteServerSubnet`,
    properties: { addressPrefix: '10.1.4.0/26', ipConfigurations: [{ id: `${routeServer}/ipConfigurations/one` }] },
  };
  const resource = {
    id: routeServer,
    name: 'rs-one',
    type: 'Microsoft.Network/virtualHubs',
    location: 'westeurope',
    properties: { sku: 'Standard', virtualRouterAsn: 65515, virtualRouterIps: ['10.1.4.4', '10.1.4.5'] },
  };
  return untunnelled(({ subnets }) => ({ subnets: [...(subnets as Json[]), subnet] }), [resource, ...peers]);
}

/** A virtual hub, in the network's own subscription or in another. */
export function hubIn(place: string) {
  const hub = `${place}/virtualHubs/hub-one`;
  return {
    hub,
    connection: `${hub}/hubVirtualNetworkConnections/to-vnet-one`,
    table: `${hub}/hubRouteTables/defaultRouteTable`,
  };
}

export function hubConnection(place: string, enableInternetSecurity: boolean): Json {
  const { connection, table } = hubIn(place);
  return {
    id: connection,
    name: 'to-vnet-one',
    type: 'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections',
    properties: {
      remoteVirtualNetwork: { id: ids.network },
      enableInternetSecurity,
      routingConfiguration: { associatedRouteTable: { id: table } },
    },
  };
}

/** Routing intent for all that goes to the Internet, by an Azure Firewall. */
export function routingIntent(place: string, nextHop: string): Json {
  const id = `${hubIn(place).hub}/routingIntent/intent`;
  const routingPolicies = [{ name: 'to-the-internet', destinations: ['Internet'], nextHop }];
  return { id, name: 'intent', type: 'Microsoft.Network/virtualHubs/routingIntent', properties: { routingPolicies } };
}

/** One of the published example "EffectiveRoutesListForVirtualHub" (azure-rest-api-specs, network 2024-01-01, MIT). */
export function hubRoute(...addressPrefixes: readonly string[]): Json {
  const origin = `${hubProvider}/expressRouteGateways/ErGw1`;
  return {
    addressPrefixes,
    nextHops: [origin],
    nextHopType: 'ExpressRouteGateway',
    routeOrigin: origin,
    asPath: '12076-12076',
  };
}

/** The hub's side of the peering is a network of Microsoft's that nobody can read. */
export function withHub(place: string, enableInternetSecurity = true, more: readonly Json[] = []) {
  const uuid = '0a1b2c3d-0000-4000-8000-0123456789ab';
  const hidden = `/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/RG_hub-one_${uuid}/providers/Microsoft.Network/virtualNetworks/HV_hub-one_${uuid}`;
  const peering = {
    name: `RemoteVnetToHubPeering_${uuid}`,
    properties: {
      peeringState: 'Connected',
      useRemoteGateways: true,
      remoteVirtualNetwork: { id: hidden },
      remoteAddressSpace: { addressPrefixes: ['10.200.0.0/16'] },
    },
  };
  const hub = {
    id: hubIn(place).hub,
    name: 'hub-one',
    type: 'Microsoft.Network/virtualHubs',
    location: 'westeurope',
    properties: { addressPrefix: '10.200.0.0/16' },
  };
  const connection = hubConnection(place, enableInternetSecurity);
  return untunnelled(() => ({ virtualNetworkPeerings: [peering] }), [hub, connection, ...more]);
}
