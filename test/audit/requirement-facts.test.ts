/** Facts about scope, endpoints, security groups, firewalls, policy and verdict, from the contract, one by one. */
import { describe, expect, it } from 'vitest';
import { ids, securityRule } from '../support/broken-estate.ts';
import { type Change, deploymentOf, evaluate, findingOf, type Json, outcomeOf } from '../support/estate-builder.ts';

const endpoint = (service: string, change: Json = {}): Json => ({
  service,
  locations: ['westeurope'],
  provisioningState: 'Succeeded',
  ...change,
});
const four = ['Microsoft.Storage', 'Microsoft.Sql', 'Microsoft.EventHub', 'Microsoft.KeyVault'];
const all = (change: Json = {}): Json => ({ serviceEndpoints: four.map((service) => endpoint(service, change)) });
const secondRegion = {
  additionalLocations: [
    {
      location: 'North Europe',
      sku: { name: 'Premium' },
      virtualNetworkConfiguration: { subnetResourceId: ids.subnet },
    },
  ],
};

describe('scope', () => {
  it.each<[string, Change, string]>([
    ['Premium, External', {}, 'in'],
    ['Developer, Internal', { sku: 'Developer', service: { virtualNetworkType: 'Internal' } }, 'in'],
    ['premium in lower case', { sku: 'premium' }, 'in'],
    ['StandardV2, External', { sku: 'StandardV2' }, 'out'],
    ['PremiumV2', { sku: 'PremiumV2' }, 'out'],
    ['Consumption', { sku: 'Consumption' }, 'out'],
    ['not injected', { service: { virtualNetworkType: 'None' } }, 'out'],
    [
      'no network type and no subnet',
      { service: { virtualNetworkType: null, virtualNetworkConfiguration: null } },
      'out',
    ],
  ])('%s', (_, change, scope) => {
    const deployment = deploymentOf(change);
    expect(deployment.scope).toBe(scope);
    if (scope === 'out') {
      expect(deployment.reason).toBeTruthy();
      expect(deployment.verdict).toBe('outOfScope');
      expect(deployment.findings.map(({ requirement }) => requirement)).toEqual(['platform-supported']);
    }
  });

  it('makes a deployment of each region, keyed by service and region', () => {
    const keys = evaluate({ service: secondRegion }).map(({ key, role }) => `${key} ${role}`);
    expect(keys).toEqual([
      `${ids.service.toLowerCase()}|westeurope primary`,
      `${ids.service.toLowerCase()}|northeurope additional`,
    ]);
  });

  it.each([
    ['stv1', 'fail high'],
    ['stv2', 'pass'],
    ['stv2.1', 'pass'],
    ['mtv1', 'pass'],
    ['undetermined', 'unknown high'],
    [null, 'unknown high'],
  ])('platform %s', (platformVersion, outcome) => {
    expect(outcomeOf({ service: { platformVersion } }, 'platform-supported')).toBe(outcome);
  });
});

describe('service endpoints', () => {
  it.each<[string, Change, string]>([
    ['there', {}, 'pass'],
    ['there without a state', { subnet: { serviceEndpoints: [{ service: 'Microsoft.Storage' }] } }, 'pass'],
    ['in lower case', { subnet: { serviceEndpoints: [endpoint('microsoft.storage')] } }, 'pass'],
    ['global', { subnet: { serviceEndpoints: [endpoint('Microsoft.Storage.Global', { locations: ['*'] })] } }, 'pass'],
    [
      'for another region only',
      { subnet: { serviceEndpoints: [endpoint('Microsoft.Storage', { locations: ['eastus'] })] } },
      'pass',
    ],
    [
      'updating',
      { subnet: { serviceEndpoints: [endpoint('Microsoft.Storage', { provisioningState: 'Updating' })] } },
      'fail critical',
    ],
    ['missing', { subnet: { serviceEndpoints: [] } }, 'fail critical'],
    ['never mentioned', { subnet: { serviceEndpoints: null } }, 'fail critical'],
    ['of no readable shape', { subnet: { serviceEndpoints: 'all' } }, 'unknown critical'],
    ['missing and forbidden', { subnet: { serviceEndpoints: [] }, policy: { serviceEndpoints: 'forbidden' } }, 'pass'],
    ['there and forbidden', { policy: { serviceEndpoints: 'forbidden' } }, 'fail critical'],
    [
      'missing behind an appliance, or the firewall',
      { subnet: { serviceEndpoints: [] }, firewall: null, policy: { serviceEndpoints: 'orFirewall' } },
      'unknown critical',
    ],
    [
      'missing behind a firewall that denies',
      { subnet: { serviceEndpoints: [] }, policy: { serviceEndpoints: 'orFirewall' } },
      'fail critical',
    ],
  ])('storage: %s', (_, change, outcome) => {
    expect(outcomeOf(change, 'service-endpoint-storage')).toBe(outcome);
  });

  it('for SQL are demanded in the primary region only', () => {
    const [primary, additional] = evaluate({ service: secondRegion, subnet: { serviceEndpoints: [] } });
    const status = (deployment: typeof primary): unknown =>
      deployment?.findings.find(({ requirement }) => requirement === 'service-endpoint-sql')?.status;
    expect([status(primary), status(additional)]).toEqual(['fail', 'notApplicable']);
  });

  it('are unknown, all of them, where the subnet is not in the estate', () => {
    const { verdict, findings } = deploymentOf({
      service: { virtualNetworkConfiguration: { subnetResourceId: `${ids.subnet}-gone` } },
    });
    expect(verdict).toBe('unknown');
    expect(findings.filter(({ status }) => status === 'pass').map(({ requirement }) => requirement)).toEqual([
      'platform-supported',
    ]);
    expect(findings.filter(({ status }) => status === 'fail')).toEqual([]);
  });
});

