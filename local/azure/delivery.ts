/**
 * Event Grid's deliveries: at least once, in no order, in batches if asked, tried again on a schedule, and dead-lettered when the
 * receiver says that they are no good (Microsoft Learn, "Event Grid message delivery and retry"). What can go wrong is seeded.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { envelope, type RaisedEvent, type Schema } from './events.ts';
import { seeded } from './faults.ts';
import { validate } from './handshake.ts';

export interface Trouble {
  /** Share of events that are delivered twice. */
  readonly duplicates?: number;
  /** Share of events that are never delivered. */
  readonly drops?: number;
  /** Events are held back by up to so much, each by another time. */
  readonly reorderMs?: number;
  readonly seed?: number;
  /** Waits before the next tries, in milliseconds; after the last one an event is dead-lettered. */
  readonly retryMs?: readonly number[];
}

export interface Subscription extends Trouble {
  /** A webhook, or something that takes one event at a time, such as a queue. */
  readonly endpoint: string | ((event: Record<string, unknown>) => Promise<void>);
  readonly schema?: Schema;
  /** Which events; default: those of `Microsoft.Resources`. */
  readonly accepts?: (type: string) => boolean;
  /** Events of one request; default: 1. */
  readonly batch?: number;
}

/** The real one waits 10 s, 30 s, 1 min, ...; locally nobody wants to. */
const localRetryMs = [200, 500, 1_000, 2_000, 5_000, 10_000];
/** The receiver's last word, not to be asked again. */
const refusals = new Set([400, 401, 403, 413]);

/** How long a receiver may take to answer. */
const answerMs = 30_000;
/** How long events are gathered for one request. */
const batchMs = 20;

type Body = Record<string, unknown>;

/** One subscriber's deliveries. */
class Delivery {
  /** Of the subscription, as the receiver sees it. */
  private readonly name = `local-${randomUUID().slice(0, 8)}`;
  readonly counts = { delivered: 0, dropped: 0, attempts: 0 };
  readonly deadLetters: { readonly reason: string; readonly events: readonly Body[] }[] = [];
  private readonly subscription: Subscription;
  private readonly random: () => number;
  private pending = 0;
  private waiting: Body[] = [];
  private timer: NodeJS.Timeout | undefined;
  private readonly stopped = new AbortController();
  /** Opens when deliveries go on; absent while they do. */
  private gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  constructor(subscription: Subscription) {
    this.subscription = subscription;
    this.random = seeded(subscription.seed ?? 1);
  }

  /** While it is paused nothing is due. */
  get isIdle(): boolean {
    return this.pending === 0 && (this.waiting.length === 0 || this.gate !== undefined);
  }

  /** Nothing is sent any more, and what was is not tried again, until `resume`. */
  pause(): void {
    if (this.gate) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = { opened: promise, open: resolve };
  }

  resume(): void {
    const { gate } = this;
    this.gate = undefined;
    gate?.open();
    this.flush();
  }

  stop(): void {
    this.stopped.abort();
    clearTimeout(this.timer);
    this.waiting = [];
    this.gate?.open();
  }

  take(event: RaisedEvent): void {
    const { accepts = (type) => type.startsWith('Microsoft.Resources.'), schema = 'EventGridSchema' } =
      this.subscription;
    const { duplicates = 0, drops = 0, reorderMs = 0 } = this.subscription;
    if (!accepts(event.type)) return;
    if (this.random() < drops) {
      this.counts.dropped++;
      return;
    }
    const copies = this.random() < duplicates ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) void this.later(envelope(event, schema), this.random() * reorderMs);
  }

  private async later(body: Body, delay: number): Promise<void> {
    this.pending++;
    if (delay > 0) await this.wait(delay);
    this.pending--;
    if (this.stopped.signal.aborted) return;
    this.waiting.push(body);
    this.timer ??= setTimeout(() => this.flush(), (this.subscription.batch ?? 1) > 1 ? batchMs : 0);
  }

  /** Shorter when everything ends. */
  private async wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.stopped.signal }).catch(() => {});
  }

  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.gate) return;
    const { batch = 1 } = this.subscription;
    while (this.waiting.length > 0) void this.send(this.waiting.splice(0, batch));
  }

  private async send(events: readonly Body[]): Promise<void> {
    this.pending++;
    const schedule = this.subscription.retryMs ?? localRetryMs;
    let reason = '';
    for (const [tries, wait] of [...schedule, undefined].entries()) {
      if (this.gate) {
        this.pending--;
        await this.gate.opened;
        this.pending++;
      }
      if (this.stopped.signal.aborted) break;
      this.counts.attempts++;
      const answer = await this.attempt(events, tries);
      if (answer === 'delivered') {
        this.counts.delivered += events.length;
        this.pending--;
        return;
      }
      reason = answer;
      if (refusals.has(Number(answer)) || wait === undefined) break;
      await this.wait(wait);
    }
    // What was not tried to the end is no dead letter.
    if (!this.stopped.signal.aborted) this.deadLetters.push({ reason, events });
    this.pending--;
  }

  /** @returns `delivered`, or the status or error that stood against it */
  private async attempt(events: readonly Body[], tries: number): Promise<string> {
    const { endpoint, schema } = this.subscription;
    try {
      if (typeof endpoint === 'function') {
        for (const event of events) await endpoint(event);
        return 'delivered';
      }
      const isCloud = schema === 'CloudEventSchemaV1_0';
      const [only] = events;
      const isBatch = (this.subscription.batch ?? 1) > 1;
      const mediaType = isCloud ? `application/cloudevents${isBatch ? '-batch' : ''}+json` : 'application/json';
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          'content-type': `${mediaType}; charset=utf-8`,
          'aeg-event-type': 'Notification',
          'aeg-subscription-name': this.name,
          'aeg-delivery-count': String(tries),
          ...(!isCloud && { 'aeg-data-version': '2', 'aeg-metadata-version': '1' }),
        },
        body: JSON.stringify(isCloud && !isBatch ? only : events),
        // Event Grid follows nobody elsewhere.
        redirect: 'manual',
        // A receiver has half a minute.
        signal: AbortSignal.any([this.stopped.signal, AbortSignal.timeout(answerMs)]),
      });
      await response.body?.cancel();
      return response.status >= 200 && response.status <= 204 ? 'delivered' : String(response.status);
    } catch (error) {
      return error instanceof Error ? error.name : 'unknown';
    }
  }
}

/** What a subscriber sees of its deliveries. */
export type Subscribed = Pick<Delivery, 'counts' | 'deadLetters' | 'pause' | 'resume'>;

/** The topic of a subscription, with its subscribers. */
export class EventGrid {
  readonly raised: RaisedEvent[] = [];
  private readonly deliveries: Delivery[] = [];

  /** @throws Error for an endpoint that does not pass the handshake */
  async subscribe(subscription: Subscription): Promise<Subscribed> {
    const { endpoint, schema = 'EventGridSchema' } = subscription;
    if (typeof endpoint === 'string') await validate(endpoint, schema);
    const delivery = new Delivery(subscription);
    this.deliveries.push(delivery);
    return delivery;
  }

  raise(event: RaisedEvent): void {
    this.raised.push(event);
    if (this.raised.length > 20_000) this.raised.shift();
    for (const delivery of this.deliveries) delivery.take(event);
  }

  /** Resolves when nothing is due: all is delivered, given up, or held back by `pause`. */
  async idle(): Promise<void> {
    while (this.deliveries.some(({ isIdle }) => !isIdle)) await sleep(10);
  }

  stop(): void {
    for (const delivery of this.deliveries) delivery.stop();
  }
}
