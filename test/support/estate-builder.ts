/** Small estates for facts about the evaluator: raw resources around one compliant service, changed where a fact asks. */
import { auditEstate } from '../../lib/audit/audit.ts';
import type { DeploymentReport, Finding } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';
import { brokenEstate, ids } from './broken-estate.ts';

export type Json = Record<string, unknown>;

/** What a fact changes in the compliant estate; what is `null` is taken out. */
export interface Change {
  readonly service?: Json;
  readonly sku?: string;
  readonly location?: string;
  readonly subnet?: Json;
  readonly network?: Json | null;
  readonly table?: Json | null;
  readonly routes?: readonly Json[];
  readonly rules?: readonly Json[];
  readonly securityGroup?: null;
  readonly firewall?: null;
  readonly more?: readonly Json[];
  readonly policy?: Partial<Policy>;
}

function merge(resource: Json, change: Json): Json {
  const properties = { ...(resource.properties as Json) };
  for (const [name, value] of Object.entries(change)) {
    if (value === null) delete properties[name];
    else properties[name] = value;
  }
  return { ...resource, properties };
}

export function resourcesWith(change: Change): Json[] {
  const { resources } = brokenEstate([]);
  const result: Json[] = [];
  for (const resource of resources) {
    switch (resource.id) {
      case ids.service: {
        const { sku = 'Premium', location = 'West Europe' } = change;
        result.push({ ...merge(resource, change.service ?? {}), sku: { name: sku }, location });
        break;
      }
      case ids.network: {
        if (change.network === null) {
          const [subnet] = (resource.properties as { subnets: Json[] }).subnets;
          if (subnet)
            result.push({ ...merge(subnet, change.subnet ?? {}), type: 'Microsoft.Network/virtualNetworks/subnets' });
          break;
        }
        const subnets = (resource.properties as { subnets: Json[] }).subnets.map((subnet) =>
          merge(subnet, change.subnet ?? {}),
        );
        const location = (change.location ?? 'westeurope').toLowerCase().replaceAll(' ', '');
        result.push({ ...merge(merge(resource, { subnets }), change.network ?? {}), location });
        break;
      }
      case ids.table:
        if (change.table !== null)
          result.push(merge(merge(resource, change.routes ? { routes: change.routes } : {}), change.table ?? {}));
        break;
      case ids.securityGroup:
        if (change.securityGroup !== null)
          result.push(merge(resource, change.rules ? { securityRules: change.rules } : {}));
        break;
      case ids.firewall:
        if (change.firewall !== null) result.push(resource);
        break;
      default:
        result.push(resource);
    }
  }
  return [...result, ...(change.more ?? [])];
}

export function evaluate(change: Change): DeploymentReport[] {
  const policy = { ...defaultPolicy, clients: ['20.10.0.0/24'], ...change.policy };
  const estate = estateFromResources(resourcesWith(change), { kind: 'file', name: 'estate.json' });
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date('2026-11-23T00:00:00Z') }).deployments;
}

/** The primary deployment under a change. */
export function deploymentOf(change: Change): DeploymentReport {
  const [deployment] = evaluate(change);
  if (!deployment) throw new Error('no deployment');
  return deployment;
}

export function findingOf(change: Change, requirement: string): Finding {
  const found = deploymentOf(change).findings.find((finding) => finding.requirement === requirement);
  if (!found) throw new Error(`no finding ${requirement}`);
  return found;
}

/** `pass`, or `fail medium`: the status, with the severity where it fails or is unknown. */
export function outcomeOf(change: Change, requirement: string): string {
  const { status, severity } = findingOf(change, requirement);
  return status === 'fail' || status === 'unknown' ? `${status} ${severity}` : status;
}
