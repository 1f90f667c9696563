/**
 * Routes that no route table shows, as Azure lists them: what a virtual network gateway, a Route Server or a virtual hub
 * has learned, and the routing intent of a hub. Plain readonly data, in Azure's words.
 */
import type { Unresolved } from './model.ts';

export interface LearnedRoute {
  /** IPv4 or IPv6 CIDR. */
  readonly addressPrefix: string;
  /** Address of a peer, or id of the resource that the hub sends to; absent where the answer names none. */
  readonly nextHop?: string;
  /** `Network`, `IBgp`, `EBgp`, or a value newer than this code. */
  readonly origin?: string;
  readonly sourcePeer?: string;
  readonly asPath?: string;
}

/** What one resource has learned. Both may be there: routes, and why they are not all. */
export interface LearnedRoutes {
  readonly routes: readonly LearnedRoute[];
  readonly notRead?: string;
}

/** `Microsoft.Network/virtualHubs/routingIntent`. */
export interface RoutingIntent {
  readonly id: string;
  readonly name: string;
  readonly routingPolicies: readonly RoutingPolicy[];
  readonly unresolved?: Unresolved;
}

export interface RoutingPolicy {
  readonly name: string;
  /** `Internet`, `PrivateTraffic`, or a value newer than this code. */
  readonly destinations: readonly string[];
  /** Id of what the hub sends to, such as its Azure Firewall. */
  readonly nextHop?: string;
}
