/** Facts about routing and the tunnel, from the contract (section 2) and Azure's documentation, one by one. */
import { describe, expect, it } from 'vitest';
import { toPrefixes } from '../../lib/address/interval-set.ts';
import { bundledServiceTags } from '../../lib/azure/bundled-service-tags.ts';
import { besideTables } from '../../lib/report/beside-tables.ts';
import { ids, route } from '../support/broken-estate.ts';
import { type Change, deploymentOf, findingOf, type Json, outcomeOf } from '../support/estate-builder.ts';

const toFirewall = (prefix: string, name = 'default'): Json => route(name, prefix, 'VirtualAppliance', '10.0.1.4');
const internet = (prefix: string, name: string): Json => route(name, prefix, 'Internet');
const controlPlane = internet('ApiManagement', 'control-plane');
const clients = internet('20.10.0.0/24', 'clients');
const propagating = { disableBgpRoutePropagation: false };
const gatewaySubnet = (change: Json = {}): Json => ({
  subnets: [
    {
      id: ids.subnet,
      name: 'apim',
      properties: {
        addressPrefix: '10.1.0.0/24',
        routeTable: { id: ids.table },
        networkSecurityGroup: { id: ids.securityGroup },
        ...change,
      },
    },
    {
      id: `${ids.network}/subnets/GatewaySubnet`,
      name: 'GatewaySubnet',
      properties: { addressPrefix: '10.1.255.0/27' },
    },
  ],
});

function tunnel(change: Change): string {
  return deploymentOf(change).tunnel?.state ?? 'none';
}

