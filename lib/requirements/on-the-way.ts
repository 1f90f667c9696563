/** Which requirements are about the way to which dependency: what may explain that it is not reached. */
import type { HostDependencyId, TagDependencyId } from './dependency.ts';

export type ReachedDependencyId = TagDependencyId | HostDependencyId | 'control-plane';

/** Beside `dependency-not-dropped`, which is about all of them. */
export const requirementsOnTheWay: Readonly<Record<ReachedDependencyId, readonly string[]>> = {
  storage: ['service-endpoint-storage', 'firewall-storage', 'nsg-outbound-storage'],
  sql: ['service-endpoint-sql', 'firewall-sql', 'nsg-outbound-sql'],
  'key-vault': ['service-endpoint-key-vault', 'firewall-key-vault', 'nsg-outbound-key-vault'],
  'event-hub': ['service-endpoint-event-hub', 'firewall-event-hub', 'nsg-outbound-event-hub'],
  'azure-monitor': ['firewall-azure-monitor', 'nsg-outbound-azure-monitor'],
  'entra-id': ['firewall-entra-id', 'nsg-outbound-entra-id'],
  certificates: ['firewall-certificates', 'nsg-outbound-certificates'],
  'portal-diagnostics': ['firewall-portal-diagnostics'],
  captcha: ['firewall-captcha'],
  smtp: ['firewall-smtp'],
  kms: ['firewall-kms', 'kms-route'],
  'control-plane': ['control-plane-route', 'nsg-inbound-management'],
};
