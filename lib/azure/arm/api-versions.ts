/** Which version of Azure's interface each resource type is read with: the ones whose answers the documents' readers know. */
import { typeOfId } from '../documents/resource-id.ts';

const network = '2024-05-01';
const apiManagement = '2024-05-01';
const subscriptions = '2022-12-01';

const subscriptionType = 'Microsoft.Resources/subscriptions';

/** Type of a resource id as Azure spells its provider, for naming the action that reading it needs. */
export function typeOf(id: string): string {
  const segments = id.split('/').filter((segment) => segment !== '');
  if (segments.length === 2 && segments[0]?.toLowerCase() === 'subscriptions') return subscriptionType;
  const provider = segments.findLastIndex((segment) => segment.toLowerCase() === 'providers');
  const tail = segments.slice(provider + 2);
  return [segments[provider + 1], ...tail.filter((_, index) => index % 2 === 0)].join('/');
}

/** @param type or an id; API Management has its own version, everything else is of the network */
export function apiVersionOf(type: string): string {
  const name = (typeOfId(type) ?? type).toLowerCase();
  if (name === subscriptionType.toLowerCase()) return subscriptions;
  return name.startsWith('microsoft.apimanagement/') ? apiManagement : network;
}
