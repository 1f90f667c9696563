/**
 * Answers about learned routes among the documents of an estate. They are lists of routes that do not say who has learned
 * them, so a name beside the list says it: `{ "gateway": "<id>", "value": [...] }`, `{ "virtualHub": "<id>", "value": [...] }`
 * and, once for each peer, `{ "routeServer": "<id>", "RouteServiceRole_IN_0": [...], ... }`. Routes of a gateway without a name are
 * those of the only gateway that there is. The lists are those of
 * `getLearnedRoutes`, `effectiveRoutes` and `learnedRoutes`, as the REST interface and `az` give them.
 */
import { packIpv4Prefix, parseIpv6Prefix } from '../../address/prefix.ts';
import type { LearnedRoute, LearnedRoutes } from '../../network/learned-routes.ts';
import { idKey } from '../../network/model.ts';
import { defined, type Fields, isRecord, own } from './fields.ts';
import { typeOfId } from './resource-id.ts';

/** Who has learned, by the member that names it, with the type that its id must have. */
const learners: Readonly<Record<string, string>> = {
  gateway: 'microsoft.network/virtualnetworkgateways',
  routeServer: 'microsoft.network/virtualhubs',
  virtualHub: 'microsoft.network/virtualhubs',
  hubConnection: 'microsoft.network/virtualhubs/hubvirtualnetworkconnections',
  /** Only why the hub that it is connected to could not be found. */
  virtualNetwork: 'microsoft.network/virtualnetworks',
};

/** The list of a gateway and a hub, and those of the two instances of a Route Server. */
const listName = /^(?:value|RouteServiceRole_IN_\d+)$/i;

function text(fields: Fields, name: string): string | undefined {
  const value = own(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(fields: Fields, name: string): readonly string[] {
  const value = own(fields, name);
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}

/** One route of a gateway or peer (`network`), or several of a hub (`addressPrefixes`). */
function routesOf(raw: Fields): readonly LearnedRoute[] {
  const network = text(raw, 'network');
  const prefixes = network === undefined ? texts(raw, 'addressPrefixes') : [network];
  const rest = {
    nextHop: text(raw, 'nextHop') ?? texts(raw, 'nextHops').at(0),
    origin: text(raw, 'origin') ?? text(raw, 'nextHopType'),
    sourcePeer: text(raw, 'sourcePeer'),
    asPath: text(raw, 'asPath'),
  };
  return prefixes.map((addressPrefix) => defined({ addressPrefix, ...rest }));
}

function isPrefix({ addressPrefix }: LearnedRoute): boolean {
  return packIpv4Prefix(addressPrefix) >= 0 || parseIpv6Prefix(addressPrefix) !== undefined;
}

/** What the lists of an answer hold; `undefined` for something without any. */
export function learnedIn(body: unknown): LearnedRoutes | undefined {
  if (!isRecord(body)) return undefined;
  const lists = Object.keys(body)
    .filter((name) => listName.test(name))
    .map((name) => own(body, name))
    .filter((list) => Array.isArray(list));
  if (lists.length === 0) return undefined;
  const entries = lists.flat().map((each) => (isRecord(each) ? routesOf(each) : []));
  const routes = entries.flat().filter(isPrefix);
  const isWhole = entries.every((each) => each.length > 0 && each.every(isPrefix));
  return { routes, ...(!isWhole && { notRead: 'a learned route has no address prefix that can be read' }) };
}

/** The id of who has learned what a document lists. */
export function learnerOf(raw: Fields): string | undefined {
  for (const [member, type] of Object.entries(learners)) {
    const id = text(raw, member);
    if (id !== undefined && typeOfId(id) === type) return id;
  }
  return undefined;
}

/** Whether a document, by the names of its members, is such an answer and no page of resources. */
export function namesLearner(has: (name: string) => boolean): boolean {
  return Object.keys(learners).some(has) && !has('id');
}

/** One route as `az network vnet-gateway list-learned-routes` prints it. */
function isGatewayRoute(raw: Fields): boolean {
  return text(raw, 'network') !== undefined && text(raw, 'origin') !== undefined && !Object.hasOwn(raw, 'id');
}

/** Which learners the rest of the input names. */
export interface KnownLearners {
  readonly isKnown: (key: string) => boolean;
  /** Ids of the virtual network gateways, each once. */
  readonly gateways: readonly string[];
}

/** Collects answers in any order; several about one learner, such as one for each peer, are put together. */
export class LearnedRouteAnswers {
  private readonly byKey = new Map<string, { readonly id: string; readonly parts: LearnedRoutes[] }>();
  private readonly unnamed: Fields[] = [];

  /** @returns whether it was one */
  add(raw: unknown): boolean {
    if (!isRecord(raw)) return false;
    if (isGatewayRoute(raw)) {
      this.unnamed.push(raw);
      return true;
    }
    if (!namesLearner((name) => Object.hasOwn(raw, name))) return false;
    const id = learnerOf(raw);
    if (id === undefined) return false;
    const notRead = text(raw, 'notRead');
    const part = notRead === undefined ? learnedIn(raw) : { routes: [], notRead };
    this.put(id, part ?? { routes: [], notRead: 'the answer that names it holds no list of routes' });
    return true;
  }

  private put(id: string, part: LearnedRoutes): void {
    const entry = this.byKey.get(idKey(id)) ?? { id, parts: [] };
    this.byKey.set(idKey(id), entry);
    entry.parts.push(part);
  }

  /** @param report what cannot be used */
  byLearner(
    { isKnown, gateways }: KnownLearners,
    report: (resource: string, message: string) => void,
  ): ReadonlyMap<string, LearnedRoutes> {
    const [only] = gateways;
    const unnamed = this.unnamed.length === 0 ? undefined : learnedIn({ value: this.unnamed });
    if (unnamed && only !== undefined && gateways.length === 1) this.put(only, unnamed);
    else if (unnamed) {
      const how = 'put {"gateway": "<id>", "value": [...]} around them';
      report('getLearnedRoutes', `learned routes do not say of which of ${gateways.length} gateways they are: ${how}`);
    }
    const map = new Map<string, LearnedRoutes>();
    for (const [key, { id, parts }] of [...this.byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (!isKnown(key)) report(id, 'learned routes of a gateway or hub that is not in the input: nothing uses them');
      const notRead = parts.flatMap((part) => part.notRead ?? []).sort();
      for (const reason of new Set(notRead)) report(id, reason);
      const routes = parts.flatMap((part) => part.routes).sort(compareRoutes);
      map.set(key, { routes, ...(notRead[0] !== undefined && { notRead: notRead[0] }) });
    }
    return map;
  }
}

/** Of one prefix from several peers, the evidence names the same one whatever the order in which they come. */
function compareRoutes(a: LearnedRoute, b: LearnedRoute): number {
  const [one, other] = [a, b].map((each) => JSON.stringify([each.addressPrefix, each.sourcePeer, each.nextHop]));
  return (one ?? '') < (other ?? '') ? -1 : 1;
}