describe('the tunnel', () => {
  it.each<[string, Change, string]>([
    ['one default', { routes: [toFirewall('0.0.0.0/0')] }, 'forced'],
    [
      'two half defaults against 0/0 to Internet',
      { routes: [toFirewall('0.0.0.0/1', 'a'), toFirewall('128.0.0.0/1', 'b'), internet('0.0.0.0/0', 'c')] },
      'forced',
    ],
    [
      'four quarters',
      {
        routes: ['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2'].map((prefix, index) =>
          toFirewall(prefix, `q${index}`),
        ),
      },
      'forced',
    ],
    ['a gateway as next hop', { routes: [route('d', '0.0.0.0/0', 'VirtualNetworkGateway')] }, 'forced'],
    ['half a default', { routes: [toFirewall('0.0.0.0/1')] }, 'partial'],
    ['a hole', { routes: [toFirewall('0.0.0.0/0'), internet('8.8.8.0/24', 'hole')] }, 'partial'],
    ['a hole of approved clients only', { routes: [toFirewall('0.0.0.0/0'), clients] }, 'forced'],
    [
      'a hole that the policy allows',
      { routes: [toFirewall('0.0.0.0/0'), internet('8.8.8.0/24', 'hole')], policy: { allowDirect: ['8.8.0.0/16'] } },
      'forced',
    ],
    [
      'a hole of a tag that the policy allows',
      {
        routes: [toFirewall('0.0.0.0/0'), internet('AzureMonitor', 'hole')],
        policy: { allowDirect: ['azuremonitor'] },
      },
      'forced',
    ],
    ['no route at all', { routes: [] }, 'direct'],
    ['0/0 to Internet', { routes: [internet('0.0.0.0/0', 'd')] }, 'direct'],
    ['a default to None', { routes: [route('d', '0.0.0.0/0', 'None')] }, 'dropped'],
    ['a default to VnetLocal', { routes: [route('d', '0.0.0.0/0', 'VnetLocal')] }, 'dropped'],
    ['one dropped range beside the Internet', { routes: [route('d', '8.0.0.0/8', 'None')] }, 'dropped'],
    [
      'one dropped range beside the tunnel',
      { routes: [toFirewall('0.0.0.0/0'), route('d', '8.0.0.0/8', 'None')] },
      'forced',
    ],
    ['only private ranges in the tunnel', { routes: [toFirewall('10.0.0.0/8')] }, 'direct'],
    ['a next hop type from the future', { routes: [route('d', '0.0.0.0/0', 'Teleporter')] }, 'unknown'],
    ['next hop types in any case', { routes: [route('d', '0.0.0.0/0', 'virtualappliance', '10.0.1.4')] }, 'forced'],
    ['a tag that is not in the data', { routes: [toFirewall('0.0.0.0/0'), internet('NoSuchTag', 'odd')] }, 'unknown'],
    [
      'one prefix twice, to different ends',
      { routes: [toFirewall('0.0.0.0/0'), internet('0.0.0.0/0', 'twin')] },
      'unknown',
    ],
    [
      'one prefix twice, to different ends, the other way round',
      { routes: [internet('0.0.0.0/0', 'twin'), toFirewall('0.0.0.0/0')] },
      'unknown',
    ],
    [
      'one prefix twice, to the same end',
      { routes: [toFirewall('0.0.0.0/0'), toFirewall('0.0.0.0/0', 'twin')] },
      'forced',
    ],
    ['a prefix that is none', { routes: [toFirewall('0.0.0.0/0'), internet('10.0.0.0/33', 'odd')] }, 'unknown'],
    [
      'a route without a next hop type',
      { routes: [{ name: 'odd', properties: { addressPrefix: '0.0.0.0/0' } }] },
      'unknown',
    ],
    ['an IPv6 default', { routes: [toFirewall('0.0.0.0/0'), internet('::/0', 'six')] }, 'forced'],
    ['a table that is not in the estate', { table: null }, 'unknown'],
    ['no route table', { subnet: { routeTable: null } }, 'direct'],
  ])('with %s', (_, change, state) => {
    expect(tunnel(change)).toBe(state);
  });

  it.each<[string, Change, string]>([
    ['a gateway subnet', { network: gatewaySubnet(), routes: [], table: propagating }, 'unknown'],
    ['a gateway subnet, propagation off', { network: gatewaySubnet(), routes: [] }, 'direct'],
    [
      'a gateway subnet, the flag missing',
      { network: gatewaySubnet(), routes: [], table: { disableBgpRoutePropagation: null } },
      'unknown',
    ],
    ['a gateway subnet, no table', { network: gatewaySubnet({ routeTable: null }) }, 'unknown'],
    [
      'a gateway subnet, the whole space routed',
      { network: gatewaySubnet(), table: propagating, routes: [toFirewall('0.0.0.0/0')] },
      'forced',
    ],
    [
      'a gateway subnet, half the space tunnelled',
      { network: gatewaySubnet(), table: propagating, routes: [toFirewall('0.0.0.0/1')] },
      'unknown',
    ],
    [
      'a gateway subnet, partial whatever may come',
      { network: gatewaySubnet(), table: propagating, routes: [toFirewall('0.0.0.0/2'), internet('64.0.0.0/2', 'i')] },
      'partial',
    ],
    [
      'a route server subnet',
      {
        network: {
          subnets: [
            ...(gatewaySubnet().subnets as Json[]).slice(0, 1),
            { id: `${ids.network}/subnets/routeserversubnet`, name: 'routeserversubnet', properties: {} },
          ],
        },
        routes: [],
        table: propagating,
      },
      'unknown',
    ],
    [
      'a peering that uses the remote gateway',
      {
        network: {
          virtualNetworkPeerings: [{ name: 'hub', properties: { useRemoteGateways: true, peeringState: 'Connected' } }],
        },
        routes: [],
        table: propagating,
      },
      'unknown',
    ],
    [
      'a peering that does not',
      {
        network: { virtualNetworkPeerings: [{ name: 'hub', properties: { useRemoteGateways: false } }] },
        routes: [],
        table: propagating,
      },
      'direct',
    ],
    [
      'a virtual hub',
      {
        routes: [],
        table: propagating,
        more: [
          {
            id: `${ids.network.replace('virtualNetworks/vnet-one', 'virtualHubs/h')}/hubVirtualNetworkConnections/c`,
            type: 'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections',
            name: 'c',
            properties: { remoteVirtualNetwork: { id: ids.network.toUpperCase() } },
          },
        ],
      },
      'unknown',
    ],
    ['the network not in the estate', { network: null, routes: [], table: propagating }, 'unknown'],
    ['the network not in the estate, propagation off', { network: null, routes: [] }, 'direct'],
    ['nothing to learn from', { routes: [], table: propagating }, 'direct'],
  ])('where a default could be learned: %s', (_, change, state) => {
    expect(tunnel(change)).toBe(state);
  });

  it('counts the addresses of each next hop', () => {
    const { tunnel: seen } = deploymentOf({ routes: [toFirewall('0.0.0.0/0'), internet('8.8.8.0/24', 'hole')] });
    expect(seen?.nextHops[0]).toMatchObject({ type: 'VirtualAppliance', address: '10.0.1.4' });
    expect(seen?.nextHops[1]).toEqual({ type: 'Internet', addresses: 256 });
  });

  it('names what it took for granted', () => {
    const change = {
      network: gatewaySubnet(),
      table: propagating,
      routes: [toFirewall('0.0.0.0/0'), internet('::/0', 'six')],
    };
    const { tunnel: seen } = deploymentOf(change);
    expect(seen?.assumptions.join(' ')).toMatch(/GatewaySubnet.*no learned route more specific/);
    expect(seen?.assumptions.join(' ')).toMatch(/"six".*IPv6 is not evaluated/);
  });
});

