/**
 * What API Management must reach: service tags and host sets with their ports, and the severity of losing each.
 * Sources: Microsoft Learn, "Virtual network configuration reference: API Management" (required ports, regional
 * service tags, and the host lists for metrics, portal diagnostics, CAPTCHA, SMTP and TLS), and Microsoft's support
 * article "Windows activation fails in forced tunneling scenario" for the KMS addresses.
 */
import { fromPrefixes, type IntervalSet } from '../address/interval-set.ts';
import { type Cloud, cloudOfRegion } from '../address/region.ts';
import type { CompiledTag, ServiceTags } from '../address/service-tags.ts';
import type { Severity } from '../audit/report.ts';

export type TagDependencyId = 'storage' | 'sql' | 'key-vault' | 'event-hub' | 'azure-monitor' | 'entra-id';
export type HostDependencyId = 'certificates' | 'portal-diagnostics' | 'captcha' | 'smtp' | 'kms';

export interface TagDependency {
  readonly id: TagDependencyId;
  readonly title: string;
  /** Base name of the service tag. */
  readonly tag: string;
  /** Which region's tag: the deployment's, the primary's (SQL), or none but the global one. */
  readonly scope: 'own' | 'primary' | 'global';
  /** TCP. */
  readonly ports: readonly number[];
  readonly severity: Severity;
  /** Names under which it is called; a firewall's application rule may allow it by these. */
  readonly hosts: readonly string[];
}

export interface HostDependency {
  readonly id: HostDependencyId;
  readonly title: string;
  readonly ports: readonly number[];
  readonly severity: Severity;
  readonly hosts: readonly string[];
}

export const tagDependencies: readonly TagDependency[] = [
  {
    id: 'storage',
    title: 'Azure Storage',
    tag: 'Storage',
    scope: 'own',
    ports: [443],
    severity: 'critical',
    hosts: [
      '*.blob.core.windows.net',
      '*.table.core.windows.net',
      '*.queue.core.windows.net',
      '*.file.core.windows.net',
    ],
  },
  {
    id: 'sql',
    title: 'Azure SQL',
    tag: 'Sql',
    scope: 'primary',
    ports: [1433],
    severity: 'critical',
    hosts: ['*.database.windows.net'],
  },
  {
    id: 'key-vault',
    title: 'Azure Key Vault',
    tag: 'AzureKeyVault',
    scope: 'own',
    ports: [443],
    severity: 'critical',
    hosts: ['*.vault.azure.net'],
  },
  {
    id: 'event-hub',
    title: 'Event Hubs',
    tag: 'EventHub',
    scope: 'own',
    ports: [5671, 5672, 443],
    severity: 'medium',
    hosts: ['*.servicebus.windows.net'],
  },
  {
    id: 'azure-monitor',
    title: 'Azure Monitor',
    tag: 'AzureMonitor',
    scope: 'global',
    ports: [1886, 443],
    severity: 'medium',
    hosts: [
      '*.prod.microsoftmetrics.com',
      'gcs.prod.monitoring.core.windows.net',
      '*.warm.ingestion.monitoring.azure.com',
    ],
  },
  {
    id: 'entra-id',
    title: 'Microsoft Entra ID',
    tag: 'AzureActiveDirectory',
    scope: 'global',
    ports: [443],
    severity: 'medium',
    hosts: ['login.microsoftonline.com', '*.login.microsoft.com', 'login.windows.net', 'graph.windows.net'],
  },
];

