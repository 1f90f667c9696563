/** A deployment as the status tells of it, with nothing open. */
import type { StatusDeployment } from '../../lib/watch/status.ts';

export function sampleDeployment(name: string): StatusDeployment {
  return {
    key: `${name}|westeurope`,
    service: '/subscriptions/s',
    name,
    region: 'westeurope',
    sku: 'Premium',
    mode: 'Internal',
    subnet: null,
    routeTable: null,
    networkSecurityGroup: null,
    verdict: 'compliant',
    evaluatedAt: '2026-11-23T15:00:00.000Z',
    errors: [],
    open: [],
  };
}
