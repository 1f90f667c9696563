/**
 * What a subnet learns: the routes that come to it by BGP from gateways, Route Servers and hubs, and whether a default
 * route could be among those that cannot be seen. Contract, section 2.
 */
import type { CandidateRoute } from './candidate-route.ts';
import { moreSpecific } from './hub-origin.ts';
import { type Estate, idKey, type RouteTable, type Subnet, type VirtualNetwork } from './model.ts';
import { type RouteOrigin, routeOrigins } from './route-origins.ts';

/** One gateway, Route Server or hub, as the report tells of it. */
export interface LearnedFrom {
  readonly resource: string;
  /** How its routes reach the subnet. */
  readonly way: string;
  /** How many of its routes compete. */
  readonly routes: number;
  readonly defaultRoute: boolean;
  /** Why there may be more. */
  readonly notRead?: string;
}

export interface Learned {
  readonly routes: readonly CandidateRoute[];
  /** Why a default route may be there unseen. */
  readonly unseenDefault?: string;
  readonly assumptions: readonly string[];
  readonly from: readonly LearnedFrom[];
}

const nothing: Learned = { routes: [], assumptions: [], from: [] };

function isDefault({ packed }: CandidateRoute): boolean {
  return packed[0] === 0;
}

function fromOf({ learner, text, routes, notKnown }: RouteOrigin): LearnedFrom[] {
  if (!learner) return [];
  return [
    {
      resource: learner.id,
      way: text,
      routes: routes.length,
      defaultRoute: routes.some(isDefault),
      ...(notKnown !== undefined && { notRead: notKnown }),
    },
  ];
}

/** `gateway gw serves it (what it has learned is not in the estate)` */
function openText({ text, notKnown }: RouteOrigin): string {
  return notKnown === undefined || notKnown === '' ? text : `${text} (${notKnown})`;
}

/** One learner may be met on several ways; it competes once. */
function distinct(origins: readonly RouteOrigin[]): readonly RouteOrigin[] {
  const seen = new Set<string>();
  return origins.filter(({ learner }) => {
    const key = idKey(learner?.id ?? '');
    if (key === '' || !seen.has(key)) {
      seen.add(key);
      return true;
    }
    return false;
  });
}

/** @param table of the subnet, if it has one that is known */
export function learnedRoutes(
  estate: Estate,
  subnet: Subnet,
  virtualNetwork: VirtualNetwork | undefined,
  table: RouteTable | undefined,
): Learned {
  if (table?.disableBgpRoutePropagation === true) return nothing;
  const unresolved = table?.unresolved?.disableBgpRoutePropagation;
  const origins: readonly RouteOrigin[] = virtualNetwork
    ? distinct(routeOrigins(estate, virtualNetwork))
    : [{ text: `the virtual network of ${subnet.name} is not in the estate`, routes: [], notKnown: '' }];
  if (origins.length === 0) return nothing;
  const assumptions = origins.flatMap((origin) => [
    ...(origin.notKnown === undefined ? [] : [moreSpecific(openText(origin))]),
    ...(origin.assumptions ?? []),
  ]);
  const from = origins.flatMap(fromOf);
  if (unresolved !== undefined) {
    // Whether any of it arrives is not known: nothing competes, and the default is open.
    const unseenDefault = `route propagation may be on (disableBgpRoutePropagation: ${unresolved}) and ${openText(origins[0] as RouteOrigin)}: a learned default route cannot be seen`;
    return { routes: [], unseenDefault, assumptions, from };
  }
  const routes = origins.flatMap((origin) => origin.routes);
  const open = origins.find(({ notKnown }) => notKnown !== undefined);
  const isOpen = open !== undefined && !routes.some(isDefault);
  return {
    routes,
    ...(isOpen && {
      unseenDefault: `route propagation is on and ${openText(open)}: a learned default route cannot be seen`,
    }),
    assumptions,
    from,
  };
}
