/**
 * What the services of the simulated Azure observe of their networks: all healthy and just updated, until somebody says otherwise.
 * Dependencies, types and shape are those of the REST API's published example (azure-rest-api-specs, API Management 2024-05-01,
 * "ApiManagementServiceGetNetworkStatus"); names are made from the service's.
 */
import { normaliseRegion } from '../../lib/address/region.ts';
import { isRecord, type Resource } from './store.ts';

/** What becomes of an entry; `undefined` takes it out. */
export type EntryChange = (entry: Resource) => Resource | undefined;

interface Rule {
  readonly service: string;
  readonly location: string | undefined;
  readonly change: EntryChange;
}

/** How long ago the last round was. */
const lastRoundMs = 4 * 60_000;
const lastChangeMs = 12 * 24 * 3_600_000;

function entriesOf(service: string, region: string, now: number): Resource[] {
  const store = `apimst${service
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 14)}`;
  const required: readonly (readonly [string, string])[] = [
    [`${store}.blob.core.windows.net`, 'BlobStorage'],
    [`${store}.table.core.windows.net`, 'TableStorage'],
    [`${store}.database.windows.net`, 'SQLDatabase'],
    ['gcs.prod.monitoring.core.windows.net', 'Monitoring'],
    [`https://${store}.vault.azure.net`, 'AzureKeyVault'],
    [
      `https://${service}.management.azure-api.net:3443/servicestatus?api-version=2018-01-01`,
      'ApiManagement Control Plane - inbound',
    ],
  ];
  const optional: readonly (readonly [string, string])[] = [
    [`${store}m.queue.core.windows.net`, 'SmtpQueue'],
    [`${store}.file.core.windows.net`, 'FileStorage'],
    [`${store}.queue.core.windows.net`, 'Queue'],
    [`https://${region}.login.microsoft.com`, 'RegionalAzureActiveDirectory'],
    ['https://gcs.prod.warm.ingestion.monitoring.azure.com', 'Monitoring'],
    ['https://global.prod.microsoftmetrics.com/', 'Monitoring'],
    ['https://login.windows.net', 'AzureActiveDirectory'],
    ['https://partner.prod.repmap.microsoft.com', 'CaptchaEndpoint'],
    ['https://prod3.prod.microsoftmetrics.com:1886/RecoveryService', 'Metrics'],
    ['LocalGatewayRedis', 'InternalCache'],
    ['Scm', 'SourceControl'],
  ];
  const time = (ago: number): string => new Date(now - ago).toISOString().replace('Z', '1234Z');
  const entry = ([name, resourceType]: readonly [string, string], isOptional: boolean): Resource => ({
    name,
    status: 'success',
    error: '',
    lastUpdated: time(lastRoundMs),
    lastStatusChange: time(lastChangeMs),
    resourceType,
    isOptional,
  });
  const all = [...required.map((each) => entry(each, false)), ...optional.map((each) => entry(each, true))];
  return all.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
}

function locationsOf(service: Resource): string[] {
  const properties = isRecord(service.properties) ? service.properties : {};
  const { additionalLocations } = properties;
  const additional = Array.isArray(additionalLocations) ? additionalLocations.filter(isRecord) : [];
  return [service.location, ...additional.map(({ location }) => location)].filter((each) => typeof each === 'string');
}

export class NetworkStatusBook {
  private rules: Rule[] = [];
  private names = new Map<string, string>();
  private missing = new Map<string, 'list' | 'everywhere'>();

  /** From now on, and after what was said before. @param location absent: all of the service's */
  change(service: string, change: EntryChange, location?: string): void {
    this.rules.push({
      service: service.toLowerCase(),
      location: location === undefined ? undefined : normaliseRegion(location),
      change,
    });
  }

  /** How the answers spell a location, such as `West Europe`; default: as the service does. */
  spell(location: string): void {
    this.names.set(normaliseRegion(location), location);
  }

  /** A location has no status, in the answer for all of them or (default) when it is asked for alone, too. */
  leaveOut(location: string, where: 'list' | 'everywhere' = 'everywhere'): void {
    this.missing.set(normaliseRegion(location), where);
  }

  clear(): void {
    this.rules = [];
    this.names = new Map();
    this.missing = new Map();
  }

  private statusOf(service: Resource, location: string): Resource {
    const region = normaliseRegion(location);
    const rules = this.rules.filter(
      (rule) => rule.service === String(service.id).toLowerCase() && (rule.location ?? region) === region,
    );
    const connectivityStatus = entriesOf(String(service.name), region, Date.now()).flatMap((entry) => {
      let changed: Resource | undefined = entry;
      for (const { change } of rules) changed = changed && change(changed);
      return changed ? [changed] : [];
    });
    return { dnsServers: ['168.63.129.16'], connectivityStatus };
  }

  /** `GET <service>/networkstatus` */
  ofAll(service: Resource): readonly Resource[] {
    return locationsOf(service)
      .filter((location) => !this.missing.has(normaliseRegion(location)))
      .map((location) => ({
        location: this.names.get(normaliseRegion(location)) ?? location,
        networkStatus: this.statusOf(service, location),
      }));
  }

  /** `GET <service>/locations/<location>/networkstatus`; `undefined` where the service is not there. */
  ofLocation(service: Resource, location: string): Resource | undefined {
    const found = locationsOf(service).find((each) => normaliseRegion(each) === normaliseRegion(location));
    if (found === undefined || this.missing.get(normaliseRegion(found)) === 'everywhere') return undefined;
    return this.statusOf(service, found);
  }
}
