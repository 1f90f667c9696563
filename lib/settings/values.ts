/** The plain kinds of values, each read or refused. What is refused is never repeated: it may be a secret in the wrong place. */
import { isIPv4 } from 'node:net';
import { secureUrl } from './addresses.ts';

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`is no whole number from ${least} to ${most}`);
  };
}

const dependencyReadings = ['list', 'resolve', 'off'] as const;
export type DependencyReading = (typeof dependencyReadings)[number];

/** What is read of the dependencies that Azure lists. */
export function dependencyReading(text: string): DependencyReading {
  const found = dependencyReadings.find((each) => each === text.toLowerCase());
  if (found) return found;
  throw new Error(`is none of ${dependencyReadings.join(', ')}`);
}

/** Whether something is read at all. */
export function readOrOff(text: string): 'read' | 'off' {
  const found = (['read', 'off'] as const).find((each) => each === text.toLowerCase());
  if (found) return found;
  throw new Error('is neither read nor off');
}

/** Addresses of DNS servers, with or without a port, separated by commas or white space. */
export function serverList(text: string): readonly string[] {
  const servers = text.split(/[\s,]+/).filter((each) => each !== '');
  for (const server of servers) {
    const [address = '', port = '53', ...rest] = server.split(':');
    const isPort = /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65_536;
    if (isIPv4(address) && isPort && rest.length === 0) continue;
    throw new Error('is no list of IPv4 addresses of DNS servers');
  }
  if (servers.length === 0) throw new Error('names no DNS server');
  return servers;
}

/** Id of an application or an identity. */
export function clientId(text: string): string {
  if (guid.test(text)) return text;
  throw new Error(
    "is no client id; it looks like 11111111-2222-3333-4444-555555555555 and stands in the identity's overview",
  );
}

/** Standard Webhooks 1.0, "Signature scheme": symmetric secrets. */
export function signingSecret(text: string): string {
  const encoded = text.startsWith('whsec_') ? text.slice('whsec_'.length) : '';
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') === encoded && bytes.length >= 24 && bytes.length <= 64) return text;
  throw new Error('is no signing secret: "whsec_" and the base64 of 24 to 64 random bytes');
}

/** `Name=value;Name=value` -> values by name, lower case. */
export function connectionFields(text: string): ReadonlyMap<string, string> {
  const pairs = text.split(';').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim().toLowerCase(), pair.slice(at + 1).trim()]];
  });
  return new Map(pairs);
}

/** Connection string of Application Insights. */
export function ingestion(text: string, isDevelopment: boolean): string {
  const fields = connectionFields(text);
  if (!guid.test(fields.get('instrumentationkey') ?? '')) {
    throw new Error('is no connection string of Application Insights: it holds no InstrumentationKey');
  }
  for (const name of ['IngestionEndpoint', 'LiveEndpoint']) {
    const endpoint = fields.get(name.toLowerCase());
    if (endpoint === undefined) continue;
    try {
      secureUrl(endpoint, isDevelopment);
    } catch (error) {
      throw new Error(`its ${name} ${(error as Error).message}`);
    }
  }
  return text;
}

/** Who sends to Application Insights: `Authorization=AAD`, with `;ClientId=` for a user-assigned identity. */
export function ingestionIdentity(text: string): { readonly clientId?: string } {
  const fields = connectionFields(text);
  if (fields.get('authorization')?.toUpperCase() !== 'AAD') throw new Error('does not say Authorization=AAD');
  const id = fields.get('clientid');
  return id === undefined ? {} : { clientId: clientId(id) };
}
