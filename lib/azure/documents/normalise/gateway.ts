/** `Microsoft.Network/virtualNetworkGateways` and `virtualHubs/hubVirtualNetworkConnections`. */
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
  };
  reader.demand(raw, 'ipConfigurations');
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
  reader.demand(raw, 'remoteVirtualNetwork');
  return defined({ ...connection, ...reader.problems() });
}
