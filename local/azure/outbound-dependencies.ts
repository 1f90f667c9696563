/**
 * What the simulated Azure lists as the dependencies of a service. Categories, ports and shape are those of the REST API's published
 * example (azure-rest-api-specs, API Management 2022-08-01, "ApiManagementServiceGetOutboundNetworkDependenciesEndpoints"); names of
 * accounts are made from the service's.
 */
import type { Resource } from './store.ts';

/** What becomes of a category; `undefined` takes it out. */
export type CategoryChange = (category: Resource) => Resource | undefined;

function endpoint(domainName: string, ports: readonly number[], region: string): Resource {
  return { domainName, endpointDetails: ports.map((port) => ({ port, region })) };
}

function categoriesOf(service: Resource): Resource[] {
  const region = String(service.location ?? 'Global');
  const store = `apimst${String(service.name)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .slice(0, 14)}`;
  const own = (suffix: string, ...ports: number[]): Resource => endpoint(`${store}.${suffix}`, ports, region);
  const common = (host: string, ...ports: number[]): Resource => endpoint(host, ports, 'Global');
  const all: Readonly<Record<string, readonly Resource[]>> = {
    'Azure SMTP': [endpoint('smtpi-ch1.msn.com', [25028], region)],
    'Azure SQL': [own('database.windows.net', 1433)],
    'Azure Storage': [
      own('blob.core.windows.net', 443),
      own('table.core.windows.net', 443),
      own('queue.core.windows.net', 443),
      own('file.core.windows.net', 445),
    ],
    'Azure Event Hub': [own('servicebus.windows.net', 443, 5671, 5672)],
    'SSL Certificate Verification': [
      common('mscrl.microsoft.com', 80, 443),
      common('crl.microsoft.com', 80, 443),
      common('crl3.digicert.com', 80, 443),
      common('ocsp.digicert.com', 80, 443),
      common('cacerts.digicert.com', 80, 443),
    ],
    'Azure Monitor': [
      common('gcs.prod.monitoring.core.windows.net', 443),
      common('global.prod.microsoftmetrics.com', 443),
      common('prod3.prod.microsoftmetrics.com', 1886),
      common('gcs.prod.warm.ingestion.monitoring.azure.com', 443),
    ],
    'Portal Captcha': [common('partner.prod.repmap.microsoft.com', 443)],
    'Azure Active Directory': [
      common('login.windows.net', 443),
      common('graph.windows.net', 443),
      common('login.microsoftonline.com', 443),
    ],
  };
  return Object.entries(all).map(([category, endpoints]) => ({ category, endpoints }));
}

export class OutboundDependencyBook {
  private rules: { readonly service: string; readonly change: CategoryChange }[] = [];
  private added: { readonly service: string; readonly category: Resource }[] = [];

  /** From now on, and after what was said before. */
  change(service: string, change: CategoryChange): void {
    this.rules.push({ service: service.toLowerCase(), change });
  }

  /** One more host. */
  add(service: string, category: string, domainName: string, port: number, region = 'Global'): void {
    const endpoints = [endpoint(domainName, [port], region)];
    this.added.push({ service: service.toLowerCase(), category: { category, endpoints } });
  }

  clear(): void {
    this.rules = [];
    this.added = [];
  }

  /** `GET <service>/outboundNetworkDependenciesEndpoints` */
  of(service: Resource): Resource {
    const id = String(service.id).toLowerCase();
    const rules = this.rules.filter((rule) => rule.service === id);
    const added = this.added.filter((each) => each.service === id).map(({ category }) => category);
    const value = [...categoriesOf(service), ...added].flatMap((category) => {
      let changed: Resource | undefined = category;
      for (const { change } of rules) changed = changed && change(changed);
      return changed ? [changed] : [];
    });
    return { value };
  }
}
