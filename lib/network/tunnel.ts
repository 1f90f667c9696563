/**
 * Whether forced tunneling is in force: what becomes of the public IPv4 space less the approved exceptions. Contract,
 * section 2 (F, D and X, and the table of states).
 */
import { addressCount, type IntervalSet } from '../address/interval-set.ts';
import { type CandidateRoute, isSystemDefault } from './candidate-route.ts';
import { type Routing, routeSet } from './routing.ts';

export type TunnelState = 'forced' | 'partial' | 'direct' | 'dropped' | 'unknown';

/** Addresses of the examined space that one route wins. */
export interface RouteShare {
  readonly route: CandidateRoute | undefined;
  readonly kind: 'tunnel' | 'direct' | 'dropped' | 'undecided';
  readonly addresses: number;
}

export interface Tunnel {
  readonly state: TunnelState;
  /** By route, most addresses first; ranges of the virtual network itself are left out. */
  readonly shares: readonly RouteShare[];
}

interface Totals {
  tunnel: number;
  direct: number;
  dropped: number;
}

function stateOf(totals: Totals): TunnelState {
  if (totals.tunnel > 0) return totals.direct > 0 ? 'partial' : 'forced';
  return totals.dropped > 0 ? 'dropped' : 'direct';
}

/** The one state that all alternatives agree on, else unknown. */
function agreed(totals: Totals, undecided: number, alternatives: readonly (keyof Totals)[]): TunnelState {
  const states = new Set(alternatives.map((kind) => stateOf({ ...totals, [kind]: totals[kind] + undecided })));
  const [first] = states;
  return states.size === 1 && first !== undefined ? first : 'unknown';
}

/** @param space the public space less the approved exceptions */
export function examineTunnel(routing: Routing, space: IntervalSet): Tunnel {
  const totals: Totals = { tunnel: 0, direct: 0, dropped: 0 };
  let undecided = 0;
  let undecidedHop = false;
  const shares: RouteShare[] = [];
  for (const { kind, route, addresses: set } of routeSet(routing, space)) {
    if (kind === 'endpoint' || kind === 'virtualNetwork') continue;
    const addresses = addressCount(set);
    if (kind === 'undecided') {
      undecided += addresses;
      if (route && !isSystemDefault(route)) undecidedHop = true;
    } else {
      totals[kind] += addresses;
    }
    shares.push({ route, kind, addresses });
  }
  const list = shares.sort((a, b) => b.addresses - a.addresses);
  if (routing.notSeen.length > 0) return { state: 'unknown', shares: list };
  if (undecided === 0) return { state: stateOf(totals), shares: list };
  // An unseen default is learned from somewhere: it leads into a tunnel. An unrecognised next hop could be anything.
  const alternatives = undecidedHop ? (['direct', 'tunnel', 'dropped'] as const) : (['direct', 'tunnel'] as const);
  return { state: agreed(totals, undecided, alternatives), shares: list };
}
