/**
 * Before Event Grid delivers to a webhook, it asks whether the webhook wants to be delivered to (Microsoft Learn, "Webhook event
 * delivery", section "Endpoint validation"; CloudEvents "HTTP 1.1 Web Hooks for Event Delivery", section 4). No event is sent here.
 */
import { randomUUID } from 'node:crypto';
import type { Schema } from './events.ts';

/** How long an endpoint may take to answer. */
const answerMs = 30_000;

/** @throws Error for an endpoint that does not pass */
export async function validate(endpoint: string, schema: Schema): Promise<void> {
  if (schema === 'CloudEventSchemaV1_0') {
    const response = await fetch(endpoint, {
      method: 'OPTIONS',
      headers: { 'WebHook-Request-Origin': 'eventgrid.azure.net' },
      signal: AbortSignal.timeout(answerMs),
    });
    const allowed = response.headers.get('webhook-allowed-origin');
    if (allowed === '*' || allowed === 'eventgrid.azure.net') return;
    throw new Error('the endpoint does not allow events of eventgrid.azure.net');
  }
  const validationCode = randomUUID();
  const event = {
    id: randomUUID(),
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    subject: '',
    eventTime: new Date().toISOString(),
    topic: '/subscriptions/local',
    data: { validationCode, validationUrl: 'https://127.0.0.1/validate' },
    dataVersion: '2',
    metadataVersion: '1',
  };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'SubscriptionValidation' },
    body: JSON.stringify([event]),
    signal: AbortSignal.timeout(answerMs),
  });
  const answer: unknown = await response.json().catch(() => undefined);
  const code =
    typeof answer === 'object' && answer !== null && 'validationResponse' in answer
      ? answer.validationResponse
      : undefined;
  if (!response.ok || code !== validationCode)
    throw new Error('the endpoint does not answer the validation of Event Grid');
}