describe('route selection', () => {
  const inControlPlane = toPrefixes(bundledServiceTags('Public').get('ApiManagement').set, 1)[0] ?? '';

  it('prefers a literal CIDR over a tag at an equal prefix', () => {
    const change = { routes: [toFirewall('0.0.0.0/0'), controlPlane, toFirewall(inControlPlane, 'odd')] };
    expect(outcomeOf(change, 'control-plane-route')).toBe('fail medium');
    expect(findingOf(change, 'control-plane-route').evidence).toMatchObject({
      route: { name: 'odd' },
      counterexample: { addressPrefix: inControlPlane, port: 'tcp/3443' },
    });
  });

  it('prefers a regional tag over the global one', () => {
    const change = {
      routes: [toFirewall('0.0.0.0/0'), controlPlane, toFirewall('ApiManagement.WestEurope', 'regional')],
    };
    expect(outcomeOf(change, 'control-plane-route')).toBe('fail high');
  });

  it('is decided by the longest prefix before anything else', () => {
    const change = { routes: [toFirewall('0.0.0.0/0'), controlPlane, toFirewall('20.0.0.0/7', 'short')] };
    expect(outcomeOf(change, 'control-plane-route')).toBe('pass');
  });

  it('grades the region alone as medium', () => {
    const change = { routes: [toFirewall('0.0.0.0/0'), internet('apimanagement.westeurope', 'regional')] };
    expect(outcomeOf(change, 'control-plane-route')).toBe('fail medium');
  });

  it('lets no user route displace a service endpoint', () => {
    const change = { routes: [toFirewall('0.0.0.0/0'), controlPlane, toFirewall('Storage.WestEurope', 'storage')] };
    const path = deploymentOf(change).paths.find(({ dependency }) => dependency === 'storage');
    expect(path?.via).toMatchObject([{ path: 'endpoint', nextHop: 'VirtualNetworkServiceEndpoint' }]);
    expect(path?.via[0]?.addresses).toBe(path?.addresses);
  });

  it('gives an endpoint that is not provisioned no routes', () => {
    const serviceEndpoints = [{ service: 'Microsoft.Storage', provisioningState: 'Failed' }];
    const path = deploymentOf({ subnet: { serviceEndpoints } }).paths.find(
      ({ dependency }) => dependency === 'storage',
    );
    expect(path?.via).toMatchObject([{ path: 'tunnel', nextHop: 'VirtualAppliance', address: '10.0.1.4' }]);
  });

  it.each([
    [undefined, 'endpoint'],
    [['*'], 'endpoint'],
    [['West Europe'], 'endpoint'],
    [['northeurope'], 'tunnel'],
    [['northeurope', 'westeurope'], 'endpoint'],
  ])('routes an endpoint for its locations %j', (locations, path) => {
    const serviceEndpoints = [{ service: 'Microsoft.Storage', ...(locations && { locations }) }];
    const storage = deploymentOf({ subnet: { serviceEndpoints } }).paths.find(
      ({ dependency }) => dependency === 'storage',
    );
    expect(storage?.via[0]?.path).toBe(path);
  });
});