const inbound = (name: string, priority: number, access: string, source: string, port: string): Json =>
  securityRule(name, priority, 'Inbound', access, source, '*', port);
const outbound = (name: string, priority: number, access: string, destination: string, port: string): Json =>
  securityRule(name, priority, 'Outbound', access, '*', destination, port);
const needed = [
  inbound('m', 100, 'Allow', 'ApiManagement', '3443'),
  inbound('l', 110, 'Allow', 'AzureLoadBalancer', '6390'),
  inbound('c', 120, 'Allow', 'Internet', '443'),
];
const asg = { sourceApplicationSecurityGroups: [{ id: '/x/asg' }] };

describe('security groups', () => {
  it.each<[string, string, Change, string]>([
    ['nsg-inbound-management', 'the whole tag', {}, 'pass'],
    [
      'nsg-inbound-management',
      'the region alone',
      { rules: [inbound('m', 100, 'Allow', 'ApiManagement.WestEurope', '3443')] },
      'fail high',
    ],
    [
      'nsg-inbound-management',
      'a range of ports',
      { rules: [inbound('m', 100, 'Allow', 'apimanagement', '3000-4000')] },
      'pass',
    ],
    [
      'nsg-inbound-management',
      'denied before',
      {
        rules: [inbound('d', 90, 'Deny', '*', '*'), ...needed].map((rule, index) => ({
          ...rule,
          properties: { ...(rule.properties as Json), priority: 100 + index },
        })),
      },
      'fail high',
    ],
    [
      'nsg-inbound-management',
      'another protocol',
      { rules: [{ name: 'm', properties: { ...(needed[0]?.properties as Json), protocol: 'Udp' } }] },
      'fail high',
    ],
    [
      'nsg-inbound-management',
      'plural fields',
      {
        rules: [
          {
            name: 'm',
            properties: {
              priority: 100,
              direction: 'inbound',
              access: 'allow',
              protocol: 'TCP',
              sourceAddressPrefixes: ['ApiManagement'],
              sourcePortRanges: ['*'],
              destinationAddressPrefixes: ['VirtualNetwork'],
              destinationPortRanges: ['3443', '80'],
            },
          },
        ],
      },
      'pass',
    ],
    [
      'nsg-inbound-management',
      'one source port only',
      { rules: [{ name: 'm', properties: { ...(needed[0]?.properties as Json), sourcePortRange: '1024' } }] },
      'fail high',
    ],
    [
      'nsg-inbound-management',
      'a comma in a port',
      { rules: [inbound('m', 100, 'Allow', 'ApiManagement', '443,3443')] },
      'unknown high',
    ],
    [
      'nsg-inbound-management',
      'a port that is none',
      { rules: [inbound('m', 100, 'Allow', 'ApiManagement', '70000')] },
      'unknown high',
    ],
    [
      'nsg-inbound-management',
      'a tag that is not in the data',
      { rules: [inbound('m', 100, 'Allow', 'NoSuchTag', '3443')] },
      'unknown high',
    ],
    [
      'nsg-inbound-management',
      'an unknown tag that decides nothing',
      { rules: [...needed, inbound('u', 400, 'Deny', 'NoSuchTag', '3443')] },
      'pass',
    ],
    [
      'nsg-inbound-management',
      'a group of applications',
      { rules: [{ name: 'm', properties: { ...(needed[0]?.properties as Json), sourceAddressPrefix: null, ...asg } }] },
      'fail high',
    ],
    ['nsg-management-exposure', 'the platform alone', {}, 'pass'],
    ['nsg-management-exposure', 'everybody', { rules: [inbound('m', 100, 'Allow', '*', '3443')] }, 'fail high'],
    [
      'nsg-management-exposure',
      'everybody, on all ports',
      { rules: [inbound('m', 100, 'Allow', 'Internet', '*')] },
      'fail high',
    ],
    [
      'nsg-management-exposure',
      'one address more',
      { rules: [...needed, inbound('x', 200, 'Allow', '9.9.9.9/32', '3443')] },
      'fail high',
    ],
    [
      'nsg-management-exposure',
      'everybody, denied before',
      { rules: [...needed, inbound('d', 200, 'Deny', '*', '3443'), inbound('x', 300, 'Allow', '*', '*')] },
      'pass',
    ],
    ['nsg-inbound-load-balancer', 'by the default rule', { rules: [] }, 'pass'],
    ['nsg-inbound-load-balancer', 'denied', { rules: [inbound('d', 4096, 'Deny', '*', '*')] }, 'fail critical'],
    [
      'nsg-inbound-load-balancer',
      'denied, Developer',
      { sku: 'Developer', rules: [inbound('d', 4096, 'Deny', '*', '*')] },
      'notApplicable',
    ],
    ['nsg-inbound-clients', 'the Internet', {}, 'pass'],
    [
      'nsg-inbound-clients',
      'all clients of the policy',
      { rules: [inbound('c', 100, 'Allow', '20.10.0.0/16', '443')] },
      'pass',
    ],
    [
      'nsg-inbound-clients',
      'half of them',
      { rules: [inbound('c', 100, 'Allow', '20.10.0.0/25', '443')] },
      'fail high',
    ],
    ['nsg-inbound-clients', 'nobody', { rules: [] }, 'fail high'],
    ['nsg-inbound-clients', 'Internal', { service: { virtualNetworkType: 'Internal' }, rules: [] }, 'notApplicable'],
    ['nsg-inbound-traffic-manager', 'one region', { rules: [] }, 'notApplicable'],
    ['nsg-inbound-traffic-manager', 'two regions, the Internet', { service: secondRegion }, 'pass'],
    [
      'nsg-inbound-traffic-manager',
      'two regions, clients only',
      { service: secondRegion, rules: [inbound('c', 100, 'Allow', '20.10.0.0/16', '443')] },
      'fail medium',
    ],
    [
      'nsg-inbound-traffic-manager',
      'two regions, Internal',
      { service: { ...secondRegion, virtualNetworkType: 'Internal' }, rules: [] },
      'notApplicable',
    ],
    ['nsg-outbound-storage', 'by the default rule', {}, 'pass'],
    ['nsg-outbound-storage', 'closed', { rules: [outbound('d', 4096, 'Deny', '*', '*')] }, 'fail critical'],
    [
      'nsg-outbound-storage',
      'closed but for the region',
      { rules: [outbound('a', 100, 'Allow', 'STORAGE.westeurope', '443'), outbound('d', 4096, 'Deny', '*', '*')] },
      'pass',
    ],
    [
      'nsg-outbound-storage',
      'closed but for the wrong port',
      { rules: [outbound('a', 100, 'Allow', 'Storage', '433'), outbound('d', 4096, 'Deny', '*', '*')] },
      'fail critical',
    ],
    ['nsg-outbound-sql', 'closed', { rules: [outbound('d', 4096, 'Deny', 'Internet', '*')] }, 'fail critical'],
    [
      'nsg-outbound-azure-monitor',
      'one of its two ports',
      { rules: [outbound('a', 100, 'Allow', 'AzureMonitor', '443'), outbound('d', 4096, 'Deny', '*', '*')] },
      'fail medium',
    ],
    [
      'nsg-outbound-azure-monitor',
      'both in rules apart',
      {
        rules: [
          outbound('a', 100, 'Allow', 'AzureMonitor', '443'),
          outbound('b', 101, 'Allow', 'AzureMonitor', '1886'),
          outbound('d', 4096, 'Deny', '*', '*'),
        ],
      },
      'pass',
    ],
    [
      'nsg-outbound-certificates',
      'to the Internet',
      { rules: [outbound('a', 100, 'Allow', 'Internet', '80'), outbound('d', 4096, 'Deny', '*', '*')] },
      'pass',
    ],
    [
      'nsg-outbound-certificates',
      'to one tag',
      { rules: [outbound('a', 100, 'Allow', 'AzureCloud', '80'), outbound('d', 4096, 'Deny', '*', '*')] },
      'fail medium',
    ],
    ['nsg-outbound-entra-id', 'closed', { rules: [outbound('d', 4096, 'Deny', '*', '*')] }, 'fail low'],
    [
      'nsg-outbound-event-hub',
      'the region alone',
      { rules: [outbound('a', 100, 'Allow', 'EventHub.WestEurope', '*'), outbound('d', 4096, 'Deny', '*', '*')] },
      'fail low',
    ],
    [
      'nsg-outbound-event-hub',
      'the global tag',
      { rules: [outbound('a', 100, 'Allow', 'EventHub', '*'), outbound('d', 4096, 'Deny', '*', '*')] },
      'pass',
    ],
  ])('%s: %s', (requirement, _, change, outcome) => {
    expect(outcomeOf(change, requirement)).toBe(outcome);
  });

  it('that are missing fail once and make the others not apply', () => {
    const { findings } = deploymentOf({ subnet: { networkSecurityGroup: null } });
    const groups = findings.filter(({ requirement }) => requirement.startsWith('nsg-'));
    expect(
      groups
        .filter(({ status }) => status !== 'notApplicable')
        .map(({ requirement, status }) => `${requirement} ${status}`),
    ).toEqual(['nsg-attached fail']);
  });

  it('that are not in the estate make all unknown but what mode and SKU decide', () => {
    const { findings } = deploymentOf({
      securityGroup: null,
      sku: 'Developer',
      service: { virtualNetworkType: 'Internal' },
    });
    const status = Object.fromEntries(
      findings
        .filter(({ requirement }) => requirement.startsWith('nsg-'))
        .map((finding) => [finding.requirement, finding.status]),
    );
    expect(status).toMatchObject({
      'nsg-attached': 'pass',
      'nsg-inbound-management': 'unknown',
      'nsg-management-exposure': 'unknown',
      'nsg-outbound-storage': 'unknown',
    });
    expect(status).toMatchObject({
      'nsg-inbound-load-balancer': 'notApplicable',
      'nsg-inbound-clients': 'notApplicable',
      'nsg-inbound-traffic-manager': 'notApplicable',
    });
  });

  it('must let an additional region reach the primary one too', () => {
    const rules = [outbound('a', 100, 'Allow', 'Storage.NorthEurope', '443'), outbound('d', 4096, 'Deny', '*', '*')];
    const [, additional] = evaluate({ service: secondRegion, rules });
    const finding = additional?.findings.find(({ requirement }) => requirement === 'nsg-outbound-storage');
    expect(finding?.status).toBe('fail');
    expect(finding?.message).toContain('Storage.NorthEurope and Storage.WestEurope');
  });

  it('prove a failure by an address, a port and a rule', () => {
    const { evidence } = findingOf(
      { rules: [inbound('odd', 100, 'Allow', '9.9.9.0/24', '3443')] },
      'nsg-management-exposure',
    );
    expect(evidence).toMatchObject({
      rule: { name: 'odd', access: 'Allow' },
      counterexample: { addressPrefix: '9.9.9.0/24', port: 'tcp/3443', addresses: 256, more: [] },
    });
  });
});

