/**
 * Collects resources in any order and puts them together: what is inline and what stands alone, children and parents,
 * twins. The order in which resources come does not matter for the estate that comes out.
 */
import type { RoutingIntent } from '../../network/learned-routes.ts';
import {
  type ApiManagementService,
  type AzureFirewall,
  type Estate,
  type EstateError,
  type FirewallPolicy,
  type HubVirtualNetworkConnection,
  type IpGroup,
  idKey,
  type NetworkSecurityGroup,
  type Origin,
  type Route,
  type RouteTable,
  type RuleCollectionGroup,
  type SecurityRule,
  type Source,
  type Subnet,
  type VirtualNetwork,
  type VirtualNetworkGateway,
  type VirtualNetworkPeering,
} from '../../network/model.ts';
import { SecurityAdminRuleAnswers } from './admin-rules.ts';
import { attachChildren, type Child } from './children.ts';
import { defined, type Fields, isRecord, own } from './fields.ts';
import { type KnownLearners, LearnedRouteAnswers } from './learned-routes.ts';
import { NetworkStatuses } from './network-statuses.ts';
import { readFirewall } from './normalise/firewall.ts';
import { readFirewallPolicy, readRuleCollectionGroup } from './normalise/firewall-policy.ts';
import { readGateway, readHubConnection, readRoutingIntent } from './normalise/gateway.ts';
import { type Head, headOf } from './normalise/head.ts';
import { readIpGroup } from './normalise/ip-group.ts';
import { readRoute, readRouteTable } from './normalise/route-table.ts';
import { readSecurityGroup, readSecurityRule } from './normalise/security-group.ts';
import { readService } from './normalise/service.ts';
import { readSubnet } from './normalise/subnet.ts';
import { readPeering, readVirtualNetwork } from './normalise/virtual-network.ts';
import { OutboundDependencyLists } from './outbound-dependencies.ts';
import { type Page, unreadPages } from './pages.ts';
import { parentId, typeOfId } from './resource-id.ts';
import { TwinMap } from './twins.ts';
import { unreadableOf } from './unreadable.ts';

export class EstateBuilder {
  readonly sources: Source[] = [];
  private readonly errors: EstateError[] = [];
  private readonly pages: Page[] = [];
  private readonly services = new TwinMap<ApiManagementService>();
  private readonly virtualNetworks = new TwinMap<VirtualNetwork>();
  private readonly subnets = new TwinMap<Subnet>();
  private readonly routeTables = new TwinMap<RouteTable>();
  private readonly networkSecurityGroups = new TwinMap<NetworkSecurityGroup>();
  private readonly azureFirewalls = new TwinMap<AzureFirewall>();
  private readonly firewallPolicies = new TwinMap<FirewallPolicy>();
  private readonly ipGroups = new TwinMap<IpGroup>();
  private readonly virtualNetworkGateways = new TwinMap<VirtualNetworkGateway>();
  private readonly hubVirtualNetworkConnections = new TwinMap<HubVirtualNetworkConnection>();
  private readonly routingIntents = new TwinMap<RoutingIntent>();
  private readonly networkStatuses = new NetworkStatuses();
  private readonly dependencies = new OutboundDependencyLists();
  private readonly learnedRoutes = new LearnedRouteAnswers();
  private readonly adminRules = new SecurityAdminRuleAnswers();
  private readonly resourceCounts = new Map<string, number>();
  private readonly routes: Child<Route>[] = [];
  private readonly rules: Child<SecurityRule>[] = [];
  private readonly peerings: Child<VirtualNetworkPeering>[] = [];
  private readonly groups: Child<RuleCollectionGroup>[] = [];

  /** Registers where resources come from; the index goes into their `origin`. */
  addSource(source: Source): number {
    this.sources.push(source);
    return this.sources.length - 1;
  }

  addError(resource: string, message: string): void {
    this.errors.push({ resource, message });
  }

  /** Notes a page of a list, so that one that has not been read to its end is reported. */
  notePage(page: Page): void {
    this.pages.push(page);
  }

  /** Whether a value looks like a resource: it has a resource type or a resource id. */
  static isResource(value: unknown): value is Fields {
    if (!isRecord(value)) return false;
    const type = own(value, 'type');
    if (typeof type === 'string' && type.includes('/')) return true;
    const id = own(value, 'id');
    return typeof id === 'string' && typeOfId(id) !== undefined;
  }

