/** Custom events and metrics, whatever carries them; names and dimensions are those of the contract, section 7. */

export type Dimensions = Readonly<Record<string, string>>;

export interface Telemetry {
  readonly event: (name: string, dimensions: Dimensions, measurements?: Readonly<Record<string, number>>) => void;
  readonly metric: (name: string, value: number, dimensions?: Dimensions) => void;
  /** Sends what was collected; `false` where the ingestion did not take all of it. Never throws. */
  readonly flush: () => Promise<boolean>;
}

/** For where no connection string is set. */
export const noTelemetry: Telemetry = { event: () => {}, metric: () => {}, flush: async () => true };
