/**
 * Resolves host names with the resolver of the machine: so many at a time, each and all of them bounded in time, answers kept no longer
 * than they say and never for long. It never fails: why a name has no address is said beside the name. IPv4 only, like the routes.
 */
import { promises as dns } from 'node:dns';
import type { Clock } from '../clock.ts';
import { nameKey, type ResolvedName } from '../network/outbound-dependencies.ts';

export interface ResolverOptions {
  readonly clock: Clock;
  /** `127.0.0.1:5353`; default: those of the machine. */
  readonly servers?: readonly string[];
  /** For one question to one server, tried twice; default 1 s. */
  readonly timeoutMilliseconds?: number;
  /** For all names that are asked for together; default 8 s. */
  readonly totalMilliseconds?: number;
}

export type ResolveNames = (names: readonly string[]) => Promise<readonly ResolvedName[]>;

/** Questions that are open at the same time. */
const atOnce = 24;
const mostKept = 20_000;
/** What an answer says about its life counts between these, in seconds. */
const shortestLife = 30;
const longestLife = 300;
const negativeLife = 60;

interface Kept {
  readonly until: number;
  readonly name: ResolvedName;
}

const noTimeLeft = 'there was no time left to ask for it';

const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such name',
  ENODATA: 'it has no IPv4 address',
  ETIMEOUT: 'no DNS server answered in time',
  ECANCELLED: noTimeLeft,
  ECONNREFUSED: 'the DNS server does not answer',
  ESERVFAIL: 'the DNS server could not find out',
  EREFUSED: 'the DNS server refuses to say',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code).slice(0, 40) : 'unknown error';
  return reasons[code] ?? `it could not be resolved (${code})`;
}

/** RFC 1123, section 2.1, with the underscore that some services use: nothing else is sent to a DNS server. */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]*$/.test(name);
}

interface Answered {
  readonly name: ResolvedName;
  /** Seconds. */
  readonly life: number;
}

async function ask(resolver: dns.Resolver, domainName: string): Promise<Answered> {
  if (!isHostName(domainName)) {
    return { name: { domainName, addresses: [], notResolved: 'it is no host name' }, life: longestLife };
  }
  const [records, aliases] = await Promise.allSettled([
    resolver.resolve4(domainName, { ttl: true }),
    resolver.resolveCname(domainName),
  ]);
  const alias = aliases.status === 'fulfilled' ? aliases.value[0] : undefined;
  const more = alias === undefined ? {} : { alias };
  if (records.status === 'rejected') {
    return { name: { domainName, addresses: [], ...more, notResolved: reasonOf(records.reason) }, life: negativeLife };
  }
  const addresses = [...new Set(records.value.map(({ address }) => address))].sort();
  const told = Math.min(...records.value.map(({ ttl }) => ttl), longestLife);
  if (addresses.length === 0) {
    return { name: { domainName, addresses, ...more, notResolved: 'it has no IPv4 address' }, life: negativeLife };
  }
  return { name: { domainName, addresses, ...more }, life: Math.max(told, shortestLife) };
}

/** A resolver with its memory. The names that it is given are `nameKey`s; the answers come in their order. */
export function openResolver(options: ResolverOptions): ResolveNames {
  const { clock, servers, timeoutMilliseconds = 1_000, totalMilliseconds = 8_000 } = options;
  const kept = new Map<string, Kept>();
  const keep = (key: string, { name, life }: Answered): void => {
    kept.delete(key);
    kept.set(key, { until: clock.now().getTime() + life * 1_000, name });
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
  };
  return async (names) => {
    const now = clock.now().getTime();
    const keys = names.map(nameKey);
    const isFresh = (key: string): boolean => (kept.get(key)?.until ?? 0) > now;
    const due = [...new Set(keys)].filter((key) => !isFresh(key));
    const answers = new Map<string, ResolvedName>();
    for (const key of keys) {
      const name = kept.get(key)?.name;
      if (name && isFresh(key)) answers.set(key, name);
    }
    const resolver = new dns.Resolver({ timeout: timeoutMilliseconds, tries: 2 });
    if (servers) resolver.setServers([...servers]);
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      resolver.cancel();
    }, totalMilliseconds);
    let next = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < due.length; index = next++) {
        const key = due[index] ?? '';
        if (isOver) answers.set(key, { domainName: key, addresses: [], notResolved: noTimeLeft });
        else {
          const answered = await ask(resolver, key);
          answers.set(key, answered.name);
          // What there was no time for is asked again.
          if (!isOver) keep(key, answered);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, work));
    clearTimeout(timer);
    return [...new Set(keys)].flatMap((key) => answers.get(key) ?? []);
  };
}
