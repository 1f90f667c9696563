/**
 * What every channel of alerts has in common: it takes one alert and says what became of it. A channel never waits to try
 * again: that is the queue's part.
 */
import type { Alert } from '../drift/model.ts';

export type Outcome =
  | { readonly kind: 'sent' }
  /** Not now: down, throttled, timed out. `afterSeconds` where the receiver said when. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterSeconds?: number }
  /** Never: refused for what it is. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface Channel {
  readonly name: 'applicationInsights' | 'teams' | 'webhook';
  /**
   * The parts that are delivered, tried again and marked as sent one by one: the webhook has one for each transition,
   * the others one for the alert.
   */
  readonly split: (alert: Alert) => readonly Alert[];
  /** Never throws for what the receiver does; no reason holds a URL, a secret or a body. */
  readonly deliver: (alert: Alert) => Promise<Outcome>;
}
