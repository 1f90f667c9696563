/**
 * What a requirement is: the data that the catalogue, the documentation, SARIF and the command line read. The check
 * itself stands beside it in the requirement's own file.
 */
import type { Severity } from '../audit/report.ts';

export interface RequirementInfo {
  /** Stable, kebab-case. */
  readonly id: string;
  readonly severity: Severity;
  /** Holds only where a tunnel is in force (contract: marked T). */
  readonly needsTunnel: boolean;
  /** A few words, as a heading. */
  readonly title: string;
  /** One sentence: when it passes. */
  readonly demand: string;
  /** One sentence: what breaks when it fails. */
  readonly impact: string;
  /** Path of the documentation page in the repository. */
  readonly help: string;
}
