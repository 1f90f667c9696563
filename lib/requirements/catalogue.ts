/** Every requirement, in the order of the report. What reads requirements as data reads them here. */

import { clientRoutes } from './client-routes.ts';
import { controlPlaneRoute } from './control-plane-route.ts';
import { dependencyNotDropped } from './dependency-not-dropped.ts';
import { firewallAzureMonitor } from './firewall-azure-monitor.ts';
import { firewallCaptcha } from './firewall-captcha.ts';
import { firewallCertificates } from './firewall-certificates.ts';
import { firewallEntraId } from './firewall-entra-id.ts';
import { firewallEventHub } from './firewall-event-hub.ts';
import { firewallKeyVault } from './firewall-key-vault.ts';
import { firewallKms } from './firewall-kms.ts';
import { firewallPortalDiagnostics } from './firewall-portal-diagnostics.ts';
import { firewallSmtp } from './firewall-smtp.ts';
import { firewallSql } from './firewall-sql.ts';
import { firewallStorage } from './firewall-storage.ts';
import { forcedTunnel } from './forced-tunnel.ts';
import { kmsRoute } from './kms-route.ts';
import { listedEndpoints } from './listed-endpoints.ts';
import { nsgAttached } from './nsg-attached.ts';
import { nsgInboundClients } from './nsg-inbound-clients.ts';
import { nsgInboundLoadBalancer } from './nsg-inbound-load-balancer.ts';
import { nsgInboundManagement } from './nsg-inbound-management.ts';
import { nsgInboundTrafficManager } from './nsg-inbound-traffic-manager.ts';
import { nsgManagementExposure } from './nsg-management-exposure.ts';
import { nsgOutboundAzureMonitor } from './nsg-outbound-azure-monitor.ts';
import { nsgOutboundCertificates } from './nsg-outbound-certificates.ts';
import { nsgOutboundEntraId } from './nsg-outbound-entra-id.ts';
import { nsgOutboundEventHub } from './nsg-outbound-event-hub.ts';
import { nsgOutboundKeyVault } from './nsg-outbound-key-vault.ts';
import { nsgOutboundSql } from './nsg-outbound-sql.ts';
import { nsgOutboundStorage } from './nsg-outbound-storage.ts';
import { observedConnectivity } from './observed-connectivity.ts';
import { platformSupported } from './platform-supported.ts';
import type { Requirement } from './requirement.ts';
import { serviceEndpointEventHub } from './service-endpoint-event-hub.ts';
import { serviceEndpointKeyVault } from './service-endpoint-key-vault.ts';
import { serviceEndpointSql } from './service-endpoint-sql.ts';
import { serviceEndpointStorage } from './service-endpoint-storage.ts';
import { tunnelNextHop } from './tunnel-next-hop.ts';
import { unapprovedDirectRoute } from './unapproved-direct-route.ts';

export const catalogue: readonly Requirement[] = [
  platformSupported,
  forcedTunnel,
  tunnelNextHop,
  unapprovedDirectRoute,
  controlPlaneRoute,
  clientRoutes,
  serviceEndpointStorage,
  serviceEndpointSql,
  serviceEndpointEventHub,
  serviceEndpointKeyVault,
  firewallStorage,
  firewallSql,
  firewallKeyVault,
  firewallEventHub,
  firewallAzureMonitor,
  firewallEntraId,
  firewallCertificates,
  firewallPortalDiagnostics,
  firewallCaptcha,
  firewallSmtp,
  firewallKms,
  dependencyNotDropped,
  kmsRoute,
  nsgAttached,
  nsgInboundManagement,
  nsgManagementExposure,
  nsgInboundLoadBalancer,
  nsgInboundClients,
  nsgInboundTrafficManager,
  nsgOutboundStorage,
  nsgOutboundSql,
  nsgOutboundKeyVault,
  nsgOutboundAzureMonitor,
  nsgOutboundCertificates,
  nsgOutboundEntraId,
  nsgOutboundEventHub,
  listedEndpoints,
  observedConnectivity,
];
