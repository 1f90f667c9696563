/** Events as Event Grid puts them on the wire, shaped like Microsoft's samples (azure-rest-api-specs, Microsoft.Resources). */

export const routeId =
  '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/hub/providers/Microsoft.Network/routeTables/apim/routes/controlPlane';

/** Personal or secret: nothing of it may come out. */
export const canary = 'canary-of-a-person';

export type Json = Readonly<Record<string, unknown>>;

export const resourceData: Json = {
  authorization: {
    scope: routeId,
    action: 'Microsoft.Network/routeTables/routes/delete',
    evidence: { role: 'Contributor', principalId: '5f3b7d1e-0000-4000-8000-000000000001', principalType: 'User' },
  },
  claims: { name: canary, ipaddr: canary, _claim_names: `{"groups":"${canary}"}` },
  correlationId: 'f1f2f3f4-0000-4000-8000-000000000002',
  httpRequest: { clientIpAddress: canary, method: 'DELETE', url: `https://management.azure.com${routeId}?${canary}` },
  resourceProvider: 'Microsoft.Network',
  resourceUri: routeId,
  operationName: 'Microsoft.Network/routeTables/routes/delete',
  status: 'Succeeded',
  subscriptionId: '0b1f6471-1bf0-4dda-aec3-cb9272f09590',
  tenantId: 'tenant',
};

export const eventGridEvent: Json = {
  id: 'event-1',
  topic: '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590',
  subject: routeId,
  eventType: 'Microsoft.Resources.ResourceDeleteSuccess',
  eventTime: '2026-11-23T15:04:05.1234567Z',
  data: resourceData,
  dataVersion: '2',
  metadataVersion: '1',
};

export const cloudEvent: Json = {
  specversion: '1.0',
  id: 'event-1',
  source: '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590',
  subject: routeId,
  type: 'Microsoft.Resources.ResourceDeleteSuccess',
  time: '2026-11-23T15:04:05.1234567Z',
  data: resourceData,
};

/** Names as on the wire, not as the SDK renames them. */
export const notification: Json = {
  specversion: '1.0',
  id: 'event-2',
  source: '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590',
  subject: routeId,
  type: 'Microsoft.ResourceNotifications.Resources.CreatedOrUpdated',
  time: '2026-11-23T15:04:06Z',
  data: {
    resourceInfo: {
      id: routeId,
      name: 'controlPlane',
      type: 'Microsoft.Network/routeTables/routes',
      properties: canary,
    },
    operationalInfo: { resourceEventTime: '2026-11-23T15:04:05Z' },
    apiVersion: '2024-01-01',
  },
};

export function withData(event: Json, changes: Json): Json {
  return { ...event, data: { ...(event.data as Json), ...changes } };
}

/** The event without one of its properties. */
export function without(event: Json, property: string): Json {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== property));
}
