/**
 * Application Insights through the `applicationinsights` package, for custom events and metrics alone: the Functions host collects
 * everything else. Loaded by whoever sends, after the verdict is stored, because it takes a third of a second to load.
 */
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Telemetry } from './telemetry.ts';

export interface TelemetryOptions {
  readonly connectionString: string;
  /** Sends with an identity instead of with the key in the connection string. */
  readonly credential?: TokenCredential;
}

/** What the ingestion said since the last flush. */
class Witness {
  private answered = 0;
  private refused = 0;

  /** The package hides what became of its requests, so its pipeline is watched. */
  readonly policy: PipelinePolicy = {
    name: 'witness',
    sendRequest: async (request, next) => {
      const isTrack = new URL(request.url).pathname.endsWith('/track');
      try {
        const response = await next(request);
        if (isTrack) this.note(response.status === 200);
        return response;
      } catch (error) {
        if (isTrack) this.note(false);
        throw error;
      }
    },
  };

  private note(isTaken: boolean): void {
    this.answered++;
    if (!isTaken) this.refused++;
  }

  /** Whether all was taken, and something was asked at all. */
  verdict(): boolean {
    const taken = this.answered > 0 && this.refused === 0;
    this.answered = 0;
    this.refused = 0;
    return taken;
  }
}

/** Before the package is loaded: what it would collect and report of its own accord. */
function keepQuiet(): void {
  process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= '1';
  process.env.APPLICATIONINSIGHTS_SDKSTATS_DISABLED ??= 'true';
}

async function openClient({ connectionString, credential }: TelemetryOptions, witness: Witness) {
  keepQuiet();
  // A CommonJS package: bundled it has no named exports.
  const { default: applicationInsights } = await import('applicationinsights');
  const client = new applicationInsights.TelemetryClient(connectionString, { useGlobalProviders: false });
  const { config } = client;
  config.enableAutoCollectConsole = false;
  config.enableAutoCollectExceptions = false;
  config.enableAutoCollectPerformance = false;
  config.enableAutoCollectPreAggregatedMetrics = false;
  config.enableAutoCollectRequests = false;
  config.enableAutoCollectDependencies = false;
  config.enableSendLiveMetrics = false;
  config.enableUseDiskRetryCaching = false;
  if (credential) config.aadTokenCredential = credential;
  config.azureMonitorOpenTelemetryOptions = {
    ...config.azureMonitorOpenTelemetryOptions,
    enableLiveMetrics: false,
    azureMonitorExporterOptions: {
      connectionString,
      disableOfflineStorage: true,
      // What is not taken is tried again through the outbox, not in the function's time.
      retryOptions: { maxRetries: 1 },
      additionalPolicies: [{ policy: witness.policy, position: 'perCall' }],
    },
  };
  return client;
}

/**
 * Flushes come one after the other: an answer of the ingestion belongs to all that was told before its flush began, so a flush that
 * tells success tells it of everything that its caller had told.
 */
export async function openTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const witness = new Witness();
  const client = await openClient(options, witness);
  let isWaiting = false;
  let last: Promise<boolean> = Promise.resolve(true);
  const flushNow = async (before: Promise<boolean>): Promise<boolean> => {
    const wasTaken = await before;
    // Another's flush, begun after this caller had told what it had to tell, has carried it along.
    if (!isWaiting) return wasTaken;
    isWaiting = false;
    try {
      await client.flush();
    } catch {
      return false;
    }
    return witness.verdict();
  };
  return {
    event: (name, dimensions, measurements) => {
      isWaiting = true;
      client.trackEvent({
        name,
        properties: { ...dimensions },
        ...(measurements && { measurements: { ...measurements } }),
      });
    },
    metric: (name, value, dimensions) => {
      isWaiting = true;
      client.trackMetric({ name, value, ...(dimensions && { properties: { ...dimensions } }) });
    },
    flush: () => {
      last = flushNow(last);
      return last;
    },
  };
}
