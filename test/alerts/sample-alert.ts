/** Alerts for tests: one drift as the watcher tells it, and ways to make it large or hostile. */
import type { Finding } from '../../lib/audit/report.ts';
import type { DriftAlert, Transition } from '../../lib/drift/model.ts';

const service = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ApiManagement/service/apim-one';

export function findingOf(requirement: string, more: Partial<Finding> = {}): Finding {
  return {
    requirement,
    status: 'fail',
    severity: 'high',
    message: 'Control plane replies: 4.198.207.152/31 go to VirtualAppliance 10.0.1.4, not to the Internet.',
    resource: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt-one',
    evidence: { counterexample: { addressPrefix: '4.198.207.152/31', port: 'tcp/3443', addresses: 2009, more: [] } },
    impact: 'Configuration, portal and scaling operations fail.',
    fix: {
      summary: 'Route ApiManagement to Internet in rt-one.',
      azureCli: 'az network route-table route create',
      bicep: 'resource r',
    },
    help: `docs/requirements/${requirement}.md`,
    ...more,
  };
}

export function transitionOf(requirement: string, more: Partial<Transition> = {}): Transition {
  const finding = more.finding ?? findingOf(requirement);
  return {
    id: `id-of-${requirement}`,
    kind: 'opened',
    requirement,
    severity: finding.severity,
    from: 'pass',
    to: finding.status,
    since: '2026-11-23T15:00:00.000Z',
    finding,
    causes: [
      {
        eventId: 'event-1',
        resourceId: `${finding.resource}/routes/control-plane`,
        operation: 'Microsoft.Network/routeTables/routes/delete',
        time: '2026-11-23T14:59:50.000Z',
        correlationId: '5a2c',
        principal: { id: '5f0e6a1c', type: 'User' },
      },
    ],
    ...more,
  };
}

export function alertOf(transitions: readonly Transition[], name = 'apim-one'): DriftAlert {
  return {
    type: 'drift',
    id: 'alert-1',
    at: '2026-11-23T15:00:00.000Z',
    deployment: {
      key: `${service.toLowerCase()}|westeurope`,
      service,
      name,
      region: 'westeurope',
      sku: 'Premium',
      mode: 'Internal',
      subnet: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/apim',
      routeTable: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/routeTables/rt-one',
      networkSecurityGroup: null,
    },
    verdict: 'nonCompliant',
    transitions,
  };
}
