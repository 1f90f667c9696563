/** Small estates in which routes come from elsewhere than a route table: gateways in the network itself and in a peer. */
import { brokenEstate, ids } from './broken-estate.ts';

type Json = Record<string, unknown>;

export const provider =
  '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg-net/providers/Microsoft.Network';
const hubProvider =
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
