/** The channels that are set up. */
import type { Clock } from '../clock.ts';
import { applicationInsightsChannel } from './application-insights-channel.ts';
import type { Channel } from './channel.ts';
import type { Links } from './links.ts';
import { teamsChannel } from './teams.ts';
import type { Telemetry } from './telemetry.ts';
import { webhookChannel } from './webhook.ts';

export interface ChannelOptions {
  readonly teams?: { readonly url: string };
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly telemetry?: Telemetry;
  readonly links: Links;
  /** Of the CloudEvents. */
  readonly source: string;
  readonly clock: Clock;
}

export function openChannels({ teams, webhook, telemetry, links, source, clock }: ChannelOptions): readonly Channel[] {
  return [
    ...(telemetry ? [applicationInsightsChannel(telemetry)] : []),
    ...(teams ? [teamsChannel({ ...teams, links, clock })] : []),
    ...(webhook ? [webhookChannel({ ...webhook, source, links, clock })] : []),
  ];
}
