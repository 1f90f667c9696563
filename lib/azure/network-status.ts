/**
 * Reads what API Management observes of its own network: one answer for all locations of a service, and one more for each location
 * that this lacks. No event tells of it, so every sweep reads it again. It never fails: what could not be had is said in the entry
 * that stands for it, because the rest of a reading must not wait for it.
 *
 * Actions: `Microsoft.ApiManagement/service/networkstatus/read`, `Microsoft.ApiManagement/service/locations/networkstatus/read`.
 */
import { normaliseRegion } from '../address/region.ts';
import { type Fields, isRecord } from './documents/fields.ts';
import { isNetworkStatus, locationsIn } from './documents/network-statuses.ts';
import { injectedPlaces, isService } from './injected.ts';
import type { View } from './source.ts';

export interface NetworkStatusReading {
  /** What `estateFromResources` takes. */
  readonly entries: readonly Fields[];
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  /** What was not had may be there in a minute. */
  readonly isPassing: boolean;
}

interface Part {
  readonly entry: Fields;
  readonly body?: unknown;
  readonly reason?: string;
  readonly isPassing: boolean;
}

/** Services whose statuses are read at the same time. */
const atOnce = 8;

async function ask(view: View, id: string): Promise<Part> {
  const answer = await view(id);
  if (answer.kind === 'found' && isNetworkStatus(answer.body)) {
    const readAt = answer.readAt.toISOString();
    return { entry: { id, networkStatus: answer.body, readAt }, body: answer.body, isPassing: false };
  }
  const reason =
    answer.kind === 'found' ? `${id} was answered with something else than a network status` : answer.reason;
  return { entry: { id, notRead: reason }, reason, isPassing: answer.kind === 'unreadable' && answer.isPassing };
}

/** The read-set key of a service's network status. */
export function networkStatusKey(serviceId: string): string {
  return `${serviceId}/networkstatus`.toLowerCase();
}

/**
 * @param service raw; without a subnet it is not asked
 * @param region normalised; absent: all
 */
export async function readNetworkStatus(view: View, service: Fields, region?: string): Promise<NetworkStatusReading> {
  const wanted = injectedPlaces(service, region).flatMap(({ location }) => (location === '' ? [] : [location]));
  if (wanted.length === 0 || typeof service.id !== 'string') return { entries: [], unreadable: [], isPassing: false };
  const { id } = service;
  const whole = await ask(view, `${id}/networkstatus`);
  const told = new Set(locationsIn(whole.body).map(normaliseRegion));
  const missing = whole.reason === undefined ? wanted.filter((location) => !told.has(normaliseRegion(location))) : [];
  const single = missing.map((location) => ask(view, `${id}/locations/${encodeURIComponent(location)}/networkstatus`));
  const parts = [whole, ...(await Promise.all(single))];
  return {
    entries: parts.map(({ entry }) => entry),
    unreadable: parts.flatMap(({ entry, reason }) => (reason === undefined ? [] : [{ id: String(entry.id), reason }])),
    isPassing: parts.some(({ isPassing }) => isPassing),
  };
}

/** Of all services among raw resources; the order of the entries is that of the services. */
export async function readNetworkStatuses(view: View, resources: readonly unknown[]): Promise<readonly Fields[]> {
  const services = resources.filter(isRecord).filter(isService);
  const readings: NetworkStatusReading[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < services.length; index = next++) {
      const service = services[index];
      if (service) readings[index] = await readNetworkStatus(view, service);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, services.length) }, work));
  return readings.flatMap(({ entries }) => entries);
}
