/**
 * Answers of API Management's network status among the documents of an estate. They are no resources and name neither the service
 * nor, asked for one location, the location: an `id` beside them says whose they are (`<service id>/networkstatus`,
 * `<service id>/locations/<location>/networkstatus`), and without one they are taken for the only service there is.
 */
import { normaliseRegion } from '../../address/region.ts';
import { type ApiManagementService, idKey } from '../../network/model.ts';
import type { ConnectivityStatus, LocationNetworkStatus, ServiceNetworkStatus } from '../../network/network-status.ts';
import { defined, type Fields, isRecord, own } from './fields.ts';

interface Found {
  /** Absent: the answer does not say whose it is. */
  readonly service?: string;
  readonly location?: string;
  readonly answers: readonly LocationNetworkStatus[];
  readonly notRead?: string;
}

const idPattern =
  /^(.*\/providers\/microsoft\.apimanagement\/service\/[^/]+)(?:\/locations\/([^/]+))?\/networkstatus\/?$/i;

function text(fields: Fields, name: string): string | undefined {
  const value = own(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function listOf(fields: Fields, name: string): readonly unknown[] {
  const value = own(fields, name);
  return Array.isArray(value) ? value : [];
}

function connectivity(raw: unknown): ConnectivityStatus[] {
  if (!isRecord(raw)) return [];
  const name = text(raw, 'name');
  const resourceType = text(raw, 'resourceType');
  if (name === undefined && resourceType === undefined) return [];
  const status = {
    name: name ?? resourceType ?? '',
    status: text(raw, 'status'),
    error: text(raw, 'error'),
    lastUpdated: text(raw, 'lastUpdated'),
    lastStatusChange: text(raw, 'lastStatusChange'),
    resourceType: resourceType ?? 'unknown',
    isOptional: own(raw, 'isOptional') === true,
  };
  return [defined(status)];
}

/** `{dnsServers, connectivityStatus}` */
function isLocationAnswer(value: unknown): value is Fields {
  return isRecord(value) && Array.isArray(own(value, 'connectivityStatus'));
}

/** `{location, networkStatus: {...}}`: an element of the answer for all locations. */
function isElement(value: unknown): value is Fields {
  return isRecord(value) && isLocationAnswer(own(value, 'networkStatus'));
}

function locationAnswer(raw: Fields, location: string | undefined, readAt: string | undefined): LocationNetworkStatus {
  return defined({
    location,
    dnsServers: listOf(raw, 'dnsServers').filter((each) => typeof each === 'string'),
    connectivityStatus: listOf(raw, 'connectivityStatus').flatMap(connectivity),
    readAt,
  });
}

/** The answers in what the REST interface gave; `undefined` for something else. */
function answersIn(body: unknown, location?: string, readAt?: string): readonly LocationNetworkStatus[] | undefined {
  if (isElement(body)) {
    const inner = own(body, 'networkStatus');
    return isRecord(inner) ? [locationAnswer(inner, text(body, 'location') ?? location, readAt)] : undefined;
  }
  if (isLocationAnswer(body)) return [locationAnswer(body, location, readAt)];
  if (!Array.isArray(body)) return undefined;
  // A location that is not whole does not hide the others.
  const found = body.filter(isElement).flatMap((each) => answersIn(each, location, readAt) ?? []);
  return found.length > 0 || body.length === 0 ? found : undefined;
}

/** Whether a body is what `GET .../networkstatus` answers. */
export function isNetworkStatus(body: unknown): boolean {
  return answersIn(body) !== undefined;
}

/** The locations of an answer, as it spells them. */
export function locationsIn(body: unknown): readonly string[] {
  return (answersIn(body) ?? []).flatMap(({ location }) => location ?? []);
}

function found(raw: Fields): Found | undefined {
  const id = text(raw, 'id');
  if (id === undefined) {
    const answers = answersIn(raw);
    return answers && { answers };
  }
  const [, service, location] = idPattern.exec(id) ?? [];
  if (service === undefined) return undefined;
  const place = location?.replaceAll('%20', ' ');
  const head = { service, location: place };
  const notRead = text(raw, 'notRead');
  if (notRead !== undefined) return defined({ ...head, answers: [], notRead });
  const answers = answersIn(own(raw, 'networkStatus'), place, text(raw, 'readAt'));
  return defined({ ...head, answers: answers ?? [], notRead: answers ? undefined : 'it is not in the input' });
}

/** Collects answers in any order; whose they are is decided when all services are known. */
export class NetworkStatuses {
  private readonly all: Found[] = [];

  /** @returns whether it was one */
  add(raw: unknown): boolean {
    const status = isRecord(raw) ? found(raw) : undefined;
    if (status) this.all.push(status);
    return status !== undefined;
  }

  /** @param report what cannot be used */
  byService(
    services: readonly ApiManagementService[],
    report: (resource: string, message: string) => void,
  ): ReadonlyMap<string, ServiceNetworkStatus> {
    const byKey = new Map<
      string,
      { locations: LocationNetworkStatus[]; notRead?: string; notReadAt: Map<string, string> }
    >();
    const known = new Map(services.map((service) => [idKey(service.id), service]));
    const [only] = services;
    for (const { service, location, answers, notRead } of this.all) {
      const owner = service === undefined && services.length === 1 ? only : known.get(idKey(service ?? ''));
      if (!owner) {
        const why =
          service === undefined
            ? `does not say of which of ${services.length} services it is`
            : 'is of a service that is not in the input';
        report(service ?? 'networkstatus', `a network status ${why}: left out`);
        continue;
      }
      const key = idKey(owner.id);
      const status = byKey.get(key) ?? { locations: [], notReadAt: new Map<string, string>() };
      byKey.set(key, status);
      for (const answer of answers) {
        const place = answer.location ?? (owner.additionalLocations.length === 0 ? owner.location : undefined);
        if (place === undefined) report(owner.id, 'a network status does not say of which location it is: left out');
        else status.locations.push({ ...answer, location: place });
      }
      if (notRead === undefined) continue;
      if (location === undefined) status.notRead ??= notRead;
      else status.notReadAt.set(normaliseRegion(location), notRead);
    }
    return new Map([...byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
