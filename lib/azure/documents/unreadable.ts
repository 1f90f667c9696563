/** What could not be read, as errors of the estate: said once, beside the findings that it makes unknown. */
import { type Estate, type EstateError, isExpression, type Unresolved } from '../../network/model.ts';
import { noProperties } from './fields.ts';

type Views = 'networkStatuses' | 'outboundDependencies' | 'resolvedNames' | 'learnedRoutes' | 'securityAdminRules';
type Readings = Omit<Estate, 'sources' | 'errors' | 'resourceCounts' | Views>;

interface Part {
  readonly name?: string;
  readonly unresolved?: Unresolved;
}

/** Contradictions are reported where they are found. */
const isContradiction = /^is given (?:twice|in one place)/;

function note(id: string, label: string, part: Part): EstateError[] {
  if (part.unresolved === undefined) return [];
  return Object.entries(part.unresolved)
    .filter(([, reason]) => !isContradiction.test(reason))
    .map(([field, reason]) => ({
      resource: id,
      message: `${label}${reason === noProperties ? 'what it holds' : `${field}:`} ${reason}`,
    }));
}

function noteAll(id: string, kind: string, parts: readonly Part[]): EstateError[] {
  return parts.flatMap((part) => (part.unresolved ? note(id, `${kind} "${part.name ?? ''}": `, part) : []));
}

/** One error for each field, of whatever resource or part of one, that is not known. */
export function unreadableOf(readings: Readings): EstateError[] {
  const errors: EstateError[] = [];
  for (const service of readings.services) {
    const { id, location } = service;
    if (location === undefined || isExpression(location)) {
      errors.push({ resource: id, message: 'the service has no location: its regional service tags cannot be named' });
    }
    errors.push(...note(id, '', service));
    for (const each of service.additionalLocations) errors.push(...note(id, `location "${each.location}": `, each));
  }
  for (const table of readings.routeTables.values()) {
    errors.push(...note(table.id, '', table), ...noteAll(table.id, 'route', table.routes));
  }
  for (const group of readings.networkSecurityGroups.values()) {
    errors.push(...note(group.id, '', group), ...noteAll(group.id, 'rule', group.securityRules));
  }
  for (const network of readings.virtualNetworks.values()) {
    errors.push(...note(network.id, '', network), ...noteAll(network.id, 'peering', network.virtualNetworkPeerings));
  }
  for (const firewall of readings.azureFirewalls.values()) {
    const { id, networkRuleCollections, applicationRuleCollections, natRuleCollections } = firewall;
    const collections = [...networkRuleCollections, ...applicationRuleCollections, ...natRuleCollections];
    errors.push(...note(id, '', firewall), ...collections.flatMap((each) => noteAll(id, 'rule', each.rules)));
  }
  for (const { id, ruleCollectionGroups, ...policy } of readings.firewallPolicies.values()) {
    errors.push(...note(id, '', policy), ...noteAll(id, 'rule collection group', ruleCollectionGroups));
    for (const collection of ruleCollectionGroups.flatMap((group) => group.ruleCollections)) {
      errors.push(...noteAll(id, 'rule collection', [collection]), ...noteAll(id, 'rule', collection.rules));
    }
  }
  const plain = [
    readings.subnets,
    readings.ipGroups,
    readings.virtualNetworkGateways,
    readings.hubVirtualNetworkConnections,
    readings.routingIntents,
  ];
  for (const kind of plain) for (const resource of kind.values()) errors.push(...note(resource.id, '', resource));
  return errors;
}
