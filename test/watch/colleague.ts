/**
 * A colleague with rights on the simulated Azure, who changes things through Resource Manager as portals and pipelines do; and what
 * an audit of what is there now says, read straight from the simulator's store.
 */
import { auditEstate } from '../../lib/audit/audit.ts';
import { isAtLeast, type Report } from '../../lib/audit/report.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { estateFromResources } from '../../lib/azure/documents/read-estate.ts';
import { isService } from '../../lib/azure/injected.ts';
import { defaultPolicy, type Policy } from '../../lib/policy/policy.ts';
import type { SimulatedAzure } from '../../local/azure/index.ts';

export type Json = Record<string, unknown>;

export class Colleague {
  private readonly azure: SimulatedAzure;
  private token: string | undefined;

  constructor(azure: SimulatedAzure) {
    this.azure = azure;
  }

  private async signIn(): Promise<string> {
    const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = this.azure.environment;
    const response = await fetch(`${IDENTITY_ENDPOINT}?resource=${this.azure.endpoint}&api-version=2019-08-01`, {
      headers: { 'X-IDENTITY-HEADER': IDENTITY_HEADER },
    });
    const { access_token } = (await response.json()) as { access_token: string };
    return access_token;
  }

  async call(method: string, path: string, body?: unknown): Promise<Response> {
    this.token ??= await this.signIn();
    return fetch(`${this.azure.endpoint}${path}?api-version=2024-05-01`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  async put(resource: Json): Promise<void> {
    const response = await this.call('PUT', String(resource.id), resource);
    if (!response.ok) throw new Error(`PUT ${String(resource.id)}: ${response.status} ${await response.text()}`);
  }

  async remove(id: string): Promise<void> {
    const response = await this.call('DELETE', id);
    if (!response.ok) throw new Error(`DELETE ${id}: ${response.status}`);
  }

  /** Makes what is there what it should be: puts what differs, deletes what is too much. @returns how many edits */
  async makeItSo(wanted: readonly Json[]): Promise<number> {
    const there = new Map(this.azure.store.all().map((resource) => [String(resource.id).toLowerCase(), resource]));
    let edits = 0;
    for (const resource of wanted) {
      const key = String(resource.id).toLowerCase();
      const known = there.get(key);
      there.delete(key);
      if (known && contentOf(known) === contentOf(resource)) continue;
      await this.put(resource);
      edits++;
    }
    for (const { id } of there.values()) {
      await this.remove(String(id));
      edits++;
    }
    return edits;
  }
}

/** Without what Azure adds. */
function contentOf(resource: Json): string {
  const drop = new Set(['etag', 'provisioningState']);
  return JSON.stringify(resource, (name, value: unknown) =>
    drop.has(name) || (name === 'id' && typeof value === 'string' && /\/(routes|securityRules)\//.test(value))
      ? undefined
      : value,
  );
}

export function auditOf(azure: SimulatedAzure, policy: Policy = defaultPolicy): Report {
  const resources = [...azure.store.all()];
  const lists = resources.filter(isService).map((service) => ({
    id: `${String(service.id)}/outboundNetworkDependenciesEndpoints`,
    outboundDependencies: azure.outboundDependencies.of(service),
  }));
  const estate = estateFromResources([...resources, ...lists], { kind: 'arm', name: 'simulator' });
  return auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: new Date() });
}

/** `<deployment>/<requirement>` -> `<status> <severity>` of what stands open by the contract: what the watcher has to say. */
export function openIn(report: Report): Map<string, string> {
  const open = new Map<string, string>();
  for (const { key, findings } of report.deployments) {
    for (const { requirement, status, severity } of findings) {
      const isOpen =
        (status === 'fail' && severity !== 'info') || (status === 'unknown' && isAtLeast(severity, 'medium'));
      if (isOpen) open.set(`${key}/${requirement}`, `${status} ${severity}`);
    }
  }
  return open;
}

/** Properties of a resource that has to be there. @throws Error where it is not */
export function propertiesOf(resource: Json | undefined): Json {
  if (!resource) throw new Error('the resource is not there');
  return resource.properties as Json;
}
