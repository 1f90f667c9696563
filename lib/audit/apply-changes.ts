/** A fix tried on the model: the estate as it would be after its changes. Azure is never touched here. */
import {
  type Estate,
  type FirewallPolicy,
  type FirewallRule,
  idKey,
  type NetworkSecurityGroup,
  type RouteTable,
  type SecurityRule,
  type Subnet,
} from '../network/model.ts';
import { OverlayMap } from '../network/overlay-map.ts';
import type { Change, NewSecurityRule, PutRuleCollectionGroup } from '../requirements/fix/change.ts';

function securityRule(rule: NewSecurityRule): SecurityRule {
  return {
    ...rule,
    protocol: 'Tcp',
    sourcePortRanges: ['*'],
    sourceApplicationSecurityGroupIds: [],
    destinationApplicationSecurityGroupIds: [],
  };
}

function withRoute(table: RouteTable, change: Extract<Change, { kind: 'putRoute' }>): RouteTable {
  const { name, addressPrefix, nextHopType, nextHopIpAddress } = change;
  const route = { name, addressPrefix, nextHopType, ...(nextHopIpAddress !== undefined && { nextHopIpAddress }) };
  const others = table.routes.filter((each) => each.name.toLowerCase() !== name.toLowerCase());
  return { ...table, routes: [...others, route] };
}

function firewallRule(change: PutRuleCollectionGroup): FirewallRule {
  const { rule } = change;
  const none = {
    ipProtocols: [],
    protocols: [],
    sourceIpGroups: [],
    destinationAddresses: [],
    destinationIpGroups: [],
    destinationPorts: [],
    destinationFqdns: [],
    targetFqdns: [],
    targetUrls: [],
    fqdnTags: [],
    webCategories: [],
  };
  return rule.ruleType === 'NetworkRule' ? { ...none, ...rule, ipProtocols: ['TCP'] } : { ...none, ...rule };
}

function withGroup(policy: FirewallPolicy, change: PutRuleCollectionGroup): FirewallPolicy {
  const collection = {
    name: change.collectionName,
    priority: 100,
    ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
    action: 'Allow',
    rules: [firewallRule(change)],
  };
  const id = `${policy.id}/ruleCollectionGroups/${change.name}`;
  const group = { id, name: change.name, priority: change.priority, ruleCollections: [collection] };
  return {
    ...policy,
    ruleCollectionGroups: [...policy.ruleCollectionGroups, group],
    ruleCollectionGroupIds: [...policy.ruleCollectionGroupIds, id],
  };
}

function replaced<T extends { readonly id: string }>(map: ReadonlyMap<string, T>, resource: T): ReadonlyMap<string, T> {
  return new OverlayMap(map, idKey(resource.id), resource);
}

function applyOne(estate: Estate, change: Change): Estate {
  switch (change.kind) {
    case 'putRoute': {
      const table = estate.routeTables.get(idKey(change.routeTableId));
      return table ? { ...estate, routeTables: replaced(estate.routeTables, withRoute(table, change)) } : estate;
    }
    case 'setServiceEndpoints': {
      const known = new Map(
        change.subnet.serviceEndpoints.map((endpoint) => [endpoint.service.toLowerCase(), endpoint]),
      );
      const serviceEndpoints = change.services.map((service) => known.get(service.toLowerCase()) ?? { service });
      const subnet: Subnet = { ...change.subnet, serviceEndpoints };
      return { ...estate, subnets: replaced(estate.subnets, subnet) };
    }
    case 'putSecurityRule': {
      const group = estate.networkSecurityGroups.get(idKey(change.networkSecurityGroupId));
      if (!group) return estate;
      const others = group.securityRules.filter((rule) => rule.name.toLowerCase() !== change.rule.name.toLowerCase());
      const changed = { ...group, securityRules: [...others, securityRule(change.rule)] };
      return { ...estate, networkSecurityGroups: replaced(estate.networkSecurityGroups, changed) };
    }
    case 'attachNewSecurityGroup': {
      const id = change.networkSecurityGroupId;
      const name = id.slice(id.lastIndexOf('/') + 1);
      const group: NetworkSecurityGroup = {
        id,
        name,
        location: change.location,
        securityRules: change.rules.map(securityRule),
      };
      return {
        ...estate,
        networkSecurityGroups: replaced(estate.networkSecurityGroups, group),
        subnets: replaced(estate.subnets, { ...change.subnet, networkSecurityGroupId: id }),
      };
    }
    case 'putRuleCollectionGroup': {
      const policy = estate.firewallPolicies.get(idKey(change.firewallPolicyId));
      return policy
        ? { ...estate, firewallPolicies: replaced(estate.firewallPolicies, withGroup(policy, change)) }
        : estate;
    }
  }
}

export function applyChanges(estate: Estate, changes: readonly Change[]): Estate {
  return changes.reduce(applyOne, estate);
}
