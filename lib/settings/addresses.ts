/** Addresses that the watcher writes to. Most are secrets: no message here holds one. */

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Of Office 365 connectors, which Microsoft has retired. */
const retired = [/(^|\.)webhook\.office\.com$/, /(^|\.)outlook\.office(365)?\.com$/];

/**
 * @param isDevelopment plain http is taken for this machine itself
 * @throws Error that says what is wrong, without the address
 */
export function secureUrl(text: string, isDevelopment: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new Error('is no address');
  const isLocal = isDevelopment && url.protocol === 'http:' && loopback.has(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) throw new Error('must begin with https://');
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a user name or a password');
  if (url.hash !== '') throw new Error('must not hold a fragment (#...)');
  return url;
}

/** @throws Error naming the replacement, for an address that Teams serves no more */
export function teamsUrl(text: string, isDevelopment: boolean): URL {
  const url = secureUrl(text, isDevelopment);
  const hostname = url.hostname.replace(/\.$/, '');
  if (!retired.some((pattern) => pattern.test(hostname))) return url;
  throw new Error(
    'is an Office 365 connector, which Microsoft has retired; make a Workflows webhook instead (in Teams: Workflows, "Send webhook alerts to a channel")',
  );
}

/** @returns scheme and host @throws Error for all that is more than those */
export function httpsOrigin(text: string): string {
  const url = secureUrl(text, false);
  if (url.href === `${url.origin}/`) return url.origin;
  throw new Error('must be scheme and host alone, without a path');
}

/** Address of a storage service, without a slash at its end. @throws Error */
export function serviceUri(text: string, isDevelopment: boolean): string {
  const url = secureUrl(text, isDevelopment);
  if (url.search !== '') throw new Error('must not hold a signature (?...); the identity signs in');
  return url.href.replace(/\/$/, '');
}

/** Host name, with a port where it is not the usual one. @throws Error */
export function hostName(text: string): string {
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(text)) return text;
  throw new Error('is no host name');
}
