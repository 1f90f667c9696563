/**
 * What Azure API Management observes of its own network, as it says so (REST reference, "Network Status", API 2024-05-01:
 * `NetworkStatusContract` and `ConnectivityStatusContract`). Readonly data; nothing is judged here.
 */
import { normaliseRegion } from '../address/region.ts';

/** One dependency. Times are ISO 8601; what the answer left out is absent. */
export interface ConnectivityStatus {
  /** A host, an address, or a name such as `LocalGatewayRedis`. */
  readonly name: string;
  /** `initializing`, `success`, `failure`, or a value newer than this code. */
  readonly status?: string;
  readonly error?: string;
  readonly lastUpdated?: string;
  readonly lastStatusChange?: string;
  /** `BlobStorage`, `SQLDatabase`, `ApiManagement Control Plane - inbound`, ... */
  readonly resourceType: string;
  /** What is not said to be optional is not. */
  readonly isOptional: boolean;
}

export interface LocationNetworkStatus {
  /** As the answer spells it (`West Europe`); absent in the answer of one location, which does not name itself. */
  readonly location?: string;
  readonly dnsServers: readonly string[];
  readonly connectivityStatus: readonly ConnectivityStatus[];
  /** When it was read, by the clock of who answered: ISO 8601. Absent: the input does not say. */
  readonly readAt?: string;
}

/** The network status of one service, as far as it was asked for. */
export interface ServiceNetworkStatus {
  readonly locations: readonly LocationNetworkStatus[];
  /** Why the whole, or (by normalised name) a location, could not be had. */
  readonly notRead?: string;
  readonly notReadAt: ReadonlyMap<string, string>;
}

/** What a service says of one of its regions; of several answers the latest. */
export function statusIn(status: ServiceNetworkStatus, region: string): LocationNetworkStatus | undefined {
  const wanted = normaliseRegion(region);
  return status.locations
    .filter(({ location }) => location !== undefined && normaliseRegion(location) === wanted)
    .toSorted((a, b) => latest(a) - latest(b))
    .at(-1);
}

function latest({ readAt, connectivityStatus }: LocationNetworkStatus): number {
  const times = [readAt, ...connectivityStatus.map(({ lastUpdated }) => lastUpdated)];
  return Math.max(...times.map((time) => Date.parse(time ?? '')).filter(Number.isFinite), 0);
}