describe('what the input does not say', () => {
  it('about the region leaves regional tags open, and shows no expression as a name', () => {
    const rules = [outbound('a', 100, 'Allow', 'Storage.WestEurope', '443'), outbound('d', 4096, 'Deny', '*', '*')];
    const change: Change = { location: "[parameters('location')]", network: null, rules };
    expect(outcomeOf(change, 'nsg-outbound-storage')).toBe('unknown critical');
    expect(deploymentOf(change).key).toBe(`${ids.service.toLowerCase()}|unknown`);
  });

  it('about the tier leaves open what depends on it, and the verdict', () => {
    const rules = [...needed, inbound('d', 4096, 'Deny', '*', '*')].filter(({ name }) => name !== 'l');
    expect(outcomeOf({ sku: '', rules }, 'nsg-inbound-load-balancer')).toBe('unknown critical');
    expect(deploymentOf({ sku: '' }).verdict).toBe('unknown');
    expect(deploymentOf({}).verdict).toBe('compliant');
  });

  it('is survived with names that every object has', () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const serviceEndpoints = [...four, ...names].map((service) => endpoint(service));
    expect(deploymentOf({ subnet: { serviceEndpoints } }).verdict).toBe('compliant');
  });
});

describe('firewalls', () => {
  it.each<[string, string, Change, string]>([
    ['firewall-azure-monitor', 'allowed', {}, 'pass'],
    ['firewall-storage', 'by its endpoint', {}, 'notApplicable'],
    ['firewall-storage', 'through a firewall without a rule', { subnet: { serviceEndpoints: [] } }, 'fail critical'],
    ['firewall-azure-monitor', 'through an appliance', { firewall: null }, 'unknown info'],
    ['firewall-azure-monitor', 'with no tunnel', { routes: [] }, 'notApplicable'],
    ['firewall-azure-monitor', 'not to be seen', { table: null }, 'unknown medium'],
    ['firewall-kms', 'straight to the Internet', {}, 'notApplicable'],
    ['firewall-certificates', 'allowed by name', {}, 'pass'],
    ['firewall-certificates', 'through an appliance', { firewall: null }, 'unknown info'],
  ])('%s: %s', (requirement, _, change, outcome) => {
    expect(outcomeOf(change, requirement)).toBe(outcome);
  });
});

