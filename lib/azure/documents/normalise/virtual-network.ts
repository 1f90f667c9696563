/** `Microsoft.Network/virtualNetworks` and its peerings. */
import type { VirtualNetwork, VirtualNetworkPeering } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, notGiven, own, propertiesOf } from '../fields.ts';
import { childHead, type Head } from './head.ts';

function addressSpace(reader: FieldReader, name: string): readonly string[] | undefined {
  const space = reader.record(name);
  if (!space) return undefined;
  const inner = new FieldReader(space);
  const prefixes = inner.texts('addressPrefixes');
  reader.adopt(name, inner);
  return prefixes.length > 0 ? prefixes : undefined;
}

export function readPeering(raw: Fields): VirtualNetworkPeering {
  const reader = new FieldReader(propertiesOf(raw));
  const peering = {
    ...childHead(raw),
    peeringState: reader.text('peeringState'),
    useRemoteGateways: reader.flag('useRemoteGateways'),
    allowGatewayTransit: reader.flag('allowGatewayTransit'),
    remoteVirtualNetworkId: reader.reference('remoteVirtualNetwork'),
    remoteAddressPrefixes:
      addressSpace(reader, 'remoteVirtualNetworkAddressSpace') ?? addressSpace(reader, 'remoteAddressSpace'),
  };
  reader.demand(raw, 'useRemoteGateways');
  return defined({ ...peering, ...reader.problems() });
}

export interface InlineSubnet {
  readonly id: string;
  readonly raw: Fields;
}

/** `subnets` is what stands inline; its ids are made from the network's where they are missing. */
export function readVirtualNetwork(
  raw: Fields,
  head: Head,
): { network: VirtualNetwork; subnets: readonly InlineSubnet[] } {
  const reader = new FieldReader(propertiesOf(raw));
  const subnets: InlineSubnet[] = [];
  reader.records('subnets', (subnet) => {
    const id = own(subnet, 'id');
    const name = own(subnet, 'name');
    if (typeof id === 'string' && id !== '') subnets.push({ id, raw: subnet });
    else if (typeof name === 'string' && name !== '') subnets.push({ id: `${head.id}/subnets/${name}`, raw: subnet });
    else reader.unresolved.subnets ??= 'has one without an id or a name';
    return undefined;
  });
  const network = {
    ...head,
    addressPrefixes: addressSpace(reader, 'addressSpace') ?? notGiven,
    subnetIds: subnets.map((subnet) => subnet.id),
    virtualNetworkPeerings: reader.records('virtualNetworkPeerings', readPeering),
    dnsServers: new FieldReader(reader.record('dhcpOptions') ?? {}).texts('dnsServers'),
    provisioningState: reader.text('provisioningState'),
  };
  reader.demand(raw, 'addressSpace', 'subnets', 'virtualNetworkPeerings');
  return { network: defined({ ...network, ...reader.problems() }), subnets };
}
