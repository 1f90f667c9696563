/** `Microsoft.Network/virtualNetworks/subnets`, inline or alone. */
import type { ServiceEndpoint, Subnet } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, own, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

function endpoint(raw: Fields): ServiceEndpoint {
  const reader = new FieldReader(raw);
  const locations = reader.texts('locations');
  return defined({
    service: reader.text('service') ?? '',
    locations: locations.length > 0 ? locations : undefined,
    provisioningState: reader.text('provisioningState'),
  });
}

function delegation(raw: Fields): string[] {
  const name = own(propertiesOf(raw), 'serviceName');
  return typeof name === 'string' ? [name] : [];
}

export function readSubnet(raw: Fields, head: Head): Subnet {
  const properties = propertiesOf(raw);
  const reader = new FieldReader(properties);
  return defined({
    id: head.id,
    name: head.name,
    origin: head.origin,
    provisioningState: reader.text('provisioningState'),
    addressPrefixes: reader.joined('addressPrefix', 'addressPrefixes'),
    routeTableId: reader.reference('routeTable'),
    networkSecurityGroupId: reader.reference('networkSecurityGroup'),
    natGatewayId: reader.reference('natGateway'),
    serviceEndpoints: reader.records('serviceEndpoints').map(endpoint),
    serviceEndpointPolicyIds: reader.references('serviceEndpointPolicies'),
    delegations: reader.records('delegations').flatMap(delegation),
    properties: properties === raw ? withoutHead(raw) : properties,
    ...reader.problems(),
  });
}

const headNames = new Set(['id', 'name', 'type', 'etag', 'resourceGroup', 'tags', 'location']);

/** The properties of a subnet that was printed flat. */
function withoutHead(raw: Fields): Fields {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !headNames.has(name)));
}
