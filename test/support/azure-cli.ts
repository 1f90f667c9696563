/**
 * A small stand-in for `az`: it carries out the commands that fixes are made of on raw Resource Manager documents, with
 * Resource Manager's effects (a patch keeps what it does not name; a list that is named is replaced). Written from the
 * documentation of the commands, not from the code that makes them. It refuses what it does not know.
 */
type Json = Record<string, unknown>;

/** Splits a script into commands of words, as a POSIX shell does (single quotes, continued lines). */
export function shellWords(script: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  for (let i = 0; i < script.length; i++) {
    const character = script[i] as string;
    if (character === '\\' && script[i + 1] === '\n') i++;
    else if (character === '\\') word = (word ?? '') + (script[++i] ?? '');
    else if (character === "'") {
      const end = script.indexOf("'", i + 1);
      if (end < 0) throw new Error('a quote is not closed');
      word = (word ?? '') + script.slice(i + 1, end);
      i = end;
    } else if (character === '\n' || character === ' ') {
      if (word !== undefined) commands.at(-1)?.push(word);
      word = undefined;
      if (character === '\n') commands.push([]);
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) commands.at(-1)?.push(word);
  return commands.filter((command) => command.length > 0);
}

interface Call {
  readonly verb: string;
  readonly options: ReadonlyMap<string, readonly string[]>;
}

function parse(words: readonly string[]): Call {
  if (words[0] !== 'az') throw new Error(`not az: ${words[0]}`);
  const first = words.findIndex((word) => word.startsWith('--'));
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words.slice(first)) {
    if (word.startsWith('--')) {
      values = [];
      options.set(word, values);
    } else values.push(word);
  }
  return { verb: words.slice(1, first).join(' '), options };
}

export class AzureCli {
  readonly resources: Json[];

  constructor(resources: readonly unknown[]) {
    this.resources = structuredClone(resources) as Json[];
  }

  run(script: string): void {
    for (const words of shellWords(script)) this.call(parse(words));
  }

  private find(id: string): Json {
    const found = this.resources.find((each) => String(each.id).toLowerCase() === id.toLowerCase());
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  }