describe('requirements of routes', () => {
  it('do not apply without a tunnel', () => {
    const { findings } = deploymentOf({ routes: [], subnet: { serviceEndpoints: null } });
    const applying = findings.filter(
      ({ requirement, status }) =>
        status !== 'notApplicable' && !requirement.startsWith('nsg') && requirement !== 'platform-supported',
    );
    expect(applying).toEqual([]);
  });

  it('pass where they hold whatever may be learned, and are unknown where they would fail', () => {
    const change = {
      network: gatewaySubnet({ serviceEndpoints: [{ service: 'Microsoft.Storage' }] }),
      table: propagating,
      routes: [controlPlane],
    };
    expect(outcomeOf(change, 'control-plane-route')).toBe('pass');
    expect(outcomeOf(change, 'service-endpoint-storage')).toBe('pass');
    expect(outcomeOf(change, 'service-endpoint-sql')).toBe('unknown critical');
    expect(findingOf(change, 'service-endpoint-sql').message).toContain('If the subnet is tunnelled, this fails');
    expect(outcomeOf(change, 'kms-route')).toBe('unknown low');
    expect(outcomeOf(change, 'unapproved-direct-route')).toBe('unknown high');
    expect(outcomeOf(change, 'tunnel-next-hop')).toBe('pass');
  });

  it('are all unknown beside a route with a tag that is not in the data, which is named', () => {
    const change = { routes: [toFirewall('0.0.0.0/0'), controlPlane, internet('NoSuchTag', 'odd')] };
    for (const id of [
      'control-plane-route',
      'client-routes',
      'kms-route',
      'unapproved-direct-route',
      'tunnel-next-hop',
    ]) {
      expect(`${id} ${findingOf(change, id).status}`).toBe(`${id} unknown`);
      expect(findingOf(change, id).evidence.notSeen?.join()).toContain('"NoSuchTag"');
    }
  });

  it.each<[string, Change, string]>([
    ['an appliance without an address', { routes: [route('d', '0.0.0.0/0', 'VirtualAppliance')] }, 'fail high'],
    [
      'an appliance with a name for an address',
      { routes: [route('d', '0.0.0.0/0', 'VirtualAppliance', 'fw')] },
      'fail high',
    ],
    ['an appliance that the policy does not name', { policy: { appliances: ['10.0.9.9'] } }, 'fail high'],
    ['an appliance that the policy names', { policy: { appliances: ['10.0.9.9', '10.0.1.4'] } }, 'pass'],
    ['a gateway', { routes: [route('d', '0.0.0.0/0', 'VirtualNetworkGateway')] }, 'pass'],
    ['nothing tunnelled', { routes: [route('d', '0.0.0.0/0', 'None')] }, 'notApplicable'],
    [
      'another appliance for private ranges',
      {
        routes: [toFirewall('0.0.0.0/0'), route('p', '10.9.0.0/16', 'VirtualAppliance', '10.9.9.9')],
        policy: { appliances: ['10.0.1.4'] },
      },
      'pass',
    ],
  ])('tunnel-next-hop with %s', (_, change, outcome) => {
    expect(outcomeOf(change, 'tunnel-next-hop')).toBe(outcome);
  });

  it.each<[string, Change, string]>([
    ['the tunnel demanded and there', { policy: { tunnel: 'required' } }, 'pass'],
    ['the tunnel demanded and not there', { routes: [], policy: { tunnel: 'required' } }, 'fail high'],
    [
      'the tunnel demanded and half there',
      { routes: [toFirewall('0.0.0.0/1')], policy: { tunnel: 'required' } },
      'fail high',
    ],
    ['the tunnel demanded and not to be seen', { table: null, policy: { tunnel: 'required' } }, 'unknown high'],
    ['no demand', {}, 'notApplicable'],
  ])('forced-tunnel with %s', (_, change, outcome) => {
    expect(outcomeOf(change, 'forced-tunnel')).toBe(outcome);
  });

  it.each<[string, Change, string]>([
    ['every range routed', {}, 'pass'],
    ['one of two ranges routed', { policy: { clients: ['20.10.0.0/24', '20.11.0.0/24'] } }, 'fail critical'],
    ['half a range routed', { policy: { clients: ['20.10.0.0/23'] } }, 'fail critical'],
    ['no clients declared', { policy: { clients: [] } }, 'unknown critical'],
    ['IPv6 clients', { policy: { clients: ['20.10.0.0/24', '2001:db8::/32'] } }, 'unknown critical'],
    ['Internal mode', { service: { virtualNetworkType: 'Internal' }, policy: { clients: [] } }, 'notApplicable'],
    ['no tunnel', { routes: [] }, 'notApplicable'],
  ])('client-routes with %s', (_, change, outcome) => {
    expect(outcomeOf(change, 'client-routes')).toBe(outcome);
  });

  it('demand the KMS addresses of the cloud', () => {
    expect(outcomeOf({}, 'kms-route')).toBe('pass');
    expect(outcomeOf({ location: 'USGov Virginia' }, 'kms-route')).toBe('fail low');
    expect(findingOf({ location: 'China East 2' }, 'kms-route').evidence.counterexample?.addresses).toBe(3);
  });
});

describe('a NAT gateway', () => {
  it('gives outbound traffic its addresses and changes no route: the report names it', () => {
    const natGateway = { id: ids.network.replace('virtualNetworks/vnet-one', 'natGateways/nat-one') };
    const [plain, natted] = [deploymentOf({}), deploymentOf({ subnet: { natGateway } })];
    expect(natted.tunnel).toEqual({ ...plain.tunnel, natGateway: natGateway.id });
    expect(besideTables(natted)).toEqual(['NAT gateway nat-one: what has next hop Internet leaves from its addresses']);
    expect(besideTables(plain)).toEqual([]);
  });
});
