/**
 * What a service must reach, as Azure itself lists it, and what the names resolve to (REST reference, "Outbound Network Dependencies
 * Endpoints", API 2024-05-01: `OutboundEnvironmentEndpoint`). Readonly data; nothing is judged here.
 */
import { normaliseHost } from './firewall-hosts.ts';

/** One port of one host. */
export interface OutboundEndpoint {
  /** `Azure Storage`, `SSL Certificate Verification`, ... */
  readonly category: string;
  /** As the answer spells it; may begin with `*.`. */
  readonly domainName: string;
  /** TCP; absent where the list names none. */
  readonly port?: number;
  /** Display name, or `Global`; absent where the list names none. */
  readonly region?: string;
}

/** The list of one service. */
export interface OutboundDependencies {
  readonly endpoints: readonly OutboundEndpoint[];
  /** Why it, or what is left of it, could not be had. */
  readonly notRead?: string;
  /** It could not be had because it is not permitted: nothing changes that but people. */
  readonly isRefused?: boolean;
}

/** What a host name was answered with. */
export interface ResolvedName {
  readonly domainName: string;
  /** IPv4. */
  readonly addresses: readonly string[];
  /** The name that stands behind it, where it is but another one. */
  readonly alias?: string;
  /** Why there is no address. */
  readonly notResolved?: string;
}

/** The key under which a resolved name is kept: names compare without case and without the root's dot. */
export function nameKey(domainName: string): string {
  return normaliseHost(domainName.trim());
}
