/** The compiled template, held to what the code needs and to what the documentation says: no more, no less. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resourceTypes } from '../../lib/azure/live.ts';
import { type QueueName, queueNames } from '../../lib/drift/queue-names.ts';
import { isQuestion } from '../../lib/events/questions.ts';
import { settingsList } from '../../lib/settings/list.ts';

type Json = Record<string, unknown>;

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const template = JSON.parse(read('infra/main.json')) as Json;

/** Every resource of the template and of those nested in it, with the variables of its own template. */
function resourcesOf(part: Json): readonly (Json & { readonly variables: Json })[] {
  const resources = Object.values(part.resources ?? {}) as Json[];
  return resources.flatMap((resource) => {
    const nested = (resource.properties as Json | undefined)?.template as Json | undefined;
    const own = { ...resource, variables: (part.variables ?? {}) as Json };
    return nested ? [own, ...resourcesOf(nested)] : [own];
  });
}

const resources = resourcesOf(template);
const ofType = (type: string) => resources.filter((resource) => resource.type === type);
const propertiesOf = (type: string): readonly Json[] => ofType(type).map(({ properties }) => properties as Json);

/** The first cells of the rows of the table under a heading of a page. */
function firstCells(page: string, heading: string): readonly string[] {
  const section = read(page).split(`# ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...section.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1] ?? '').sort();
}

describe('what the watcher may do', () => {
  const [role] = propertiesOf('Microsoft.Authorization/roleDefinitions');
  // Compiled, a file that is loaded becomes a variable of its own.
  const { variables } = ofType('Microsoft.Authorization/roleDefinitions')[0] ?? { variables: {} };
  const actions = Object.values(variables).find(Array.isArray) as readonly string[];

  it('is what docs/permissions.md lists and gives a reason for', () => {
    expect(JSON.stringify(role)).toContain("variables('actions')");
    expect([...actions].sort()).toEqual(firstCells('docs/permissions.md', 'Permissions'));
  });

  it('is to read, one thing at a time, and all that is read', () => {
    for (const action of actions) {
      expect(action).toMatch(/^Microsoft\.\w+(\/\w+)+\/(read|action)$/);
      // Of actions only those that tell something, which the watcher knows as questions.
      expect(isQuestion(action)).toBe(true);
    }
    const readable = new Set(actions.map((action) => action.toLowerCase()));
    for (const type of resourceTypes) expect(readable).toContain(`${type}/read`);
  });

  it('are the roles that docs/deploy.md lists', () => {
    const ids = JSON.stringify(template).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
    expect([...new Set(ids)].sort()).toEqual(firstCells('docs/deploy.md', 'Roles'));
    // One for each element of a list of roles, and for each of the single ones; those of a topic twice, with its notifications.
    expect(ofType('Microsoft.Authorization/roleAssignments')).toHaveLength(8);
  });
});

describe('what could be open', () => {
  it('is closed: storage', () => {
    const [account] = propertiesOf('Microsoft.Storage/storageAccounts');
    expect(account).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      minimumTlsVersion: 'TLS1_2',
      supportsHttpsTrafficOnly: true,
      networkAcls: { defaultAction: "[if(parameters('isPrivate'), 'Deny', 'Allow')]" },
    });
    const containers = propertiesOf('Microsoft.Storage/storageAccounts/blobServices/containers');
    expect(containers.map(({ publicAccess }) => publicAccess)).toEqual(['None']);
  });

  it('is closed: the app, by every door but HTTPS with a key', () => {
    const [site] = propertiesOf('Microsoft.Web/sites');
    expect(site).toMatchObject({
      httpsOnly: true,
      siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', ftpsState: 'Disabled' },
    });
    const policies = propertiesOf('Microsoft.Web/sites/basicPublishingCredentialsPolicies');
    expect(policies).toEqual([{ allow: false }, { allow: false }]);
  });

  it('is closed: telemetry and secrets take no keys', () => {
    expect(propertiesOf('Microsoft.Insights/components')[0]).toMatchObject({ DisableLocalAuth: true });
    expect(propertiesOf('Microsoft.OperationalInsights/workspaces')[0]).toMatchObject({
      features: { disableLocalAuth: true },
    });
    expect(propertiesOf('Microsoft.KeyVault/vaults')[0]).toMatchObject({
      enableRbacAuthorization: true,
      enablePurgeProtection: true,
      publicNetworkAccess: "[if(parameters('isPrivate'), 'Disabled', 'Enabled')]",
    });
  });

  it('holds no secret: parameters that are one are secure', () => {
    const parameters = template.parameters as Record<string, { type: string }>;
    for (const name of ['teamsWebhookUrl', 'webhookUrl', 'webhookSecret']) {
      expect(parameters[name]?.type, name).toBe('securestring');
    }
  });
});

describe('the settings', () => {
  const app = ofType('Microsoft.Web/sites')[0];
  const text = JSON.stringify([app, app?.variables]);
  const set = [
    ...new Set(
      [...text.matchAll(/"name":"([A-Za-z_]+)","value"|'name', '([A-Za-z_]+)', 'value'/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      ),
    ),
  ];

  it('that the template sets are known to the code', () => {
    const known = settingsList.map(({ name }) => name);
    expect(set.length).toBeGreaterThan(8);
    expect(set.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('that it does not set are those that docs/deploy.md names', () => {
    const left = settingsList.map(({ name }) => name).filter((name) => !set.includes(name));
    expect([...left].sort()).toEqual(firstCells('docs/deploy.md', 'Settings that are left out'));
  });
});

describe('a topic', () => {
  it('is made only where none is given, and may deliver by an identity', () => {
    const made = ofType('Microsoft.EventGrid/systemTopics');
    expect(made.length).toBeGreaterThan(0);
    for (const each of made) expect(each.identity).toEqual({ type: 'SystemAssigned' });
    const groups = ofType('Microsoft.Resources/deployments').filter(({ name }) => String(name).includes('-events'));
    expect(groups.map(({ condition }) => condition)).toEqual([
      "[or(empty(variables('givenTopics')[copyIndex()]), parameters('resourceNotifications'))]",
    ]);
  });
});

describe('the queues and the table', () => {
  it('are those of the code, each queue with its poison queue', () => {
    const queues = ofType('Microsoft.Storage/storageAccounts/queueServices/queues')[0]?.variables.queues;
    expect([...(queues as string[])].sort()).toEqual(
      [...queueNames, ...queueNames.map((name) => `${name}-poison`)].sort(),
    );
  });
});

interface Filter {
  readonly operatorType: string;
  readonly key: string;
  readonly values: readonly string[];
}

describe('the events', () => {
  const subscriptions = ofType('Microsoft.EventGrid/systemTopics/eventSubscriptions');
  const named = (part: string): Json =>
    subscriptions.find(({ name }) => String(name).includes(part))?.properties as Json;
  const subscription = named('network-changes');
  const { advancedFilters, includedEventTypes } = (subscription?.filter ?? {}) as {
    advancedFilters: Filter[];
    includedEventTypes: string[];
  };
  /** As documented: filters are joined by and, their values by or; of a `not` none may match; letters' case is ignored. */
  const passes = (operation: string, filters: readonly Filter[] = advancedFilters): boolean =>
    filters.every(({ operatorType, values }) => {
      const text = operation.toLowerCase();
      if (operatorType === 'StringBeginsWith') return values.some((value) => text.startsWith(value.toLowerCase()));
      if (operatorType === 'StringNotContains') return values.every((value) => !text.includes(value.toLowerCase()));
      throw new Error(`no rule for ${operatorType}`);
    });

  it.each([
    'Microsoft.Network/routeTables/write',
    'Microsoft.Network/routeTables/delete',
    'Microsoft.Network/routeTables/routes/write',
    'MICROSOFT.NETWORK/ROUTETABLES/ROUTES/DELETE',
    'Microsoft.Network/virtualNetworks/write',
    'Microsoft.Network/virtualNetworks/subnets/write',
    'Microsoft.Network/virtualNetworks/subnets/delete',
    'Microsoft.Network/virtualNetworks/virtualNetworkPeerings/write',
    'Microsoft.Network/networkSecurityGroups/write',
    'Microsoft.Network/networkSecurityGroups/securityRules/delete',
    'Microsoft.Network/azureFirewalls/write',
    'Microsoft.Network/firewallPolicies/write',
    'Microsoft.Network/firewallPolicies/ruleCollectionGroups/write',
    'Microsoft.Network/ipGroups/write',
    'Microsoft.Network/virtualNetworkGateways/write',
    'Microsoft.Network/virtualHubs/hubVirtualNetworkConnections/write',
    'Microsoft.ApiManagement/service/write',
    'Microsoft.ApiManagement/service/delete',
    'Microsoft.ApiManagement/service/applynetworkconfigurationupdates/action',
  ])('%s gets through', (operation) => {
    expect(passes(operation)).toBe(true);
  });

  it.each([
    'Microsoft.Compute/virtualMachines/write',
    'Microsoft.Storage/storageAccounts/listKeys/action',
    'Microsoft.ApiManagement/service/apis/write',
    'Microsoft.Network/virtualNetworks/subnets/join/action',
    'Microsoft.Network/networkInterfaces/write',
    'Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action',
    'Microsoft.Network/networkInterfaces/effectiveRouteTable/action',
    'Microsoft.Network/privateDnsZones/A/write',
    'Microsoft.Authorization/roleAssignments/write',
  ])('%s does not', (operation) => {
    expect(passes(operation)).toBe(false);
  });

  it('are filtered within the limits of Event Grid: 25 values, 512 characters each', () => {
    expect(advancedFilters.flatMap(({ values }) => values).length).toBeLessThanOrEqual(25);
    for (const { key, values } of advancedFilters) {
      expect(key).toBe('data.operationName');
      for (const value of values) expect(value.length).toBeLessThanOrEqual(512);
    }
    expect(includedEventTypes).toHaveLength(3);
  });

  it('go into the queue that the code takes them from, and are kept where they cannot', () => {
    const queue = 'changes' satisfies QueueName;
    expect(subscription).toMatchObject({
      eventDeliverySchema: 'CloudEventSchemaV1_0',
      deadLetterWithResourceIdentity: { deadLetterDestination: { properties: { blobContainerName: 'dead-letters' } } },
    });
    expect(JSON.stringify(subscription?.deliveryWithResourceIdentity)).toContain(`'queueName', '${queue}'`);
    expect(named('network-notifications')).toMatchObject({
      eventDeliverySchema: 'CloudEventSchemaV1_0',
      deliveryWithResourceIdentity: { destination: { properties: { queueName: queue } } },
      deadLetterWithResourceIdentity: { deadLetterDestination: { properties: { blobContainerName: 'dead-letters' } } },
    });
  });

  it('go to a function that there is, when they go to one', () => {
    const trigger = JSON.stringify(JSON.parse(read('infra/trigger.json')));
    const [, name = ''] = /\/functions\/(\w+)/.exec(trigger) ?? [];
    expect(read('functions/on-resource-change.ts')).toContain(`app.eventGrid('${name}'`);
    expect(trigger).toContain('AzureFunction');
    expect(trigger).not.toContain('WebHook');
  });

  it('of Resource Notifications are sieved by type, within the same limits', () => {
    const { advancedFilters: filters, includedEventTypes: types } = named('network-notifications').filter as {
      advancedFilters: Filter[];
      includedEventTypes: string[];
    };
    expect(filters.flatMap(({ values }) => values).length).toBeLessThanOrEqual(25);
    expect(types).toHaveLength(2);
    expect(passes('Microsoft.Network/routeTables', filters)).toBe(true);
    expect(passes('microsoft.network/virtualNetworks/subnets', filters)).toBe(true);
    expect(passes('Microsoft.ApiManagement/service', filters)).toBe(true);
    expect(passes('Microsoft.ApiManagement/service/apis', filters)).toBe(false);
    expect(passes('Microsoft.Network/networkInterfaces', filters)).toBe(false);
    expect(passes('Microsoft.Compute/virtualMachines', filters)).toBe(false);
  });
});

it('is itself audited without an error', () => {
  const out = execFileSync(process.execPath, ['dist/tunnelwatch.js', 'audit', '--file', 'infra/main.json'], {
    cwd: new URL('../..', import.meta.url),
    encoding: 'utf8',
  });
  expect(out).toContain('0 services');
});
