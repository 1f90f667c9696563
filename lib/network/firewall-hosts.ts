/**
 * Host names in firewall rules, against the names under which a destination is called. Names are never resolved here:
 * a rule covers all of the names, may match some, or matches none.
 */

/** How far a rule's names reach: all of the names asked about, perhaps some, or none. */
export type HostCoverage = 'all' | 'some' | 'none';

/** Names of one rule, in lower case. */
export interface HostPatterns {
  /** `host.example.com`, `*.example.com`, `*`. */
  readonly fqdns: readonly string[];
  /** Host parts of URLs: which paths are asked for is not seen, so they never cover a host. */
  readonly urlHosts: readonly string[];
  /** FQDN tags, web categories and unread names: whose members are not seen. */
  readonly opaque: readonly string[];
}

/** Host names compare without case and without the root's dot. */
export function normaliseHost(host: string): string {
  const name = host.toLowerCase();
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

/** The host part of a rule's URL: `*.contoso.com/a/*` -> `*.contoso.com`. */
export function hostOfUrl(url: string): string {
  const withoutScheme = url.replace(/^[a-z]+:\/\//i, '');
  return normaliseHost(withoutScheme.replace(/[/:?].*$/, ''));
}

/** A star anywhere but at the start, which Azure documents for no FQDN. */
function hasInnerStar(pattern: string): boolean {
  return pattern.indexOf('*', 1) > 0;
}

/**
 * Whether the pattern surely matches the host, or every host that `*.suffix` stands for. `*.contoso.com` does not match
 * `contoso.com` (learn: "Azure Firewall FAQ", wildcards in target FQDNs).
 */
function coversHost(pattern: string, host: string): boolean {
  if (pattern === '*' || pattern === host) return true;
  if (!pattern.startsWith('*') || hasInnerStar(pattern)) return false;
  const suffix = pattern.slice(1);
  return host.startsWith('*') ? host.slice(1).endsWith(suffix) : host.endsWith(suffix) && host.length > suffix.length;
}

/** Whether the pattern may match the host, or one of those that `*.suffix` stands for. */
function mayMatchHost(pattern: string, host: string): boolean {
  if (coversHost(pattern, host) || hasInnerStar(pattern)) return true;
  const isStarred = pattern.startsWith('*');
  if (!host.startsWith('*')) return isStarred && host.endsWith(pattern.slice(1));
  const hostSuffix = host.slice(1);
  return isStarred
    ? hostSuffix.endsWith(pattern.slice(1)) || pattern.slice(1).endsWith(hostSuffix)
    : pattern.endsWith(hostSuffix);
}

/**
 * How far a rule's names reach over the names asked about.
 * @param hosts normalised; empty when it is not known what the destination is called
 */
export function coverHosts(patterns: HostPatterns, hosts: readonly string[]): HostCoverage {
  const { fqdns, urlHosts, opaque } = patterns;
  if (fqdns.includes('*')) return 'all';
  if (hosts.length === 0) return fqdns.length + urlHosts.length + opaque.length > 0 ? 'some' : 'none';
  if (hosts.every((host) => fqdns.some((pattern) => coversHost(pattern, host)))) return 'all';
  if (opaque.length > 0) return 'some';
  const isNear = hosts.some((host) => [...fqdns, ...urlHosts].some((pattern) => mayMatchHost(pattern, host)));
  return isNear ? 'some' : 'none';
}

/** Says, in words, which names of a rule leave it open whether it matches. */
export function describePatterns(patterns: HostPatterns): string[] {
  const names = [...patterns.fqdns, ...patterns.urlHosts];
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return [...(names.length > 0 ? [`host names ${names.slice(0, 3).join(', ')}${more}`] : []), ...patterns.opaque];
}
