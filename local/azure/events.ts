/**
 * Events as Event Grid sends them for changes of resources, in both schemas (Microsoft Learn, "Azure subscription as an Event Grid
 * source"). The people in them are made up, and their claims are there so that nobody can forget that real ones are.
 */
import { randomUUID } from 'node:crypto';
import type { ResourceId } from './ids.ts';

export type Schema = 'EventGridSchema' | 'CloudEventSchemaV1_0';

export interface RaisedEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  /** Seven digits, as Azure writes them. */
  readonly time: string;
  readonly topic: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export const madeUpPrincipal = { principalId: '5f0e6a1c-9d3b-4f7e-8a52-0c1d2e3f4a5b', principalType: 'User' } as const;

const kinds = {
  write: 'ResourceWriteSuccess',
  delete: 'ResourceDeleteSuccess',
  action: 'ResourceActionSuccess',
} as const;

const people = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';
const directory = 'http://schemas.microsoft.com/identity/claims';

/** Personal data as the real ones have it: under addresses as names, and as JSON inside texts. */
function claims(canary: string): Record<string, string> {
  return {
    aud: 'https://management.core.windows.net/',
    iss: 'https://sts.windows.net/99999999-9999-9999-9999-999999999999/',
    _claim_names: JSON.stringify({ groups: 'src1' }),
    _claim_sources: JSON.stringify({ src1: { endpoint: `https://graph.example/${canary}` } }),
    appid: `app-${canary}`,
    aio: `token-${canary}`,
    ipaddr: '203.0.113.9',
    name: `Kim Example ${canary}`,
    puid: `puid-${canary}`,
    [`${people}/givenname`]: `Kim ${canary}`,
    [`${people}/surname`]: `Example ${canary}`,
    [`${people}/name`]: `kim.${canary}@example.com`,
    [`${people}/upn`]: `kim.${canary}@example.com`,
    [`${directory}/objectidentifier`]: madeUpPrincipal.principalId,
    [`${directory}/scope`]: 'user_impersonation',
    ver: '1.0',
  };
}

function now(): string {
  const digits = String(Math.floor(Math.random() * 10_000)).padStart(4, '0');
  return new Date().toISOString().replace('Z', `${digits}Z`);
}

export interface Operation {
  readonly kind: keyof typeof kinds;
  readonly id: ResourceId;
  /** Of an action: its name, such as `applynetworkconfigurationupdates`. */
  readonly action?: string;
}

export function resourceEvent({ kind, id, action }: Operation, canary: string): RaisedEvent {
  const operationName = `${id.type}/${kind === 'action' ? `${action ?? 'run'}/action` : kind}`;
  const topic = `/subscriptions/${id.subscription ?? ''}`;
  return {
    id: randomUUID(),
    type: `Microsoft.Resources.${kinds[kind]}`,
    subject: id.id,
    time: now(),
    topic,
    data: {
      authorization: {
        scope: id.id,
        action: operationName,
        evidence: { role: 'Network Contributor', roleAssignmentScope: topic, ...madeUpPrincipal },
      },
      claims: claims(canary),
      correlationId: randomUUID(),
      ...(kind !== 'write' && {
        httpRequest: {
          clientRequestId: randomUUID(),
          clientIpAddress: '203.0.113.9',
          method: kind === 'delete' ? 'DELETE' : 'POST',
          url: `https://management.azure.com${id.id}?api-version=2024-05-01&secret=${canary}`,
        },
      }),
      resourceProvider: id.type.split('/')[0],
      resourceUri: id.id,
      operationName,
      status: 'Succeeded',
      subscriptionId: id.subscription,
      tenantId: '99999999-9999-9999-9999-999999999999',
    },
  };
}

/** Resource Notifications tell of the same change with the resource in them. */
export function notificationEvent({ kind, id }: Operation, resource: unknown): RaisedEvent | undefined {
  if (kind === 'action') return undefined;
  const type = kind === 'delete' ? 'Deleted' : 'CreatedOrUpdated';
  const head = { id: id.id, name: id.name, type: id.type };
  return {
    id: randomUUID(),
    type: `Microsoft.ResourceNotifications.Resources.${type}`,
    subject: id.id,
    time: now(),
    topic: `/subscriptions/${id.subscription ?? ''}`,
    data: {
      resourceInfo: kind === 'delete' ? head : { ...(resource as object), ...head },
      apiVersion: '2024-05-01',
      operationalInfo: { resourceEventTime: new Date().toISOString() },
    },
  };
}

export function envelope(
  { id, type, subject, time, topic, data }: RaisedEvent,
  schema: Schema,
): Record<string, unknown> {
  if (schema === 'CloudEventSchemaV1_0') return { specversion: '1.0', id, type, source: topic, subject, time, data };
  return { id, eventType: type, subject, eventTime: time, topic, data, dataVersion: '2', metadataVersion: '1' };
}
