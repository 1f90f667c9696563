/**
 * What a virtual network receives from the virtual WAN hub that it is connected to. The default route comes to it only
 * where the connection says so (`enableInternetSecurity`); it is made by the hub's routing intent, by a static route of
 * the hub or on-premises. Microsoft Learn, "How to configure virtual hub routing policies" and "Virtual WAN: about
 * Internet routing".
 */
import type { CandidateRoute } from './candidate-route.ts';
import {
  defaultPrefix,
  hubFirewallAddress,
  type Learner,
  learnedCandidate,
  learnedCandidates,
  nameOf,
} from './learned-candidates.ts';
import { type Estate, type HubVirtualNetworkConnection, idKey } from './model.ts';
import type { RouteOrigin } from './route-origins.ts';

/** The hub of a connection, or of its routing intent. */
function hubOf(id: string): string {
  return id.replace(/\/(?:hubVirtualNetworkConnections|routingIntent)\/[^/]*$/i, '');
}

/** Default routes by the hub's routing intent, and why it may have one that cannot be read. */
function intentRoutes(estate: Estate, hub: string): { routes: CandidateRoute[]; unclear?: string } {
  const intents = [...estate.routingIntents.values()].filter(({ id }) => idKey(hubOf(id)) === idKey(hub));
  const routes = intents.flatMap(({ name, routingPolicies }) =>
    routingPolicies
      .filter(({ destinations }) => destinations.some((each) => each.toLowerCase() === 'internet'))
      .map(({ nextHop }) => {
        const to = nextHop === undefined ? '' : ` to ${nameOf(nextHop)}`;
        const text = `routing intent "${name}" of virtual hub ${nameOf(hub)}${to}`;
        return learnedCandidate(text, hub, defaultPrefix, hubFirewallAddress(estate, nextHop));
      }),
  );
  const unclear = intents.flatMap(({ unresolved }) => Object.values(unresolved ?? {})).at(0);
  return { routes, ...(unclear !== undefined && { unclear: `the routing intent of its hub ${unclear}` }) };
}

function withoutDefault(routes: readonly CandidateRoute[]): readonly CandidateRoute[] {
  return routes.filter(({ packed }) => packed[0] !== 0);
}

export function hubOrigin(estate: Estate, connection: HubVirtualNetworkConnection): RouteOrigin {
  const hub = hubOf(connection.id);
  const learner: Learner = { text: `virtual hub ${nameOf(hub)}`, id: hub, kind: 'virtualHub' };
  // The routes of the very connection, else, out of a file, those of the hub.
  const learned = estate.learnedRoutes.get(idKey(connection.id)) ?? estate.learnedRoutes.get(idKey(hub));
  const routes = learned ? learnedCandidates(estate, learner, learned) : [];
  const text = `virtual hub connection ${connection.name} attaches it`;
  const { enableInternetSecurity, unresolved } = connection;
  if (enableInternetSecurity === false) {
    const rest = learned && learned.notRead === undefined ? [] : [moreSpecific(text)];
    return {
      text,
      learner,
      routes: withoutDefault(routes),
      assumptions: [
        `The connection ${connection.name} does not take the hub's default route (enableInternetSecurity is false).`,
        ...rest,
      ],
    };
  }
  if (enableInternetSecurity === undefined) {
    const why = unresolved?.enableInternetSecurity ?? 'is not in the estate';
    return { text, learner, routes: withoutDefault(routes), notKnown: `its enableInternetSecurity ${why}` };
  }
  const intent = intentRoutes(estate, hub);
  const notKnown = (learned ? learned.notRead : "the hub's effective routes are not in the estate") ?? intent.unclear;
  return { text, learner, routes: [...intent.routes, ...routes], ...(notKnown !== undefined && { notKnown }) };
}

/** What is said wherever learned routes cannot be seen. */
export function moreSpecific(text: string): string {
  return `Route propagation is on and ${text}: no learned route more specific than the default is presumed.`;
}
