/** What the receivers got, read as facts. */
import type { Received } from '../../local/receiver.ts';

export interface WebhookAlert {
  readonly id: string;
  /** Of the CloudEvent: alerts that were tried again come later than younger ones, and are ordered by this. */
  readonly time: string;
  /** `opened`, `changed`, `resolved`, `reminder`, `summary`. */
  readonly kind: string;
  /** `<deployment>/<requirement>` */
  readonly subject: string;
  readonly status: string;
  readonly severity: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export function webhookAlerts(received: readonly Received[]): WebhookAlert[] {
  return received
    .filter(({ channel }) => channel === 'webhook')
    .map(({ body }) => {
      const event = body as { id: string; time: string; type: string; subject?: string; data: Record<string, unknown> };
      const status = event.data.status as { to?: string } | undefined;
      return {
        id: event.id,
        time: event.time,
        kind: event.type.slice(event.type.lastIndexOf('.') + 1),
        subject: event.subject ?? '',
        status: status?.to ?? '',
        severity: String(event.data.severity),
        data: event.data,
      };
    });
}

export function customEvents(
  received: readonly Received[],
): { readonly name: string; readonly properties: Readonly<Record<string, string>> }[] {
  return received
    .filter(({ channel, type }) => channel === 'applicationInsights' && type.startsWith('Tunnel'))
    .map(({ type, body }) => {
      const item = body as { data: { baseData: { properties?: Record<string, string> } } };
      return { name: type, properties: item.data.baseData.properties ?? {} };
    });
}

export function cards(received: readonly Received[]): string[] {
  return received.filter(({ channel }) => channel === 'teams').map(({ body }) => JSON.stringify(body));
}

/** What somebody who reads every alert once, in the order of their times, believes to be open. */
export function replay(alerts: readonly WebhookAlert[]): Map<string, string> {
  const seen = new Set<string>();
  const open = new Map<string, string>();
  const inOrder = [...alerts].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  for (const { id, kind, subject, status, severity } of inOrder) {
    if (seen.has(id) || kind === 'summary') continue;
    seen.add(id);
    if (kind === 'resolved') open.delete(subject);
    else open.set(subject, `${status} ${severity}`);
  }
  return open;
}