  /** Takes what is no resource: what API Management says of its network, and routes that were learned. @returns whether it was that */
  addView(raw: unknown): boolean {
    const kinds = [this.networkStatuses, this.learnedRoutes, this.adminRules, this.dependencies];
    return kinds.some((kind) => kind.add(raw));
  }

  /** Takes one resource of any type; the raw object is not kept, but for the properties of subnets. */
  add(raw: Fields, origin?: Origin): void {
    const idText = own(raw, 'id');
    const typeText = own(raw, 'type');
    const type =
      typeof typeText === 'string' && typeText.includes('/') ? typeText.toLowerCase() : typeOfId(String(idText ?? ''));
    if (type === undefined) return;
    this.resourceCounts.set(type, (this.resourceCounts.get(type) ?? 0) + 1);
    const read = this.readers.get(type);
    if (read === undefined) return;
    if (typeof idText !== 'string' || idText === '') {
      const name = own(raw, 'name');
      this.addError(typeof name === 'string' ? name : type, `a ${type} without an id cannot be placed and is left out`);
      return;
    }
    read(raw, headOf(raw, idText.endsWith('/') ? idText.slice(0, -1) : idText, origin));
  }

  private putVirtualNetwork(raw: Fields, head: Head): void {
    const { network, subnets } = readVirtualNetwork(raw, head);
    put(this.virtualNetworks, network);
    for (const subnet of subnets) put(this.subnets, readSubnet(subnet.raw, headOf(subnet.raw, subnet.id, head.origin)));
  }

  private readonly readers: ReadonlyMap<string, (raw: Fields, head: Head) => void> = new Map([
    ['microsoft.apimanagement/service', (raw, head) => put(this.services, readService(raw, head))],
    ['microsoft.network/virtualnetworks', (raw, head) => this.putVirtualNetwork(raw, head)],
    ['microsoft.network/virtualnetworks/subnets', (raw, head) => put(this.subnets, readSubnet(raw, head))],
    [
      'microsoft.network/virtualnetworks/virtualnetworkpeerings',
      (raw, head) => this.peerings.push(child(head, readPeering(raw))),
    ],
    ['microsoft.network/routetables', (raw, head) => put(this.routeTables, readRouteTable(raw, head))],
    ['microsoft.network/routetables/routes', (raw, head) => this.routes.push(child(head, readRoute(raw)))],
    [
      'microsoft.network/networksecuritygroups',
      (raw, head) => put(this.networkSecurityGroups, readSecurityGroup(raw, head)),
    ],
    [
      'microsoft.network/networksecuritygroups/securityrules',
      (raw, head) => this.rules.push(child(head, readSecurityRule(raw))),
    ],
    ['microsoft.network/azurefirewalls', (raw, head) => put(this.azureFirewalls, readFirewall(raw, head))],
    ['microsoft.network/firewallpolicies', (raw, head) => put(this.firewallPolicies, readFirewallPolicy(raw, head))],
    [
      'microsoft.network/firewallpolicies/rulecollectiongroups',
      (raw, head) => this.groups.push(child(head, readRuleCollectionGroup(raw, head))),
    ],
    ['microsoft.network/ipgroups', (raw, head) => put(this.ipGroups, readIpGroup(raw, head))],
    [
      'microsoft.network/virtualnetworkgateways',
      (raw, head) => put(this.virtualNetworkGateways, readGateway(raw, head)),
    ],
    [
      'microsoft.network/virtualhubs/hubvirtualnetworkconnections',
      (raw, head) => put(this.hubVirtualNetworkConnections, readHubConnection(raw, head)),
    ],
    [
      'microsoft.network/virtualhubs/routingintent',
      (raw, head) => put(this.routingIntents, readRoutingIntent(raw, head)),
    ],
  ] as [string, (raw: Fields, head: Head) => void][]);