describe('the verdict', () => {
  it('is compliant with failures of low severity only', () => {
    const deployment = deploymentOf({
      routes: undefined,
      policy: { requirements: { 'client-routes': { severity: 'low' } }, clients: ['20.10.0.0/24', '20.11.0.0/24'] },
    });
    expect(deployment.findings.find(({ requirement }) => requirement === 'client-routes')).toMatchObject({
      status: 'fail',
      severity: 'low',
    });
    expect(deployment.verdict).toBe('compliant');
  });

  it('is unknown rather than compliant, and non-compliant rather than unknown', () => {
    expect(deploymentOf({ table: null }).verdict).toBe('unknown');
    expect(deploymentOf({ table: null, rules: [] }).verdict).toBe('nonCompliant');
  });

  it('does not count what is exempt', () => {
    const exemption = {
      requirement: 'client-routes',
      scope: ids.service.toUpperCase(),
      category: 'mitigated',
      reason: 'known',
    } as const;
    const change: Change = { policy: { clients: ['20.10.0.0/24', '20.11.0.0/24'], exemptions: [exemption] } };
    expect(outcomeOf(change, 'client-routes')).toBe('exempt');
    expect(findingOf(change, 'client-routes').evidence.exemption).toEqual({
      category: 'mitigated',
      reason: 'known',
      expired: false,
    });
    expect(deploymentOf(change).verdict).toBe('compliant');
  });

  it('counts what was exempt until yesterday, and shows it', () => {
    const exemption = {
      requirement: 'client-routes',
      scope: '/',
      category: 'waiver',
      reason: 'known',
      expiresOn: '2026-11-22T00:00:00Z',
    } as const;
    const change: Change = { policy: { clients: ['20.10.0.0/24', '20.11.0.0/24'], exemptions: [exemption] } };
    expect(outcomeOf(change, 'client-routes')).toBe('fail critical');
    expect(findingOf(change, 'client-routes').evidence.exemption).toMatchObject({ expired: true });
  });

  it('leaves out what the policy switches off', () => {
    const change: Change = {
      policy: { clients: ['20.10.0.0/24', '20.11.0.0/24'], requirements: { 'client-routes': { enabled: false } } },
    };
    expect(outcomeOf(change, 'client-routes')).toBe('notApplicable');
    expect(deploymentOf(change).verdict).toBe('compliant');
  });

  it('obeys the override of the longest scope', () => {
    const overrides = [
      { scope: '/subscriptions/22222222-2222-2222-2222-222222222222', clients: ['20.11.0.0/24'] },
      { scope: ids.network, clients: ['20.10.0.0/25'] },
    ];
    expect(outcomeOf({ policy: { overrides } }, 'client-routes')).toBe('pass');
    expect(outcomeOf({ policy: { overrides: overrides.slice(0, 1) } }, 'client-routes')).toBe('fail critical');
  });

  it('is unknown where the policy allows a tag that nobody knows', () => {
    const change: Change = { policy: { allowDirect: ['NoSuchTag'] } };
    expect(deploymentOf(change).tunnel?.state).toBe('unknown');
    expect(deploymentOf(change).tunnel?.assumptions.join()).toContain('"NoSuchTag"');
  });
});

describe('a failure', () => {
  it('carries its message, its proof, its impact and its page', () => {
    for (const change of [{ rules: [] }, { subnet: all() }, { subnet: { serviceEndpoints: [] } }] as Change[]) {
      for (const finding of deploymentOf(change).findings.filter(({ status }) => status === 'fail')) {
        expect(finding.message).not.toContain('\n');
        expect(finding.impact).toBeTruthy();
        expect(finding.help).toBe(`docs/requirements/${finding.requirement}.md`);
        expect(finding.resource).toMatch(/^\/subscriptions\//);
      }
    }
  });
});
