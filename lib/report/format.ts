/** What a format is: a report in, text out in chunks, so that a large report never is one text. */
import type { Report } from '../audit/report.ts';

export interface FormatContext {
  /** Columns of the terminal, or what is assumed for a file. */
  readonly width: number;
  readonly colour: boolean;
  readonly toolVersion: string;
  /** The input file and line of a resource, where it came from a file. */
  readonly locate: (resourceId: string) => { readonly file: string; readonly line?: number } | undefined;
}

export type Formatter = (report: Report, context: FormatContext) => Iterable<string>;

export interface Format {
  readonly name: string;
  readonly mediaType: string;
  readonly extension: string;
  readonly load: () => Promise<Formatter>;
}
