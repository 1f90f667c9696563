/** What a format is: a report in, text out in chunks, so that a large report never is one text. */
import type { StreamedReport } from '../audit/audit.ts';
import type { Report } from '../audit/report.ts';

export interface FormatContext {
  /** Columns of the terminal, or what is assumed for a file. */
  readonly width: number;
  readonly colour: boolean;
  readonly toolVersion: string;
  /** The input file and line of a resource, where it came from a file. */
  readonly locate: (resourceId: string) => { readonly file: string; readonly line?: number } | undefined;
}

type Formatter<R> = (report: R, context: FormatContext) => Iterable<string>;

interface About {
  readonly name: string;
  readonly mediaType: string;
  readonly extension: string;
  /** Whether it draws where the whole address space goes, which is computed for such formats only. */
  readonly drawsAddressSpace?: true;
}

/** A format that needs the whole report, or one that takes its deployments as they come. */
export type Format =
  | (About & { readonly takes: 'report'; readonly load: () => Promise<Formatter<Report>> })
  | (About & { readonly takes: 'stream'; readonly load: () => Promise<Formatter<StreamedReport>> });
