/** Where a raw API Management service is in a virtual network. */
import { normaliseRegion } from '../address/region.ts';
import { type Fields, isRecord, propertiesOf } from './documents/fields.ts';

export interface InjectedPlace {
  /** As the service spells it; empty where it does not say. */
  readonly location: string;
  readonly subnetId: string;
}

function placeOf(location: unknown, { virtualNetworkConfiguration }: Fields): InjectedPlace[] {
  const id = isRecord(virtualNetworkConfiguration) ? virtualNetworkConfiguration.subnetResourceId : undefined;
  return typeof id === 'string' && id !== ''
    ? [{ location: typeof location === 'string' ? location : '', subnetId: id }]
    : [];
}

/** @param region normalised: only that one; absent: all */
export function injectedPlaces(service: Fields, region: string | undefined): readonly InjectedPlace[] {
  const properties = propertiesOf(service);
  const { additionalLocations } = properties;
  const additional = Array.isArray(additionalLocations) ? additionalLocations.filter(isRecord) : [];
  return [
    ...placeOf(service.location, properties),
    ...additional.flatMap((place) => placeOf(place.location, place)),
  ].filter(({ location }) => region === undefined || normaliseRegion(location) === region);
}

/** Ids of the subnets of all services among raw resources, each once. */
export function injectedSubnets(resources: readonly unknown[]): readonly string[] {
  const places = resources
    .filter(isRecord)
    .filter(isService)
    .flatMap((service) => injectedPlaces(service, undefined));
  return [...new Map(places.map(({ subnetId }) => [subnetId.toLowerCase(), subnetId])).values()];
}

/** Whether a raw resource is an API Management service. */
export function isService({ id }: Fields): boolean {
  return typeof id === 'string' && /\/providers\/microsoft\.apimanagement\/service\/[^/]+$/i.test(id);
}
