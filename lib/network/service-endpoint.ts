/**
 * Service endpoints: which service tags' prefixes the platform routes to the service directly while one is on.
 * Source: Microsoft Learn, "Virtual Network service endpoints" (table of services) and the contract, section 2.
 */
import { emptySet, type IntervalSet, union } from '../address/interval-set.ts';
import { normaliseRegion } from '../address/region.ts';
import type { CompiledTag, ServiceTags } from '../address/service-tags.ts';
import type { ServiceEndpoint, Subnet } from './model.ts';

/** Endpoint service (lower case) -> base name of its tag. An endpoint that is not here gets no known routes. */
const tagOfService: Readonly<Record<string, string>> = {
  'microsoft.storage': 'Storage',
  'microsoft.storage.global': 'Storage',
  'microsoft.sql': 'Sql',
  'microsoft.azurecosmosdb': 'AzureCosmosDB',
  'microsoft.keyvault': 'AzureKeyVault',
  'microsoft.servicebus': 'ServiceBus',
  'microsoft.eventhub': 'EventHub',
  'microsoft.web': 'AppService',
  'microsoft.cognitiveservices': 'CognitiveServicesManagement',
  'microsoft.containerregistry': 'AzureContainerRegistry',
};

/** In force: provisioned, as far as the export says. */
export function isProvisioned(endpoint: ServiceEndpoint): boolean {
  return endpoint.provisioningState === undefined || endpoint.provisioningState.toLowerCase() === 'succeeded';
}

export interface EndpointRoutes {
  readonly endpoint: ServiceEndpoint;
  readonly tags: readonly CompiledTag[];
}

/**
 * The tags that one endpoint routes: the regional tag of each of its locations, the global tag where they are absent
 * or `*`; `Microsoft.Sql` the subnet's own region only; `Microsoft.Storage.Global` the global tag.
 */
function tagsOf(endpoint: ServiceEndpoint, region: string, tags: ServiceTags): readonly CompiledTag[] {
  const service = endpoint.service.toLowerCase();
  const base = Object.hasOwn(tagOfService, service) ? tagOfService[service] : undefined;
  if (base === undefined) return [];
  const locations = endpoint.locations ?? [];
  const found: (CompiledTag | undefined)[] = [];
  if (service === 'microsoft.sql') found.push(tags.findForRegion(base, region));
  else if (service === 'microsoft.storage.global' || locations.length === 0 || locations.includes('*')) {
    found.push(tags.find(base));
  } else {
    const regions = new Set(locations.map(normaliseRegion));
    for (const location of regions) found.push(tags.findForRegion(base, location));
  }
  return [...new Set(found.filter((tag) => tag !== undefined))];
}

/** The routes that a subnet's endpoints bring: those that are provisioned, with the tags whose prefixes they route. */
export function endpointRoutes(subnet: Subnet, region: string, tags: ServiceTags): EndpointRoutes[] {
  return subnet.serviceEndpoints
    .filter(isProvisioned)
    .map((endpoint) => ({ endpoint, tags: tagsOf(endpoint, region, tags) }));
}

export function endpointRanges(routes: readonly EndpointRoutes[]): IntervalSet {
  let ranges = emptySet;
  for (const { tags } of routes) for (const tag of tags) ranges = union(ranges, tag.set);
  return ranges;
}
