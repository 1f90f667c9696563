/**
 * Answers of `outboundNetworkDependenciesEndpoints` among the documents of an estate, and what their names resolve to. Like a network
 * status they are no resources: an `id` beside an answer says whose it is (`<service id>/outboundNetworkDependenciesEndpoints`), and
 * without one a category is taken for the only service there is.
 */
import { parseIpv4 } from '../../address/prefix.ts';
import { type ApiManagementService, idKey } from '../../network/model.ts';
import {
  nameKey,
  type OutboundDependencies,
  type OutboundEndpoint,
  type ResolvedName,
} from '../../network/outbound-dependencies.ts';
import { defined, type Fields, isRecord, own } from './fields.ts';

interface List {
  readonly endpoints: readonly OutboundEndpoint[];
  readonly notRead?: string;
  readonly isRefused?: boolean;
}

interface Found extends List {
  /** Absent: the answer does not say whose it is. */
  readonly service?: string;
}

const idPattern =
  /^(.*\/providers\/microsoft\.apimanagement\/service\/[^/]+)\/outboundNetworkDependenciesEndpoints\/?$/i;

function text(fields: Fields, name: string): string | undefined {
  const value = own(fields, name);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function listOf(fields: Fields, name: string): readonly unknown[] | undefined {
  const value = own(fields, name);
  return Array.isArray(value) ? value : undefined;
}

/** What could be read of one host, a port each; `undefined` stands for a part that is none of what is documented. */
function endpointsOf(raw: unknown, category: string): readonly (OutboundEndpoint | undefined)[] {
  const domainName = isRecord(raw) ? text(raw, 'domainName') : undefined;
  if (!isRecord(raw) || domainName === undefined) return [undefined];
  const details = listOf(raw, 'endpointDetails') ?? [];
  if (details.length === 0) return [{ category, domainName }];
  return details.map((each) => {
    const port = isRecord(each) ? own(each, 'port') : undefined;
    if (!isRecord(each) || typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
      return undefined;
    return defined({ category, domainName, port, region: text(each, 'region') });
  });
}

/** `{category, endpoints}`: an element of the answer. */
function isCategory(value: unknown): value is Fields {
  return isRecord(value) && text(value, 'category') !== undefined && listOf(value, 'endpoints') !== undefined;
}

/** One part that is not whole does not hide the others, and is counted. */
function readList(raw: readonly unknown[], hasMore: boolean): List {
  const read = raw.flatMap((each) =>
    isCategory(each)
      ? (listOf(each, 'endpoints') ?? []).flatMap((one) => endpointsOf(one, text(each, 'category') ?? ''))
      : [undefined],
  );
  const endpoints = read.filter((each) => each !== undefined);
  const unreadable = read.length - endpoints.length;
  const missing = [
    ...(unreadable > 0 ? [`${unreadable} of its entries cannot be read`] : []),
    ...(hasMore ? ['it goes on after its first page, which is all that was read'] : []),
  ];
  return { endpoints, ...(missing.length > 0 && { notRead: missing.join('; ') }) };
}

/** The list in what the REST interface gave; `undefined` for something else. */
function answerIn(body: unknown): List | undefined {
  if (Array.isArray(body)) return readList(body, false);
  const value = isRecord(body) ? listOf(body, 'value') : undefined;
  return isRecord(body) && value ? readList(value, text(body, 'nextLink') !== undefined) : undefined;
}

/** Whether a body is what `GET .../outboundNetworkDependenciesEndpoints` answers. */
export function isOutboundDependencies(body: unknown): boolean {
  return answerIn(body) !== undefined;
}

/** The host names in such a body, each once, as they are resolved: those with a star stand for many and are left out. */
export function namesIn(body: unknown): readonly string[] {
  const names = (answerIn(body)?.endpoints ?? []).map(({ domainName }) => nameKey(domainName));
  return [...new Set(names)].filter((name) => !name.includes('*') && parseIpv4(name) === undefined);
}

function found(raw: Fields): Found | undefined {
  const id = text(raw, 'id');
  if (id === undefined) return isCategory(raw) ? readList([raw], false) : undefined;
  const service = idPattern.exec(id)?.[1];
  if (service === undefined) return undefined;
  const notRead = text(raw, 'notRead');
  if (notRead !== undefined) return { service, endpoints: [], notRead, isRefused: own(raw, 'isRefused') === true };
  const list = answerIn(own(raw, 'outboundDependencies'));
  return { service, ...(list ?? { endpoints: [], notRead: 'it is not in the input' }) };
}

/** `{domainName, addresses, alias?}` or `{domainName, notResolved}`. */
function resolvedName(raw: Fields): ResolvedName | undefined {
  const domainName = text(raw, 'domainName');
  const addresses = listOf(raw, 'addresses');
  const notResolved = text(raw, 'notResolved');
  if (domainName === undefined || (!addresses && notResolved === undefined)) return undefined;
  const ipv4 = (addresses ?? []).filter(
    (each) => typeof each === 'string' && parseIpv4(each) !== undefined,
  ) as string[];
  const reason = notResolved ?? (ipv4.length === 0 ? 'it has no IPv4 address' : undefined);
  return defined({ domainName, addresses: ipv4, alias: text(raw, 'alias'), notResolved: reason });
}

/** Collects answers in any order; whose they are is decided when all services are known. */
export class OutboundDependencyLists {
  private readonly all: Found[] = [];
  private readonly names = new Map<string, ResolvedName>();

  /** @returns whether it was one, or a resolved name */
  add(raw: unknown): boolean {
    if (!isRecord(raw)) return false;
    const list = found(raw);
    if (list) this.all.push(list);
    const name = list ? undefined : resolvedName(raw);
    if (name) this.names.set(nameKey(name.domainName), name);
    return list !== undefined || name !== undefined;
  }

  /** By `nameKey`; of a name that comes twice the last. */
  resolvedNames(): ReadonlyMap<string, ResolvedName> {
    return this.names;
  }

  /** @param report what cannot be used */
  byService(
    services: readonly ApiManagementService[],
    report: (resource: string, message: string) => void,
  ): ReadonlyMap<string, OutboundDependencies> {
    const known = new Map(services.map((service) => [idKey(service.id), service]));
    const [only] = services;
    const byKey = new Map<string, OutboundDependencies>();
    for (const { service, ...list } of this.all) {
      const owner = service === undefined && services.length === 1 ? only : known.get(idKey(service ?? ''));
      if (!owner) {
        const why =
          service === undefined
            ? `does not say of which of ${services.length} services it is`
            : 'is of a service that is not in the input';
        report(service ?? 'outboundNetworkDependenciesEndpoints', `a list of dependencies ${why}: left out`);
        continue;
      }
      const key = idKey(owner.id);
      const before = byKey.get(key);
      byKey.set(key, { ...before, ...list, endpoints: [...(before?.endpoints ?? []), ...list.endpoints] });
    }
    return new Map([...byKey].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
