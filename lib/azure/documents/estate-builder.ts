/**
 * Collects resources in any order and puts them together: what is inline and what stands alone, children and parents,
 * twins. The order in which resources come does not matter for the estate that comes out.
 */
import {
  type ApiManagementService,
  type AzureFirewall,
  type Estate,
  type EstateError,
  type FirewallPolicy,
  type HubVirtualNetworkConnection,
  type IpGroup,
  idKey,
  isExpression,
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
import { attachChildren } from './children.ts';
import { defined, type Fields, isRecord, own } from './fields.ts';
import { readFirewall, readFirewallPolicy, readIpGroup, readRuleCollectionGroup } from './normalise/firewall.ts';
import { readGateway, readHubConnection } from './normalise/gateway.ts';
import { type Head, headOf } from './normalise/head.ts';
import { readRoute, readRouteTable } from './normalise/route-table.ts';
import { readSecurityGroup, readSecurityRule } from './normalise/security-group.ts';
import { readService } from './normalise/service.ts';
import { readSubnet } from './normalise/subnet.ts';
import { readPeering, readVirtualNetwork } from './normalise/virtual-network.ts';
import { parentId, typeOfId } from './resource-id.ts';
import { mergeTwins } from './twins.ts';

type Keyed<T> = Map<string, T>;

/** A child that came as a resource of its own. */
export interface Child<T> {
  readonly id: string;
  readonly parent: string;
  readonly value: T;
}

export class EstateBuilder {
  readonly sources: Source[] = [];
  private readonly errors: EstateError[] = [];
  private readonly services: Keyed<ApiManagementService> = new Map();
  private readonly virtualNetworks: Keyed<VirtualNetwork> = new Map();
  private readonly subnets: Keyed<Subnet> = new Map();
  private readonly routeTables: Keyed<RouteTable> = new Map();
  private readonly networkSecurityGroups: Keyed<NetworkSecurityGroup> = new Map();
  private readonly azureFirewalls: Keyed<AzureFirewall> = new Map();
  private readonly firewallPolicies: Keyed<FirewallPolicy> = new Map();
  private readonly ipGroups: Keyed<IpGroup> = new Map();
  private readonly virtualNetworkGateways: Keyed<VirtualNetworkGateway> = new Map();
  private readonly hubVirtualNetworkConnections: Keyed<HubVirtualNetworkConnection> = new Map();
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

  /** Whether a value looks like a resource: it has a resource type or a resource id. */
  static isResource(value: unknown): value is Fields {
    if (!isRecord(value)) return false;
    const type = own(value, 'type');
    const id = own(value, 'id');
    return (typeof type === 'string' && type.includes('/')) || (typeof id === 'string' && typeOfId(id) !== undefined);
  }

  /** Takes one resource of any type; the raw object is not kept, but for the properties of subnets. */
  add(raw: Fields, origin?: Origin): void {
    const idText = own(raw, 'id');
    const typeText = own(raw, 'type');
    const type =
      typeof typeText === 'string' && typeText.includes('/') ? typeText.toLowerCase() : typeOfId(String(idText ?? ''));
    if (type === undefined) return;
    this.resourceCounts.set(type, (this.resourceCounts.get(type) ?? 0) + 1);
    if (!(type in this.readers)) return;
    if (typeof idText !== 'string' || idText === '') {
      const name = own(raw, 'name');
      this.addError(typeof name === 'string' ? name : type, `a ${type} without an id cannot be placed and is left out`);
      return;
    }
    const id = idText.endsWith('/') ? idText.slice(0, -1) : idText;
    this.readers[type]?.(raw, headOf(raw, id, origin));
  }

  private put<T extends { readonly id: string }>(map: Keyed<T>, resource: T): void {
    const key = idKey(resource.id);
    const twin = map.get(key);
    map.set(key, twin ? mergeTwins(twin, resource, (message) => this.addError(twin.id, message)) : resource);
  }

  private putVirtualNetwork(raw: Fields, head: Head): void {
    const { network, subnets } = readVirtualNetwork(raw, head);
    this.put(this.virtualNetworks, network);
    for (const subnet of subnets) this.put(this.subnets, readSubnet(subnet, headOf(subnet, subnet.id, head.origin)));
  }

  private readonly readers: Readonly<Record<string, (raw: Fields, head: Head) => void>> = {
    'microsoft.apimanagement/service': (raw, head) => this.put(this.services, readService(raw, head)),
    'microsoft.network/virtualnetworks': (raw, head) => this.putVirtualNetwork(raw, head),
    'microsoft.network/virtualnetworks/subnets': (raw, head) => this.put(this.subnets, readSubnet(raw, head)),
    'microsoft.network/virtualnetworks/virtualnetworkpeerings': (raw, head) =>
      this.peerings.push(child(head, { ...readPeering(raw), name: head.name })),
    'microsoft.network/routetables': (raw, head) => this.put(this.routeTables, readRouteTable(raw, head)),
    'microsoft.network/routetables/routes': (raw, head) =>
      this.routes.push(child(head, { ...readRoute(raw), name: head.name })),
    'microsoft.network/networksecuritygroups': (raw, head) =>
      this.put(this.networkSecurityGroups, readSecurityGroup(raw, head)),
    'microsoft.network/networksecuritygroups/securityrules': (raw, head) =>
      this.rules.push(child(head, { ...readSecurityRule(raw), name: head.name })),
    'microsoft.network/azurefirewalls': (raw, head) => this.put(this.azureFirewalls, readFirewall(raw, head)),
    'microsoft.network/firewallpolicies': (raw, head) => this.put(this.firewallPolicies, readFirewallPolicy(raw, head)),
    'microsoft.network/firewallpolicies/rulecollectiongroups': (raw, head) =>
      this.groups.push(child(head, readRuleCollectionGroup(raw, head))),
    'microsoft.network/ipgroups': (raw, head) => this.put(this.ipGroups, readIpGroup(raw, head)),
    'microsoft.network/virtualnetworkgateways': (raw, head) =>
      this.put(this.virtualNetworkGateways, readGateway(raw, head)),
    'microsoft.network/virtualhubs/hubvirtualnetworkconnections': (raw, head) =>
      this.put(this.hubVirtualNetworkConnections, readHubConnection(raw, head)),
  };

  /** Every VNet knows its subnets, also those that came alone. */
  private linkSubnets(): void {
    const byNetwork = new Map<string, string[]>();
    for (const subnet of this.subnets.values()) {
      const key = idKey(parentId(subnet.id));
      const list = byNetwork.get(key);
      if (list) list.push(subnet.id);
      else byNetwork.set(key, [subnet.id]);
    }
    for (const [key, network] of this.virtualNetworks) {
      this.virtualNetworks.set(key, { ...network, subnetIds: (byNetwork.get(key) ?? []).sort() });
    }
  }

  /** What a deployment cannot be evaluated without: said once, beside the unknown findings. */
  private noteUnreadable(): void {
    for (const service of this.services.values()) {
      if (service.location === undefined || isExpression(service.location)) {
        this.addError(service.id, 'the service has no location: its regional service tags cannot be named');
      }
    }
    const kinds = [
      this.services,
      this.virtualNetworks,
      this.subnets,
      this.routeTables,
      this.networkSecurityGroups,
      this.azureFirewalls,
      this.firewallPolicies,
      this.ipGroups,
    ];
    for (const kind of kinds) {
      for (const { id, unresolved } of kind.values()) {
        for (const [field, reason] of Object.entries(unresolved ?? {})) {
          if (!reason.startsWith('is given twice')) this.addError(id, `${field}: ${reason}`);
        }
      }
    }
  }

  build(): Estate {
    attachChildren(this.routeTables, this.routes, 'routes', (message, id) => this.addError(id, message));
    attachChildren(this.networkSecurityGroups, this.rules, 'securityRules', (message, id) =>
      this.addError(id, message),
    );
    attachChildren(this.virtualNetworks, this.peerings, 'virtualNetworkPeerings', (message, id) =>
      this.addError(id, message),
    );
    attachChildren(this.firewallPolicies, this.groups, 'ruleCollectionGroups', (message, id) =>
      this.addError(id, message),
    );
    this.linkSubnets();
    this.noteUnreadable();
    const errors = [...new Map(this.errors.map((error) => [`${error.resource} ${error.message}`, error])).values()];
    return {
      sources: this.sources,
      errors: errors.sort((a, b) => compare(a.resource, b.resource) || compare(a.message, b.message)),
      services: [...this.services.entries()].sort(([a], [b]) => compare(a, b)).map(([, service]) => service),
      virtualNetworks: sorted(this.virtualNetworks),
      subnets: sorted(this.subnets),
      routeTables: sorted(this.routeTables),
      networkSecurityGroups: sorted(this.networkSecurityGroups),
      azureFirewalls: sorted(this.azureFirewalls),
      firewallPolicies: sorted(this.firewallPolicies),
      ipGroups: sorted(this.ipGroups),
      virtualNetworkGateways: sorted(this.virtualNetworkGateways),
      hubVirtualNetworkConnections: sorted(this.hubVirtualNetworkConnections),
      resourceCounts: new Map([...this.resourceCounts].sort(([a], [b]) => compare(a, b))),
    };
  }
}

function child<T extends object>(head: Head, value: T): Child<T> {
  return { id: head.id, parent: parentId(head.id), value: defined({ ...value, id: head.id }) as T };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The same content gives the same order, whatever order it came in. */
function sorted<T>(map: Keyed<T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => compare(a, b)));
}
