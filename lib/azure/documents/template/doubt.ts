/**
 * Resources of which a template does not say whether, or under which name, they will be. What refers to one that is left
 * out becomes unknown; what would silently lack one (a table its route, a network its gateway) gets it with the doubt in
 * the field that decides.
 */
import { type Fields, own } from '../fields.ts';
import { placeholder } from './expression.ts';

interface Kind {
  readonly parent: string;
  readonly list: string;
  /** Fields that make what the child could decide unknown. */
  readonly fields: readonly string[];
}

const children: Readonly<Record<string, Kind>> = {
  'microsoft.network/routetables/routes': {
    parent: 'microsoft.network/routetables',
    list: 'routes',
    fields: ['addressPrefix', 'nextHopType'],
  },
  'microsoft.network/networksecuritygroups/securityrules': {
    parent: 'microsoft.network/networksecuritygroups',
    list: 'securityRules',
    fields: ['access', 'direction', 'priority'],
  },
  'microsoft.network/virtualnetworks/virtualnetworkpeerings': {
    parent: 'microsoft.network/virtualnetworks',
    list: 'virtualNetworkPeerings',
    fields: ['useRemoteGateways'],
  },
  'microsoft.network/firewallpolicies/rulecollectiongroups': {
    parent: 'microsoft.network/firewallpolicies',
    list: 'ruleCollectionGroups',
    fields: ['ruleCollections'],
  },
};

/** A subnet may also stand inline in its network: what this one would change there is not known. */
const subnetFields = ['routeTable', 'networkSecurityGroup', 'serviceEndpoints'];
/** These only ever cast doubt: that one may be there is all that is asked of it. */
const kept = new Set([
  'microsoft.network/virtualnetworkgateways',
  'microsoft.network/virtualhubs/hubvirtualnetworkconnections',
]);

function unknownFields(names: readonly string[], text: string): Fields {
  const expression = text.startsWith('[') && text.endsWith(']') ? text : `[${text}]`;
  return Object.fromEntries(names.map((name) => [name, expression]));
}

/** What to put in for a resource whose condition is not known; `undefined`: it is left out. */
export function doubtfulResource(resource: Fields, type: string, condition: string): Fields | undefined {
  const key = type.toLowerCase();
  if (kept.has(key)) return resource;
  const fields = key === 'microsoft.network/virtualnetworks/subnets' ? subnetFields : children[key]?.fields;
  return fields && { ...resource, properties: unknownFields(fields, condition) };
}

/** A child of this parent that stands for one of this type that could not be placed. */
export function doubtfulChild(parent: Fields, type: string, text: string): Fields | undefined {
  const kind = children[type];
  if (!kind || String(own(parent, 'type')).toLowerCase() !== kind.parent) return undefined;
  const name = placeholder(text);
  return {
    id: `${String(own(parent, 'id'))}/${kind.list}/${name}`,
    type,
    name,
    properties: unknownFields(kind.fields, text),
  };
}
