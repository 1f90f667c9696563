/** The ways in which the watcher reads Azure: one deployment fresh, one service fresh, a scope from Resource Graph. */

import { readAllAdminRules } from '../azure/admin-rules.ts';
import { Copies, withCopies } from '../azure/arm/copies.ts';
import { type ArmSource, openArm } from '../azure/arm/source.ts';
import { type Closure, readClosure } from '../azure/closure.ts';
import { isRecord } from '../azure/documents/fields.ts';
import { graphSource } from '../azure/graph-source.ts';
import { injectedSubnets } from '../azure/injected.ts';
import { readLearnedRoutes } from '../azure/learned-routes.ts';
import { type LiveScope, readSnapshot, type Snapshot } from '../azure/live.ts';
import { readNetworkStatuses } from '../azure/network-status.ts';
import { keepLists, type OutboundOptions, readOutboundDependencies } from '../azure/outbound-dependencies.ts';
import { openResolver } from '../azure/resolve-names.ts';
import { type Action, actionKey, type ResourceSource, type View } from '../azure/source.ts';
import type { ApiManagementService, EstateError } from '../network/model.ts';
import type { Watcher } from './watcher.ts';

/** One connection and one set of copies for the life of the process. */
interface Connection {
  readonly source: ArmSource;
  readonly copies: Copies;
  readonly lists: ReturnType<typeof keepLists>;
}

const connections = new WeakMap<Watcher, Promise<Connection>>();

async function connect({ settings, clock, credential }: Watcher): Promise<Connection> {
  const { armEndpoint, audience } = settings.cloud;
  const source = openArm({ endpoint: armEndpoint, audience, credential: await credential(), clock });
  return { source, copies: new Copies(), lists: keepLists(source.view, clock) };
}

function connectionOf(watcher: Watcher): Promise<Connection> {
  let connection = connections.get(watcher);
  if (!connection) {
    connection = connect(watcher);
    connections.set(watcher, connection);
  }
  return connection;
}

const outbounds = new WeakMap<Watcher, OutboundOptions>();

/** How the watcher reads the dependencies that Azure lists; none where it is told not to. */
function outboundOf(watcher: Watcher): { readonly outbound?: OutboundOptions } {
  const { dependencies, dnsServers } = watcher.settings;
  if (dependencies === 'off') return {};
  let outbound = outbounds.get(watcher);
  if (!outbound) {
    const { clock } = watcher;
    const servers = dnsServers === undefined ? {} : { servers: dnsServers };
    outbound = dependencies === 'resolve' ? { resolve: openResolver({ clock, ...servers }) } : {};
    outbounds.set(watcher, outbound);
  }
  return { outbound };
}

/** What is read beside resources, as the settings want it. */
export function wantedOf(watcher: Watcher): { readonly outbound?: OutboundOptions; readonly adminRules: boolean } {
  return { ...outboundOf(watcher), adminRules: watcher.settings.adminRules };
}

export interface LiveClosure extends Closure {
  /** Key -> when what was answered had been read, in milliseconds. */
  readonly readAt: ReadonlyMap<string, number>;
}

/** @throws LiveReadError for what may pass */
export async function readLive(
  watcher: Watcher,
  start: { readonly service: string; readonly region?: string },
  options: { readonly notBefore: (key: string) => number; readonly onRead: (key: string) => Promise<void> },
): Promise<LiveClosure> {
  const { source, copies, lists } = await connectionOf(watcher);
  const copying = withCopies({ ...source, view: lists.kept }, copies, watcher.clock, options.notBefore);
  const closure = await readClosure(copying, start, { onRead: options.onRead, ...wantedOf(watcher) });
  return { ...closure, readAt: copying.readAt };
}

/** A service with all its deployments, every resource read now. */
export async function readLiveService(watcher: Watcher, service: string): Promise<Closure> {
  const { source } = await connectionOf(watcher);
  return readClosure(source, { service }, wantedOf(watcher));
}

