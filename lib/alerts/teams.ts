/**
 * Microsoft Teams, through a Workflows webhook ("Send webhook alerts to a channel"): a message with one Adaptive Card. It is accepted
 * with any 2xx; Workflows answers 202 before it posts.
 */
import type { Clock } from '../clock.ts';
import { cardOf } from './card.ts';
import type { Channel } from './channel.ts';
import type { Links } from './links.ts';
import { post } from './post.ts';

export interface TeamsOptions {
  readonly url: string;
  readonly links: Links;
  readonly clock: Clock;
  /** Default 20 s. */
  readonly timeoutMs?: number;
}

export function teamsChannel({ url, links, clock, timeoutMs = 20_000 }: TeamsOptions): Channel {
  return {
    name: 'teams',
    split: (alert) => [alert],
    deliver: (alert) => {
      const content = cardOf(alert, links);
      const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
      const body = JSON.stringify({ type: 'message', attachments: [attachment] });
      return post({ url, headers: { 'content-type': 'application/json; charset=utf-8' }, body, clock, timeoutMs });
    },
  };
}