export const hostDependencies: readonly HostDependency[] = [
  {
    id: 'certificates',
    title: 'Certificate validation',
    ports: [80, 443],
    severity: 'medium',
    hosts: [
      'mscrl.microsoft.com',
      'crl.microsoft.com',
      'oneocsp.microsoft.com',
      'cacerts.digicert.com',
      'crl3.digicert.com',
      'ocsp.digicert.com',
    ],
  },
  {
    id: 'portal-diagnostics',
    title: 'Portal diagnostics',
    ports: [443],
    severity: 'low',
    hosts: ['dc.services.visualstudio.com'],
  },
  {
    id: 'captcha',
    title: 'Developer portal CAPTCHA',
    ports: [443],
    severity: 'low',
    hosts: ['partner.prod.repmap.microsoft.com'],
  },
  {
    id: 'smtp',
    title: 'SMTP relay',
    ports: [25, 587, 25028],
    severity: 'low',
    hosts: [
      'smtpi-co1.msn.com',
      'smtpi-ch1.msn.com',
      'smtpi-db3.msn.com',
      'smtpi-sin.msn.com',
      'ies.global.microsoft.com',
    ],
  },
  {
    id: 'kms',
    title: 'Windows activation (KMS)',
    ports: [1688],
    severity: 'low',
    hosts: ['azkms.core.windows.net', 'kms.core.windows.net'],
  },
];

/** Host names end differently in the sovereign clouds; the first part stays. */
const suffixes: Readonly<Record<Exclude<Cloud, 'Public'>, readonly (readonly [string, string])[]>> = {
  AzureGovernment: [
    ['core.windows.net', 'core.usgovcloudapi.net'],
    ['database.windows.net', 'database.usgovcloudapi.net'],
    ['vault.azure.net', 'vault.usgovcloudapi.net'],
    ['servicebus.windows.net', 'servicebus.usgovcloudapi.net'],
    ['login.microsoftonline.com', 'login.microsoftonline.us'],
    ['monitoring.azure.com', 'monitoring.azure.us'],
    ['repmap.microsoft.com', 'repmap.microsoft.us'],
  ],
  China: [
    ['core.windows.net', 'core.chinacloudapi.cn'],
    ['database.windows.net', 'database.chinacloudapi.cn'],
    ['vault.azure.net', 'vault.azure.cn'],
    ['servicebus.windows.net', 'servicebus.chinacloudapi.cn'],
    ['login.microsoftonline.com', 'login.chinacloudapi.cn'],
    ['monitoring.azure.com', 'monitoring.azure.cn'],
  ],
};

/** The names of a dependency in the cloud of a region. */
export function hostsIn(hosts: readonly string[], region: string): readonly string[] {
  const cloud = cloudOfRegion(region);
  if (cloud === 'Public') return hosts;
  return hosts.map((host) => {
    const found = suffixes[cloud].find(([suffix]) => host.endsWith(suffix));
    return found ? host.slice(0, host.length - found[0].length) + found[1] : host;
  });
}

const kmsByCloud: Readonly<Record<Cloud, readonly string[]>> = {
  Public: ['20.118.99.224', '23.102.135.246', '40.83.235.53'],
  AzureGovernment: ['23.97.0.13', '52.126.105.2'],
  China: ['42.159.7.249', '159.27.28.100', '163.228.64.161'],
};

const kmsSets: Readonly<Record<Cloud, IntervalSet>> = {
  Public: fromPrefixes(kmsByCloud.Public),
  AzureGovernment: fromPrefixes(kmsByCloud.AzureGovernment),
  China: fromPrefixes(kmsByCloud.China),
};

export function kmsAddresses(region: string): IntervalSet {
  return kmsSets[cloudOfRegion(region)];
}

export const controlPlaneTag = 'ApiManagement';

/** The tag of a dependency for one deployment; `undefined` when the tag data does not hold it. */
export function tagFor(
  dependency: TagDependency,
  regions: { readonly own: string; readonly primary: string },
  tags: ServiceTags,
): CompiledTag | undefined {
  switch (dependency.scope) {
    case 'own':
      return tags.findForRegion(dependency.tag, regions.own);
    case 'primary':
      return tags.findForRegion(dependency.tag, regions.primary);
    case 'global':
      return tags.find(dependency.tag);
  }
}

export function tagDependency(id: TagDependencyId): TagDependency {
  const found = tagDependencies.find((dependency) => dependency.id === id);
  if (!found) throw new RangeError(`no dependency "${id}"`);
  return found;
}

export function hostDependency(id: HostDependencyId): HostDependency {
  const found = hostDependencies.find((dependency) => dependency.id === id);
  if (!found) throw new RangeError(`no dependency "${id}"`);
  return found;
}
