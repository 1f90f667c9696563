/** A fix as Azure CLI commands, one change a command (or a few, where the CLI needs them). Nothing is run here. */
import type {
  AttachNewSecurityGroup,
  Change,
  NewSecurityRule,
  PutRoute,
  PutRuleCollectionGroup,
  SetServiceEndpoints,
} from './change.ts';
import { idParts } from './name.ts';

/** A word as a POSIX shell (and `az` in PowerShell) takes it literally. */
function quote(word: string): string {
  return /^[A-Za-z0-9_.:/@=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function command(words: readonly string[], options: readonly (readonly [string, ...string[]])[]): string {
  const flags = options.map(([flag, ...values]) => `${flag} ${values.map(quote).join(' ')}`);
  return [`az ${words.join(' ')}`, ...flags].join(' \\\n  ');
}

function scope(id: string): (readonly [string, ...string[]])[] {
  const { subscription, resourceGroup } = idParts(id);
  return [
    ['--subscription', subscription],
    ['--resource-group', resourceGroup],
  ];
}

function route(change: PutRoute): string {
  const [table = ''] = idParts(change.routeTableId).names;
  const hop: [string, string][] = [['--next-hop-type', change.nextHopType]];
  if (change.nextHopIpAddress !== undefined) hop.push(['--next-hop-ip-address', change.nextHopIpAddress]);
  return command(
    ['network', 'route-table', 'route', change.exists ? 'update' : 'create'],
    [
      ...scope(change.routeTableId),
      ['--route-table-name', table],
      ['--name', change.name],
      ['--address-prefix', change.addressPrefix],
      ...hop,
    ],
  );
}

function endpoints(change: SetServiceEndpoints): string {
  const [network = '', subnet = ''] = idParts(change.subnet.id).names;
  const options: (readonly [string, ...string[]])[] = [
    ...scope(change.subnet.id),
    ['--vnet-name', network],
    ['--name', subnet],
  ];
  if (change.services.length === 0) {
    return command(['network', 'vnet', 'subnet', 'update'], [...options, ['--remove', 'serviceEndpoints']]);
  }
  return command(['network', 'vnet', 'subnet', 'update'], [...options, ['--service-endpoints', ...change.services]]);
}

function securityRule(groupId: string, rule: NewSecurityRule, exists: boolean): string {
  const [group = ''] = idParts(groupId).names;
  return command(
    ['network', 'nsg', 'rule', exists ? 'update' : 'create'],
    [
      ...scope(groupId),
      ['--nsg-name', group],
      ['--name', rule.name],
      ['--priority', String(rule.priority)],
      ['--direction', rule.direction],
      ['--access', rule.access],
      ['--protocol', 'Tcp'],
      ['--source-address-prefixes', ...rule.sourceAddressPrefixes],
      ['--source-port-ranges', '*'],
      ['--destination-address-prefixes', ...rule.destinationAddressPrefixes],
      ['--destination-port-ranges', ...rule.destinationPortRanges],
    ],
  );
}

function newSecurityGroup(change: AttachNewSecurityGroup): string {
  const [group = ''] = idParts(change.networkSecurityGroupId).names;
  const [network = '', subnet = ''] = idParts(change.subnet.id).names;
  return [
    command(
      ['network', 'nsg', 'create'],
      [...scope(change.networkSecurityGroupId), ['--name', group], ['--location', change.location]],
    ),
    ...change.rules.map((rule) => securityRule(change.networkSecurityGroupId, rule, false)),
    command(
      ['network', 'vnet', 'subnet', 'update'],
      [
        ...scope(change.subnet.id),
        ['--vnet-name', network],
        ['--name', subnet],
        ['--network-security-group', change.networkSecurityGroupId],
      ],
    ),
  ].join('\n');
}

function ruleCollectionGroup(change: PutRuleCollectionGroup): string {
  const [policy = ''] = idParts(change.firewallPolicyId).names;
  const { rule } = change;
  const common: (readonly [string, ...string[]])[] = [...scope(change.firewallPolicyId), ['--policy-name', policy]];
  const match: (readonly [string, ...string[]])[] =
    rule.ruleType === 'NetworkRule'
      ? [
          ['--ip-protocols', 'TCP'],
          ['--destination-addresses', ...(rule.destinationAddresses as [string, ...string[]])],
          ['--destination-ports', ...(rule.destinationPorts as [string, ...string[]])],
        ]
      : [
          [
            '--protocols',
            ...(rule.protocols.map((each) => `${each.protocolType}=${each.port}`) as [string, ...string[]]),
          ],
          ['--target-fqdns', ...(rule.targetFqdns as [string, ...string[]])],
        ];
  return [
    command(
      ['network', 'firewall', 'policy', 'rule-collection-group', 'create'],
      [...common, ['--name', change.name], ['--priority', String(change.priority)]],
    ),
    command(
      ['network', 'firewall', 'policy', 'rule-collection-group', 'collection', 'add-filter-collection'],
      [
        ...common,
        ['--rule-collection-group-name', change.name],
        ['--name', change.collectionName],
        ['--collection-priority', '100'],
        ['--action', 'Allow'],
        ['--rule-name', rule.name],
        ['--rule-type', rule.ruleType],
        ['--source-addresses', ...(rule.sourceAddresses as [string, ...string[]])],
        ...match,
      ],
    ),
  ].join('\n');
}

function render(change: Change): string {
  switch (change.kind) {
    case 'putRoute':
      return route(change);
    case 'setServiceEndpoints':
      return endpoints(change);
    case 'putSecurityRule':
      return securityRule(change.networkSecurityGroupId, change.rule, change.exists);
    case 'attachNewSecurityGroup':
      return newSecurityGroup(change);
    case 'putRuleCollectionGroup':
      return ruleCollectionGroup(change);
  }
}

export function toAzureCli(changes: readonly Change[]): string {
  return changes.map(render).join('\n');
}
