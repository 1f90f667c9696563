/** `Microsoft.Network/virtualNetworks/subnets`, inline or alone. */
import { isExpression, type ServiceEndpoint, type Subnet } from '../../../network/model.ts';
import { defined, FieldReader, type Fields, isRecord, own, propertiesOf } from '../fields.ts';
import type { Head } from './head.ts';

/** An endpoint that cannot be read whole makes it unknown which endpoints there are. */
function readEndpoint(raw: Fields, subnet: FieldReader): ServiceEndpoint {
  const reader = new FieldReader(raw);
  const service = reader.text('service');
  const locations = reader.texts('locations');
  if (service === undefined) reader.unresolved.service ??= 'is missing';
  for (const text of [service ?? '', ...locations]) {
    if (isExpression(text)) reader.unresolved.service ??= `expression "${text}" was not evaluated`;
  }
  const endpoint = defined({
    service: service ?? '',
    locations: locations.length > 0 ? locations : undefined,
    provisioningState: reader.text('provisioningState'),
  });
  subnet.adopt('serviceEndpoints', reader);
  return endpoint;
}

/** `.../virtualNetworkGateways/gw/ipConfigurations/default`; those of network interfaces say nothing of routes. */
const attachedPattern =
  /^(.+\/providers\/Microsoft\.Network\/(?:virtualNetworkGateways|virtualHubs)\/[^/]+)\/ipConfigurations\/[^/]+$/i;

/** Gateways and Route Servers of which a subnet, by its properties, says that they are in it. */
export function attachedIds(properties: Fields): readonly string[] | undefined {
  const configurations = own(properties, 'ipConfigurations');
  if (!Array.isArray(configurations)) return undefined;
  const ids = configurations
    .filter(isRecord)
    .flatMap((each) => attachedPattern.exec(String(own(each, 'id')))?.[1] ?? []);
  return ids.length === 0 ? undefined : [...new Set(ids)];
}

export function readSubnet(raw: Fields, head: Head): Subnet {
  const properties = propertiesOf(raw);
  const reader = new FieldReader(properties);
  const delegations = reader.records('delegations', (each) => new FieldReader(propertiesOf(each)).text('serviceName'));
  const subnet = {
    id: head.id,
    name: head.name,
    origin: head.origin,
    provisioningState: reader.text('provisioningState'),
    addressPrefixes: reader.joined('addressPrefix', 'addressPrefixes'),
    routeTableId: reader.reference('routeTable'),
    networkSecurityGroupId: reader.reference('networkSecurityGroup'),
    natGatewayId: reader.reference('natGateway'),
    serviceEndpoints: reader.records('serviceEndpoints', (each) => readEndpoint(each, reader)),
    serviceEndpointPolicyIds: reader.references('serviceEndpointPolicies'),
    delegations,
    attachedIds: attachedIds(properties),
    properties: properties === raw ? withoutHead(raw) : properties,
  };
  reader.demand(raw, 'routeTable', 'networkSecurityGroup', 'serviceEndpoints');
  return defined({ ...subnet, ...reader.problems() });
}

const headNames = new Set(['id', 'name', 'type', 'etag', 'resourceGroup', 'tags', 'location']);

/** The properties of a subnet that was printed flat. */
function withoutHead(raw: Fields): Fields {
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !headNames.has(name)));
}