  private call({ verb, options }: Call): void {
    const one = (name: string): string => {
      const [value, ...rest] = options.get(name) ?? [];
      if (value === undefined || rest.length > 0) throw new Error(`${verb}: ${name} wants one value`);
      return value;
    };
    const many = (name: string): readonly string[] => {
      const values = options.get(name);
      if (!values || values.length === 0) throw new Error(`${verb}: ${name} wants values`);
      return values;
    };
    const network = `/subscriptions/${one('--subscription')}/resourceGroups/${one('--resource-group')}/providers/Microsoft.Network`;
    switch (verb) {
      case 'network route-table route create':
      case 'network route-table route update': {
        const table = this.find(`${network}/routeTables/${one('--route-table-name')}`);
        const routes = listOf(table, 'routes');
        const properties: Json = {
          addressPrefix: one('--address-prefix'),
          nextHopType: one('--next-hop-type'),
          provisioningState: 'Succeeded',
        };
        if (options.has('--next-hop-ip-address')) properties.nextHopIpAddress = one('--next-hop-ip-address');
        const name = one('--name');
        const index = routes.findIndex((each) => String(each.name).toLowerCase() === name.toLowerCase());
        if (verb.endsWith('update') !== index >= 0)
          throw new Error(`${verb} of ${name}: ${index >= 0 ? 'is there already' : 'is not there'}`);
        const same = routes.find(
          (each, at) =>
            at !== index &&
            String(props(each).addressPrefix).toLowerCase() === String(properties.addressPrefix).toLowerCase(),
        );
        if (same) throw new Error(`RouteConflict: ${String(same.name)} has the same prefix`);
        if (index >= 0) routes[index] = { ...routes[index], properties };
        else routes.push({ name, id: `${String(table.id)}/routes/${name}`, properties });
        return;
      }
      case 'network vnet subnet update': {
        const parent = this.find(`${network}/virtualNetworks/${one('--vnet-name')}`);
        const subnet = listOf(parent, 'subnets').find(
          (each) => String(each.name).toLowerCase() === one('--name').toLowerCase(),
        );
        if (!subnet) throw new Error(`there is no subnet ${one('--name')}`);
        if (options.has('--service-endpoints')) {
          props(subnet).serviceEndpoints = many('--service-endpoints').map((service) => ({
            service,
            locations: ['*'],
            provisioningState: 'Succeeded',
          }));
        }
        if (options.has('--remove')) delete props(subnet)[one('--remove')];
        if (options.has('--network-security-group')) {
          this.find(one('--network-security-group'));
          props(subnet).networkSecurityGroup = { id: one('--network-security-group') };
        }
        return;
      }
      case 'network nsg create': {
        const name = one('--name');
        const id = `${network}/networkSecurityGroups/${name}`;
        if (this.resources.some((each) => String(each.id).toLowerCase() === id.toLowerCase()))
          throw new Error(`${id} is there already`);
        this.resources.push({
          id,
          name,
          type: 'Microsoft.Network/networkSecurityGroups',
          location: one('--location'),
          properties: { securityRules: [] },
        });
        return;
      }
      case 'network nsg rule update':
      case 'network nsg rule create': {
        const rules = listOf(this.find(`${network}/networkSecurityGroups/${one('--nsg-name')}`), 'securityRules');
        const priority = Number(one('--priority'));
        if (priority < 100 || priority > 4096) throw new Error(`priority ${priority}`);
        const name = one('--name').toLowerCase();
        const index = rules.findIndex((each) => String(each.name).toLowerCase() === name);
        if (verb.endsWith('update') !== index >= 0)
          throw new Error(`${verb} of ${name}: ${index >= 0 ? 'is there already' : 'is not there'}`);
        const clash = rules.find(
          (each, at) =>
            at !== index && props(each).priority === priority && props(each).direction === one('--direction'),
        );
        if (clash) throw new Error(`SecurityRuleConflict: ${String(clash.name)} has priority ${priority}`);
        const rule = {
          name: one('--name'),
          properties: {
            priority,
            direction: one('--direction'),
            access: one('--access'),
            protocol: one('--protocol'),
            sourceAddressPrefixes: many('--source-address-prefixes'),
            sourcePortRange: one('--source-port-ranges'),
            destinationAddressPrefixes: many('--destination-address-prefixes'),
            destinationPortRanges: many('--destination-port-ranges'),
          },
        };
        if (index >= 0) rules[index] = rule;
        else rules.push(rule);
        return;
      }
      case 'network firewall policy rule-collection-group create': {
        const policy = this.find(`${network}/firewallPolicies/${one('--policy-name')}`);
        const id = `${String(policy.id)}/ruleCollectionGroups/${one('--name')}`;
        const properties = { priority: Number(one('--priority')), ruleCollections: [] };
        this.resources.push({
          id,
          name: one('--name'),
          type: 'microsoft.network/firewallpolicies/rulecollectiongroups',
          properties,
        });
        listOf(policy, 'ruleCollectionGroups').push({ id });
        return;
      }
      case 'network firewall policy rule-collection-group collection add-filter-collection': {
        const id = `${network}/firewallPolicies/${one('--policy-name')}/ruleCollectionGroups/${one('--rule-collection-group-name')}`;
        const type = one('--rule-type');
        const rule =
          type === 'NetworkRule'
            ? {
                ipProtocols: many('--ip-protocols'),
                destinationAddresses: many('--destination-addresses'),
                destinationPorts: many('--destination-ports'),
              }
            : {
                targetFqdns: many('--target-fqdns'),
                protocols: many('--protocols').map((each) => ({
                  protocolType: each.split('=')[0],
                  port: Number(each.split('=')[1]),
                })),
              };
        listOf(this.find(id), 'ruleCollections').push({
          ruleCollectionType: 'FirewallPolicyFilterRuleCollection',
          name: one('--name'),
          priority: Number(one('--collection-priority')),
          action: { type: one('--action') },
          rules: [{ ruleType: type, name: one('--rule-name'), sourceAddresses: many('--source-addresses'), ...rule }],
        });
        return;
      }
      default:
        throw new Error(`az ${verb} is not known here`);
    }
  }
}

function props(resource: Json): Json {
  resource.properties ??= {};
  return resource.properties as Json;
}

function listOf(resource: Json, name: string): Json[] {
  const properties = props(resource);
  properties[name] ??= [];
  return properties[name] as Json[];
}
