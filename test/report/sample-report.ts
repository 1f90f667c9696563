/**
 * A small report with every status, severity and scope in it, written by hand so that the tests of the formats know each
 * word that must come out. Nothing is evaluated here.
 */
import type { DeploymentReport, Finding, Report } from '../../lib/audit/report.ts';

const group = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net';
export const serviceId = `${group}/providers/Microsoft.ApiManagement/service/apim-one`;
export const routeTableId = `${group}/providers/Microsoft.Network/routeTables/rt-one`;

function finding(requirement: string, given: Partial<Finding>): Finding {
  return {
    requirement,
    status: 'pass',
    severity: 'high',
    message: `${requirement} says so`,
    resource: routeTableId,
    evidence: {},
    help: `docs/requirements/${requirement}.md`,
    ...given,
  };
}

export const failing = finding('control-plane-route', {
  status: 'fail',
  message: 'Replies go to the appliance.',
  impact: 'The management plane loses its replies.',
  evidence: { counterexample: { addressPrefix: '20.0.0.0/24', port: 'tcp/3443', addresses: 256, more: [] } },
  fix: {
    summary: 'Route ApiManagement to Internet.',
    azureCli: 'az network route create \\\n  --name "a```b````c"',
    bicep: "resource route 'x' = {\n  name: 'hidden \u202e turn'\n}",
    caveats: ['A policy may deny it.'],
  },
});

export const openMedium = finding('firewall-azure-monitor', {
  status: 'unknown',
  severity: 'medium',
  message: 'The firewall is not seen.',
  evidence: { notSeen: ['firewall fw-one', 'policy fp-one', 'group g-one'] },
});

export const openMinor = finding('firewall-smtp', {
  status: 'unknown',
  severity: 'info',
  message: 'Ask the owner of the appliance.',
  evidence: { notSeen: [] },
});

export const exempt = finding('client-routes', {
  status: 'exempt',
  severity: 'critical',
  message: 'Clients are not routed back.',
  evidence: {
    exemption: {
      category: 'waiver',
      reason: 'agreed until the move',
      expiresOn: '2027-01-01T00:00:00Z',
      expired: false,
    },
  },
});

export const failures: readonly Finding[] = [
  finding('nsg-attached', { status: 'fail', severity: 'critical', message: 'No NSG.' }),
  finding('service-endpoint-event-hub', { status: 'fail', severity: 'medium', message: 'No endpoint.' }),
  finding('kms-route', { status: 'fail', severity: 'low', message: 'No activation.' }),
  finding('nsg-outbound-event-hub', { status: 'fail', severity: 'info', message: 'No event hub.' }),
];

const passing = finding('platform-supported', { message: 'The platform is stv2.' });
const idle = finding('forced-tunnel', { status: 'notApplicable', message: 'The policy does not ask for one.' });

function deployment(name: string, region: string, given: Partial<DeploymentReport>): DeploymentReport {
  const service = serviceId.replace('apim-one', name);
  return {
    key: `${service.toLowerCase()}|${region}`,
    service,
    name,
    region,
    role: 'primary',
    sku: 'Premium',
    mode: 'External',
    scope: 'in',
    subnet: `${group}/providers/Microsoft.Network/virtualNetworks/vnet/subnets/apim`,
    routeTable: routeTableId,
    networkSecurityGroup: null,
    verdict: 'compliant',
    tunnel: {
      state: 'forced',
      nextHops: [{ type: 'VirtualAppliance', address: '10.0.1.4', addresses: 9 }],
      assumptions: [],
    },
    paths: [],
    findings: [passing, idle],
    ...given,
  };
}

export const compliant = deployment('apim-good', 'westeurope', {});
export const unknown = deployment('apim-open', 'westeurope', { verdict: 'unknown', findings: [openMedium, openMinor] });
export const nonCompliant = deployment('apim-one', 'uksouth', {
  verdict: 'nonCompliant',
  findings: [passing, idle, openMinor, exempt, openMedium, ...failures, failing],
});
export const outOfScope = deployment('apim-v2', 'uksouth', {
  verdict: 'outOfScope',
  scope: 'out',
  reason: 'A v2 tier has no forced-tunnel rules.',
  sku: 'StandardV2',
  tunnel: undefined,
  findings: [passing],
});

/** @param deployments in the report's own order; the summary is counted from them */
export function reportOf(deployments: readonly DeploymentReport[], errors: Report['errors'] = []): Report {
  const verdicts = { compliant: 0, nonCompliant: 0, unknown: 0, outOfScope: 0 };
  const findings = { pass: 0, fail: 0, unknown: 0, notApplicable: 0, exempt: 0 };
  for (const each of deployments) {
    verdicts[each.verdict]++;
    for (const { status } of each.findings) findings[status]++;
  }
  return {
    schemaVersion: '1',
    generatedAt: '2026-11-23T15:00:00.000Z',
    sources: [{ kind: 'file', name: 'estate.json' }],
    serviceTags: { changeNumber: 373, cloud: 'Public', origin: 'bundled', asOf: '2025-10-13' },
    summary: { services: deployments.length, deployments: deployments.length, ...verdicts, findings },
    deployments: [...deployments],
    errors: [...errors],
  };
}

export const report = reportOf(
  [compliant, unknown, nonCompliant, outOfScope],
  [{ resource: '/subscriptions/a', message: 'no permission to read' }],
);
