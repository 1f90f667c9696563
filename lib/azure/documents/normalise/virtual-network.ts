/** `Microsoft.Network/virtualNetworks` and its peerings. */
import type { VirtualNetwork, VirtualNetworkPeering } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, own, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

function addressSpace(reader: FieldReader, name: string): readonly string[] | undefined {
  const space = reader.record(name);
  if (!space) return undefined;
  const inner = new FieldReader(space);
  const prefixes = inner.texts('addressPrefixes');
  return prefixes.length > 0 ? prefixes : undefined;
}

export function readPeering(raw: Fields): VirtualNetworkPeering {
  const reader = new FieldReader(propertiesOf(raw));
  const head = new FieldReader(raw);
  return defined({
    name: head.text('name')?.split('/').at(-1) ?? '',
    id: head.text('id'),
    peeringState: reader.text('peeringState'),
    useRemoteGateways: reader.flag('useRemoteGateways'),
    allowGatewayTransit: reader.flag('allowGatewayTransit'),
    remoteVirtualNetworkId: reader.reference('remoteVirtualNetwork'),
    remoteAddressPrefixes:
      addressSpace(reader, 'remoteVirtualNetworkAddressSpace') ?? addressSpace(reader, 'remoteAddressSpace'),
    ...reader.problems(),
  });
}

/** `subnets` is what stands inline; its ids are made from the network's where they are missing. */
export function readVirtualNetwork(
  raw: Fields,
  head: Head,
): { network: VirtualNetwork; subnets: readonly (Fields & { id: string })[] } {
  const reader = new FieldReader(propertiesOf(raw));
  const subnets = reader.records('subnets').flatMap((subnet) => {
    const id = own(subnet, 'id');
    const name = own(subnet, 'name');
    if (typeof id === 'string' && id !== '') return [{ ...subnet, id }];
    return typeof name === 'string' ? [{ ...subnet, id: `${head.id}/subnets/${name}` }] : [];
  });
  const network = defined({
    ...head,
    addressPrefixes: addressSpace(reader, 'addressSpace') ?? [],
    subnetIds: subnets.map((subnet) => subnet.id),
    virtualNetworkPeerings: reader.records('virtualNetworkPeerings').map(readPeering),
    dnsServers: new FieldReader(reader.record('dhcpOptions') ?? {}).texts('dnsServers'),
    provisioningState: reader.text('provisioningState'),
    ...reader.problems(),
  });
  return { network, subnets };
}
