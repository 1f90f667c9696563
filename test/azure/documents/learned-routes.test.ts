/** What gateways, Route Servers and hubs have learned, out of files: the shapes of the REST interface and of `az`. */
import { describe, expect, it } from 'vitest';
import { DocumentError } from '../../../lib/azure/documents/document-error.ts';
import { estateFromDocument, estateFromText } from '../../../lib/azure/documents/read-estate.ts';
import type { Estate } from '../../../lib/network/model.ts';

type Json = Record<string, unknown>;

const network = '/subscriptions/22222222-2222-2222-2222-222222222222/resourceGroups/rg/providers/Microsoft.Network';
const gateway = `${network}/virtualNetworkGateways/gw`;
const routeServer = `${network}/virtualHubs/rs`;
const hub = `${network}/virtualHubs/hub`;
const source = { kind: 'file', name: 'export.json' } as const;
const gatewayResource = {
  id: gateway,
  type: 'Microsoft.Network/virtualNetworkGateways',
  properties: { ipConfigurations: [] },
};
const connection = {
  id: `${hub}/hubVirtualNetworkConnections/c`,
  type: 'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections',
  properties: { remoteVirtualNetwork: { id: `${network}/virtualNetworks/v` } },
};
/** As a gateway answers (Azure CLI, "list-learned-routes"). */
const learned = {
  asPath: '65010',
  localAddress: '10.0.255.30',
  network: '0.0.0.0/0',
  nextHop: '10.9.0.4',
  origin: 'EBgp',
  sourcePeer: '10.9.0.4',
  weight: 32768,
};
/** Of the published example "VirtualRouterPeerListLearnedRoute" (azure-rest-api-specs, network 2024-01-01, MIT). */
const peerRoute = {
  localAddress: '10.85.3.4',
  network: '10.101.0.0/16',
  nextHop: '10.85.4.4',
  sourcePeer: '10.85.4.4',
  origin: 'EBgp',
  asPath: '65002-65001',
  weight: 32768,
};
/** Of the published example "EffectiveRoutesListForVirtualHub" (the same). */
const hubRoute = {
  addressPrefixes: ['10.0.0.0/16'],
  nextHops: [`${network}/expressRouteGateways/ErGw1`],
  nextHopType: 'ExpressRouteGateway',
  routeOrigin: `${network}/expressRouteGateways/ErGw1`,
  asPath: '12076-12076',
};

function read(...documents: Json[]): Estate {
  return estateFromDocument(documents, source);
}

function of(estate: Estate, id: string) {
  return estate.learnedRoutes.get(id.toLowerCase());
}

describe('learned routes in a file', () => {
  it.each<[string, Json, string, Json[]]>([
    ['a gateway', { gateway, value: [learned] }, gateway, [learned]],
    [
      'a Route Server',
      { routeServer, RouteServiceRole_IN_0: [peerRoute], RouteServiceRole_IN_1: [] },
      routeServer,
      [peerRoute],
    ],
    [
      'a virtual hub',
      { virtualHub: hub, value: [hubRoute] },
      hub,
      [{ ...hubRoute, network: '10.0.0.0/16', nextHop: hubRoute.nextHops[0] }],
    ],
  ])('of %s are taken under its id, whatever its case', (_, document, id, routes) => {
    const upper = Object.fromEntries(
      Object.entries(document).map(([name, value]) => [name, value === id ? id.toUpperCase() : value]),
    );
    const estate = read(upper, gatewayResource, connection);
    expect(of(estate, id)?.notRead).toBeUndefined();
    expect(of(estate, id)?.routes).toMatchObject(
      routes.map((route) => ({ addressPrefix: route.network, nextHop: route.nextHop, asPath: route.asPath })),
    );
  });

  it('are told from a page of resources, alone, in a list or line by line', () => {
    const document = { gateway, value: [learned] };
    const whole = estateFromText(JSON.stringify(document), source);
    const lines = estateFromText(`${JSON.stringify(gatewayResource)}\n${JSON.stringify(document)}\n`, source);
    for (const estate of [whole, lines, read(gatewayResource, document)])
      expect(of(estate, gateway)?.routes).toHaveLength(1);
    expect(lines.errors).toEqual([]);
  });

  it('of several peers are put together, in an order that does not depend on theirs', () => {
    const other = { ...peerRoute, network: '10.102.0.0/16', sourcePeer: '10.85.4.5' };
    const documents = [
      { routeServer, RouteServiceRole_IN_0: [peerRoute] },
      { routeServer, RouteServiceRole_IN_0: [other] },
    ];
    const estate = read(...documents);
    expect(of(estate, routeServer)?.routes.map(({ addressPrefix }) => addressPrefix)).toEqual([
      '10.101.0.0/16',
      '10.102.0.0/16',
    ]);
    expect(of(read(...documents.toReversed()), routeServer)).toEqual(of(estate, routeServer));
  });

  it.each<[string, Json, RegExp]>([
    ['no list', { gateway }, /holds no list of routes/],
    ['a list of something else', { gateway, value: ['0.0.0.0/0'] }, /no address prefix that can be read/],
    ['a prefix that is none', { gateway, value: [{ ...learned, network: 'default' }] }, /no address prefix/],
    ['what could not be read', { gateway, notRead: 'nobody answered' }, /nobody answered/],
  ])('with %s are not known, and it is said', (_, document, reason) => {
    const estate = read(document, gatewayResource);
    expect(of(estate, gateway)?.notRead).toMatch(reason);
    expect(estate.errors.map(({ message }) => message).join()).toMatch(reason);
  });

  it('as az prints them, without a name, are those of the only gateway', () => {
    const printed = JSON.stringify({ value: [learned, { ...learned, network: '10.8.0.0/16' }] });
    const lines = estateFromText(`${JSON.stringify(gatewayResource)}\n${printed}\n`, source);
    expect(of(lines, gateway)?.routes.map(({ addressPrefix }) => addressPrefix)).toEqual(['0.0.0.0/0', '10.8.0.0/16']);
    expect(lines.errors).toEqual([]);
    expect(of(read(gatewayResource, learned), gateway)?.routes).toHaveLength(1);
  });

  it("without a name are nobody's where there are two gateways, or none, and it is said how to name one", () => {
    const other = { ...gatewayResource, id: `${gateway}-2` };
    for (const [documents, count] of [
      [[gatewayResource, other], 2],
      [[connection], 0],
    ] as const) {
      const estate = read(...documents, learned);
      expect(estate.learnedRoutes.size).toBe(0);
      expect(estate.errors.map(({ message }) => message)).toEqual([
        expect.stringContaining(`which of ${count} gateways`),
      ]);
      expect(estate.errors[0]?.message).toContain('{"gateway": "<id>", "value": [...]}');
    }
  });

  it('an empty list is an answer', () => {
    expect(of(read({ gateway, value: [] }, gatewayResource), gateway)).toEqual({ routes: [] });
  });

  it('of a gateway that is nowhere in the input are reported', () => {
    expect(read({ gateway, value: [learned] }, connection).errors).toEqual([
      { resource: gateway, message: expect.stringContaining('not in the input') },
    ]);
  });

  it('without a name that can be used are no estate', () => {
    for (const document of [
      { gateway: 'gw', value: [learned] },
      { gateway: hub, value: [learned] },
    ])
      expect(() => estateFromText(JSON.stringify(document), source)).toThrow(DocumentError);
  });
});