/** The service alone; none where it is not there, or cannot be seen. */
export async function readServices(watcher: Watcher, service: string): Promise<readonly ApiManagementService[]> {
  const { source } = await connectionOf(watcher);
  const alone: ResourceSource = {
    ...source,
    get: async (id) => (id.toLowerCase() === service.toLowerCase() ? source.get(id) : { kind: 'absent' }),
  };
  return (await readClosure(alone, { service })).estate.services;
}

export interface ScopeReading extends Snapshot {
  /** Subscriptions that were asked for by name and cannot be read. */
  readonly errors: readonly EstateError[];
  /** Answers what was asked for this reading already, and asks the rest. */
  readonly view: View;
  readonly action: Action;
  readonly listBeside: ResourceSource['list'];
  readonly getBeside: ResourceSource['get'];
}

/** Asks everything once. */
function remembering<A extends unknown[], T>(ask: (...asked: A) => Promise<T>): (...asked: A) => Promise<T> {
  const answers = new Map<string, Promise<T>>();
  return (...asked) => {
    const key = JSON.stringify(asked).toLowerCase();
    let answer = answers.get(key);
    if (!answer) {
      answer = ask(...asked);
      answers.set(key, answer);
    }
    return answer;
  };
}

/**
 * The configuration of a scope, without what services observe.
 * Resource Graph leaves out in silence what may not be read, so a subscription that was named and shows nothing is asked for itself.
 * @throws LiveReadError for what may pass
 */
export async function readScope(watcher: Watcher, scope: LiveScope): Promise<ScopeReading> {
  const endpoint = watcher.settings.cloud.armEndpoint;
  const snapshot = await readSnapshot(scope, { credential: await watcher.credential(), endpoint });
  const { source, copies, lists } = await connectionOf(watcher);
  const silent = scope.subscriptions.filter((id) => !holds(snapshot, id));
  const answers = await Promise.all(silent.map((id) => source.get(`/subscriptions/${id}`)));
  const errors = answers.flatMap((answer, index): EstateError[] => {
    const resource = `/subscriptions/${silent[index] ?? ''}`;
    if (answer.kind === 'found') return [];
    const reason = answer.kind === 'absent' ? 'there is no such subscription, or it may not be seen' : answer.reason;
    return [{ resource, message: reason }];
  });
  // An evaluation between two sweeps is not to go back behind what the first of them saw.
  const action: Action = async (path, parameters) => {
    const answer = await source.action(path, parameters);
    if (answer.kind === 'found') copies.keep(actionKey(path, parameters), watcher.clock.now().getTime(), answer);
    return answer;
  };
  return {
    ...snapshot,
    errors,
    view: remembering(lists.fresh),
    action: remembering(action),
    listBeside: remembering(source.list),
    getBeside: remembering(source.get),
  };
}

/** The same with what every service observes of its network, and what it depends on. */
export async function readObservedScope(watcher: Watcher, scope: LiveScope): Promise<ScopeReading> {
  const reading = await readScope(watcher, scope);
  const { outbound, adminRules } = wantedOf(watcher);
  const [statuses, learned, admin, dependencies] = await Promise.all([
    readNetworkStatuses(reading.view, reading.resources),
    readLearnedRoutes(graphSource(reading, reading), injectedSubnets(reading.resources)),
    adminRules ? readAllAdminRules(reading.action, reading.resources) : [],
    outbound && readOutboundDependencies(reading.view, reading.resources, outbound),
  ]);
  return {
    ...reading,
    resources: [...reading.resources, ...statuses, ...learned, ...admin, ...(dependencies?.entries ?? [])],
  };
}

function holds({ resources }: Snapshot, subscription: string): boolean {
  const prefix = `/subscriptions/${subscription}/`.toLowerCase();
  return resources.some((each) => isRecord(each) && String(each.id).toLowerCase().startsWith(prefix));
}
