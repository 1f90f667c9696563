/**
 * Everything that the functions share in one process: settings, storage, channels, the way to Azure. What is heavy is loaded by
 * the function that needs it, when it first does.
 */
import type { TokenCredential } from '@azure/identity';
import type { Channel } from '../alerts/channel.ts';
import { type Links, linksFor } from '../alerts/links.ts';
import { openChannels } from '../alerts/open-channels.ts';
import { noTelemetry, type Telemetry } from '../alerts/telemetry.ts';
import { type Clock, systemClock } from '../clock.ts';
import { type Counters, openCounters } from '../drift/counters.ts';
import { openQueues, type Queues } from '../drift/queues.ts';
import { openStorage, type Storage } from '../drift/storage.ts';
import type { Settings } from '../settings.ts';

export interface Watcher {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly storage: Storage;
  readonly queues: Queues;
  readonly counters: Counters;
  readonly telemetry: Telemetry;
  readonly links: Links;
  readonly channels: readonly Channel[];
  readonly credential: () => Promise<TokenCredential>;
}

/** So much is kept while nothing can be sent. */
const mostWaiting = 1_000;

/** Collects until the first flush, and only then loads what sends; what could not be loaded is tried again with the next flush. */
export function lazyTelemetry(open: () => Promise<Telemetry>): Telemetry {
  let waiting: ((telemetry: Telemetry) => void)[] = [];
  let opened: Promise<Telemetry | undefined> | undefined;
  const tryOpen = async (): Promise<Telemetry | undefined> => {
    try {
      return await open();
    } catch {
      opened = undefined;
      return undefined;
    }
  };
  return {
    event: (...call) => void waiting.push((telemetry) => telemetry.event(...call)),
    metric: (...call) => void waiting.push((telemetry) => telemetry.metric(...call)),
    flush: async () => {
      opened ??= tryOpen();
      const telemetry = await opened;
      if (!telemetry) {
        waiting = waiting.slice(-mostWaiting);
        return false;
      }
      const calls = waiting;
      waiting = [];
      for (const call of calls) call(telemetry);
      return telemetry.flush();
    },
  };
}

/** Of the function app: its user-assigned identity where one is named, else the standard chain. */
function credentialOf({ clientId, cloud }: Settings): () => Promise<TokenCredential> {
  let credential: Promise<TokenCredential> | undefined;
  return () => {
    credential ??= import('@azure/identity').then(({ DefaultAzureCredential, ManagedIdentityCredential }) =>
      clientId === undefined
        ? new DefaultAzureCredential({ authorityHost: cloud.authorityHost })
        : new ManagedIdentityCredential({ clientId }),
    );
    return credential;
  };
}

function telemetryOf(settings: Settings, credential: () => Promise<TokenCredential>): Telemetry {
  const { applicationInsights } = settings;
  if (!applicationInsights) return noTelemetry;
  return lazyTelemetry(async () => {
    const { openTelemetry } = await import('../alerts/application-insights.ts');
    const { connectionString, useIdentity, clientId } = applicationInsights;
    if (!useIdentity) return openTelemetry({ connectionString });
    const { ManagedIdentityCredential } = await import('@azure/identity');
    const own = clientId === undefined ? await credential() : new ManagedIdentityCredential({ clientId });
    return openTelemetry({ connectionString, credential: own });
  });
}

/** @throws what the storage account refuses */
export async function openWatcher(settings: Settings, clock: Clock = systemClock): Promise<Watcher> {
  const storage = await openStorage(settings.storage);
  const credential = credentialOf(settings);
  const telemetry = telemetryOf(settings, credential);
  const links = linksFor({ portal: settings.cloud.portal, host: settings.host });
  const source = settings.host === undefined ? 'urn:tunnelwatch' : `https://${settings.host}`;
  const { teams, webhook, applicationInsights } = settings;
  const channels = openChannels({
    ...(teams && { teams }),
    ...(webhook && { webhook }),
    ...(applicationInsights && { telemetry }),
    links,
    source,
    clock,
  });
  return {
    settings,
    clock,
    storage,
    queues: openQueues(storage),
    counters: openCounters(storage, clock),
    telemetry,
    links,
    channels,
    credential,
  };
}
