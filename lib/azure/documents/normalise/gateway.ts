/** `Microsoft.Network/virtualNetworkGateways`, `virtualHubs/hubVirtualNetworkConnections` and `virtualHubs/routingIntent`. */
import type { RoutingIntent } from '../../../network/learned-routes.ts';
import type { HubVirtualNetworkConnection, VirtualNetworkGateway } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

export function readGateway(raw: Fields, head: Head): VirtualNetworkGateway {
  const reader = new FieldReader(propertiesOf(raw));
  const subnetIds = reader.records('ipConfigurations', (each) => {
    const inner = new FieldReader(propertiesOf(each));
    const id = inner.reference('subnet');
    reader.adopt('ipConfigurations', inner);
    return id;
  });
  const gateway = {
    ...head,
    provisioningState: reader.text('provisioningState'),
    gatewayType: reader.text('gatewayType'),
    subnetIds,
    gatewayDefaultSiteId: reader.reference('gatewayDefaultSite'),
    customRoutes: new FieldReader(reader.record('customRoutes') ?? {}).texts('addressPrefixes'),
  };
  reader.demand(raw, 'ipConfigurations', 'gatewayDefaultSite');
  return defined({ ...gateway, ...reader.problems() });
}

export function readHubConnection(raw: Fields, head: Head): HubVirtualNetworkConnection {
  const reader = new FieldReader(propertiesOf(raw));
  const connection = {
    id: head.id,
    name: head.name,
    origin: head.origin,
    remoteVirtualNetworkId: reader.reference('remoteVirtualNetwork'),
    enableInternetSecurity: reader.flag('enableInternetSecurity'),
  };
  reader.demand(raw, 'remoteVirtualNetwork', 'enableInternetSecurity');
  return defined({ ...connection, ...reader.problems() });
}

export function readRoutingIntent(raw: Fields, head: Head): RoutingIntent {
  const reader = new FieldReader(propertiesOf(raw));
  const routingPolicies = reader.records('routingPolicies', (each) => {
    const policy = new FieldReader(each);
    const read = defined({
      name: policy.text('name') ?? '',
      destinations: policy.texts('destinations'),
      nextHop: policy.text('nextHop'),
    });
    reader.adopt('routingPolicies', policy);
    return read;
  });
  reader.demand(raw, 'routingPolicies');
  return defined({ id: head.id, name: head.name, origin: head.origin, routingPolicies, ...reader.problems() });
}
