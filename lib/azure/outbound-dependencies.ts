/**
 * Reads what Azure lists as the dependencies of a service: one answer for all its regions, and where it is wanted what the names in it
 * resolve to. It never fails: what could not be had is said in the entry that stands for it, as with the network status.
 *
 * Action: `Microsoft.ApiManagement/service/outboundNetworkDependenciesEndpoints/read`.
 */
import type { Clock } from '../clock.ts';
import type { ResolvedName } from '../network/outbound-dependencies.ts';
import { type Fields, isRecord } from './documents/fields.ts';
import { isOutboundDependencies, namesIn } from './documents/outbound-dependencies.ts';
import { injectedPlaces, isService } from './injected.ts';
import type { ResolveNames } from './resolve-names.ts';
import type { View, ViewAnswer } from './source.ts';

/** How the dependencies are read, where they are. */
export interface OutboundOptions {
  /** Absent: names are not resolved. */
  readonly resolve?: ResolveNames;
}

export interface OutboundReading {
  /** What `estateFromResources` takes. */
  readonly entries: readonly (Fields | ResolvedName)[];
  /** What people have to permit. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
}

/** Services whose lists are read at the same time. */
const atOnce = 8;

function idOf(serviceId: string): string {
  return `${serviceId}/outboundNetworkDependenciesEndpoints`;
}

/** The read-set key of a service's list. */
export function outboundDependenciesKey(serviceId: string): string {
  return idOf(serviceId).toLowerCase();
}

async function ask(view: View, id: string): Promise<OutboundReading & { readonly names: readonly string[] }> {
  const answer = await view(id);
  if (answer.kind === 'found' && isOutboundDependencies(answer.body)) {
    return { entries: [{ id, outboundDependencies: answer.body }], refused: [], names: namesIn(answer.body) };
  }
  const notRead =
    answer.kind === 'found' ? `${id} was answered with something else than a list of dependencies` : answer.reason;
  const isRefused = answer.kind === 'unreadable' && !answer.isPassing && answer.isAbsent !== true;
  const refused = isRefused ? [{ id, reason: notRead }] : [];
  return { entries: [{ id, notRead, isRefused }], refused, names: [] };
}

/**
 * @param resources raw; services that are in no virtual network are not asked
 * @returns entries in the order of the services; a name stands once
 */
export async function readOutboundDependencies(
  view: View,
  resources: readonly unknown[],
  { resolve }: OutboundOptions,
): Promise<OutboundReading> {
  const services = resources.filter(isRecord).filter(isService).filter(isInjected);
  const lists: Awaited<ReturnType<typeof ask>>[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < services.length; index = next++) {
      lists[index] = await ask(view, idOf(String(services[index]?.id)));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, services.length) }, work));
  const names = [...new Set(lists.flatMap((each) => each.names))];
  const resolved = resolve && names.length > 0 ? await resolve(names) : [];
  return {
    entries: [...lists.flatMap(({ entries }) => entries), ...resolved],
    refused: lists.flatMap(({ refused }) => refused),
  };
}

function isInjected(service: Fields): boolean {
  return injectedPlaces(service, undefined).length > 0;
}

/** A list changes with the platform, hardly ever and with no network: an evaluation need not read it again. */
const listLifeMs = 3_600_000;

/** Two views that share the lists that were read: `fresh` reads them and keeps them, `kept` reads only what is not kept. */
export function keepLists(view: View, clock: Clock): { readonly fresh: View; readonly kept: View } {
  const lists = new Map<string, { readonly at: number; readonly answer: ViewAnswer }>();
  const fresh: View = async (path) => {
    const answer = await view(path);
    const key = path.toLowerCase();
    if (!key.endsWith('/outboundnetworkdependenciesendpoints')) return answer;
    if (answer.kind === 'found') lists.set(key, { at: clock.now().getTime(), answer });
    else lists.delete(key);
    return answer;
  };
  const kept: View = async (path) => {
    const list = lists.get(path.toLowerCase());
    return list && clock.now().getTime() - list.at < listLifeMs ? list.answer : fresh(path);
  };
  return { fresh, kept };
}
