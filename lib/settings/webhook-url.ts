/** Addresses to which alerts go. They are secrets: no message here holds one. */

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Of Office 365 connectors, which Microsoft has retired. */
const retired = [/(^|\.)webhook\.office\.com$/, /(^|\.)outlook\.office(365)?\.com$/];

/**
 * @param isDevelopment plain http is taken for this machine itself
 * @throws Error that says what is wrong, without the address
 */
export function webhookUrl(text: string, isDevelopment: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw new Error('is no address');
  const isLocal = isDevelopment && url.protocol === 'http:' && loopback.has(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) throw new Error('must begin with https://');
  if (url.username !== '' || url.password !== '') throw new Error('must not hold a user name or a password');
  if (url.hash !== '') throw new Error('must not hold a fragment (#...)');
  return url.href;
}

/** @throws Error naming the replacement, for an address that Teams serves no more */
export function refuseTeamsHost(href: string): string {
  const { hostname } = new URL(href);
  if (!retired.some((pattern) => pattern.test(hostname))) return href;
  throw new Error(
    'is an Office 365 connector, which Microsoft has retired; make a Workflows webhook in Teams ("Send webhook alerts to a channel") and set its address',
  );
}
