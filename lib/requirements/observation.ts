/**
 * What API Management observes of one deployment's network, dependency by dependency: what each is, whether it is reached, and
 * whether that is still news. A status is refreshed about every 15 minutes, and one that is not is a sign of lost connectivity
 * (Microsoft Learn, "Virtual network configuration reference: API Management", troubleshooting).
 */
import type { Severity } from '../audit/report.ts';
import { hostOfUrl } from '../network/firewall-hosts.ts';
import { idKey } from '../network/model.ts';
import { type ConnectivityStatus, statusIn } from '../network/network-status.ts';
import { type HostDependencyId, hostDependencies, type TagDependencyId, tagDependencies } from './dependency.ts';
import { dependencyCalled } from './dependency-called.ts';
import type { ReachedDependencyId } from './on-the-way.ts';
import type { Situation } from './situation.ts';

export interface ObservedDependency extends ConnectivityStatus {
  /** `stale`: not refreshed for longer than the policy's `staleAfter`, whatever it said last. */
  readonly state: 'success' | 'failure' | 'stale' | 'unknown';
  /** Why the state is unknown. */
  readonly reason?: string;
  /** Of losing it. */
  readonly severity: Severity;
  /** Absent: nothing that is computed is about it. */
  readonly dependency?: ReachedDependencyId;
}

export type Observation =
  | { readonly kind: 'notAsked' }
  | { readonly kind: 'notRead'; readonly reason: string }
  | {
      readonly kind: 'read';
      readonly dnsServers: readonly string[];
      readonly readAt: string | undefined;
      readonly dependencies: readonly ObservedDependency[];
    };

/**
 * By `resourceType` in lower case, as in the published examples of the REST API, 2022-08-01 and 2024-05-01. `FileStorage` is not
 * among them: it goes by port 445, which no requirement asks about.
 */
const byType: Readonly<Record<string, ReachedDependencyId>> = {
  blobstorage: 'storage',
  tablestorage: 'storage',
  queue: 'storage',
  smtpqueue: 'storage',
  sqldatabase: 'sql',
  azurekeyvault: 'key-vault',
  eventhub: 'event-hub',
  monitoring: 'azure-monitor',
  metrics: 'azure-monitor',
  azureactivedirectory: 'entra-id',
  regionalazureactivedirectory: 'entra-id',
  captchaendpoint: 'captcha',
  email: 'smtp',
  'apimanagement control plane - inbound': 'control-plane',
};

const fileShareType = 'filestorage';

const severityOf: Readonly<Record<ReachedDependencyId, Severity>> = {
  ...(Object.fromEntries([...tagDependencies, ...hostDependencies].map(({ id, severity }) => [id, severity])) as Record<
    TagDependencyId | HostDependencyId,
    Severity
  >),
  'control-plane': 'high',
};

function dependencyOf({ resourceType, name }: ConnectivityStatus, region: string): ReachedDependencyId | undefined {
  const type = resourceType.trim().toLowerCase();
  if (type === fileShareType) return undefined;
  const known = byType[type];
  if (known !== undefined) return known;
  return dependencyCalled(hostOfUrl(name), region)?.id;
}

function stateOf(
  { status, lastUpdated }: ConnectivityStatus,
  readAt: number,
  staleAfterMs: number,
): Pick<ObservedDependency, 'state' | 'reason'> {
  const updated = Date.parse(lastUpdated ?? '');
  const word = status?.toLowerCase();
  if (Number.isFinite(updated)) {
    if (readAt - updated > staleAfterMs) return { state: 'stale' };
    if (updated - readAt > staleAfterMs)
      return { state: 'unknown', reason: `its last update, ${lastUpdated}, is to come` };
  }
  if (word === 'failure') return { state: 'failure' };
  if (!Number.isFinite(updated)) return { state: 'unknown', reason: 'it does not say when it was last updated' };
  if (word === 'success') return { state: 'success' };
  return { state: 'unknown', reason: status === undefined ? 'it has no status' : `its status is "${status}"` };
}

/** What Azure observes of the deployment's region. */
export function observe({ deployment, estate, policy, now }: Situation): Observation {
  const status = estate.networkStatuses.get(idKey(deployment.service.id));
  if (!status) return { kind: 'notAsked' };
  const found = statusIn(status, deployment.region);
  if (!found) {
    const reason = status.notReadAt.get(deployment.region) ?? status.notRead;
    return { kind: 'notRead', reason: reason ?? `the network status does not hold the location ${deployment.region}` };
  }
  const readAt = Date.parse(found.readAt ?? '');
  const dependencies = found.connectivityStatus.map((each): ObservedDependency => {
    const dependency = dependencyOf(each, deployment.region);
    // What is required and not known is taken at its worst.
    const severity = each.isOptional ? 'low' : dependency === undefined ? 'critical' : severityOf[dependency];
    const state = stateOf(each, Number.isFinite(readAt) ? readAt : now.getTime(), policy.staleAfterMs);
    return { ...each, ...state, severity, ...(dependency !== undefined && { dependency }) };
  });
  return { kind: 'read', dnsServers: found.dnsServers, readAt: found.readAt, dependencies };
}