  /** The estate of all that was added; its maps and lists are in the order of their keys. */
  build(): Estate {
    const report = (resource: string, message: string): void => this.addError(resource, message);
    const merged = <T extends { readonly id: string; readonly origin?: Origin }>(map: TwinMap<T>): Map<string, T> =>
      map.merged(report);
    const subnets = merged(this.subnets);
    const virtualNetworks = merged(this.virtualNetworks);
    const routeTables = merged(this.routeTables);
    const networkSecurityGroups = merged(this.networkSecurityGroups);
    const firewallPolicies = merged(this.firewallPolicies);
    attachChildren(routeTables, this.routes, 'routes', report);
    attachChildren(networkSecurityGroups, this.rules, 'securityRules', report);
    attachChildren(virtualNetworks, this.peerings, 'virtualNetworkPeerings', report);
    attachChildren(firewallPolicies, this.groups, 'ruleCollectionGroups', report);
    linkSubnets(virtualNetworks, subnets);
    const maps = {
      virtualNetworks,
      subnets,
      routeTables,
      networkSecurityGroups,
      azureFirewalls: merged(this.azureFirewalls),
      firewallPolicies,
      ipGroups: merged(this.ipGroups),
      virtualNetworkGateways: merged(this.virtualNetworkGateways),
      hubVirtualNetworkConnections: merged(this.hubVirtualNetworkConnections),
      routingIntents: merged(this.routingIntents),
    };
    const services = [...merged(this.services).values()];
    const networkStatuses = this.networkStatuses.byService(services, report);
    const outboundDependencies = this.dependencies.byService(services, report);
    const learnedRoutes = this.learnedRoutes.byLearner(learnersOf(maps), report);
    for (const page of unreadPages(this.pages)) this.addError(page.resource, page.message);
    this.errors.push(...unreadableOf({ services, ...maps }));
    const errors = [...new Map(this.errors.map((error) => [`${error.resource}\n${error.message}`, error])).values()];
    return {
      sources: this.sources,
      errors: errors.sort((a, b) => compare(a.resource, b.resource) || compare(a.message, b.message)),
      services,
      ...maps,
      networkStatuses,
      outboundDependencies,
      resolvedNames: this.dependencies.resolvedNames(),
      learnedRoutes,
      securityAdminRules: this.adminRules.byNetwork(report),
      resourceCounts: new Map([...this.resourceCounts].sort(([a], [b]) => compare(a, b))),
    };
  }
}

/** What in the input leads to a gateway, Route Server or hub. */
function learnersOf(
  maps: Pick<Estate, 'virtualNetworks' | 'subnets' | 'virtualNetworkGateways' | 'hubVirtualNetworkConnections'>,
): KnownLearners {
  const { virtualNetworks, subnets, virtualNetworkGateways, hubVirtualNetworkConnections } = maps;
  const attachedIds = [...subnets.values()].flatMap((subnet) => subnet.attachedIds ?? []);
  const attached = new Set(attachedIds.map(idKey));
  const hubs = new Set([...hubVirtualNetworkConnections.keys()].map(parentId));
  const known = [virtualNetworkGateways, hubVirtualNetworkConnections, virtualNetworks, attached, hubs];
  const all = [...[...virtualNetworkGateways.values()].map(({ id }) => id), ...attachedIds.filter(isGateway)];
  return {
    isKnown: (key) => known.some((each) => each.has(key)),
    gateways: [...new Map(all.map((id) => [idKey(id), id])).values()],
  };
}

function isGateway(id: string): boolean {
  return typeOfId(id) === 'microsoft.network/virtualnetworkgateways';
}

function put<T extends { readonly id: string; readonly origin?: Origin }>(map: TwinMap<T>, resource: T): void {
  map.put(idKey(resource.id), resource);
}

function child<T extends object>(head: Head, value: T): Child<T> {
  return { id: head.id, parent: parentId(head.id), value: defined({ ...value, id: head.id, name: head.name }) as T };
}

/** Every VNet knows its subnets, also those that came alone. */
function linkSubnets(virtualNetworks: Map<string, VirtualNetwork>, subnets: ReadonlyMap<string, Subnet>): void {
  const byNetwork = new Map<string, string[]>();
  for (const [key, subnet] of subnets) {
    const network = parentId(key);
    const list = byNetwork.get(network);
    if (list) list.push(subnet.id);
    else byNetwork.set(network, [subnet.id]);
  }
  for (const [key, network] of virtualNetworks) {
    virtualNetworks.set(key, { ...network, subnetIds: byNetwork.get(key) ?? [] });
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
