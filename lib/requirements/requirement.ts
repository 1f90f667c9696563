/**
 * What a requirement is: the data that the catalogue, the documentation, SARIF and the command line read, and the pure
 * check beside it.
 */
import type { Evidence, Severity, Status } from '../audit/report.ts';
import type { Change } from './fix/change.ts';
import type { Situation } from './situation.ts';

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
}

/** A mend: what to change in Azure, and what may stand against it. */
export interface FixPlan {
  readonly summary: string;
  readonly changes: readonly Change[];
  readonly caveats?: readonly string[];
  /** Other findings could get worse by it: it is offered only when a trial on the model shows that none does. */
  readonly needsProof?: boolean;
}

export interface Outcome {
  readonly status: Exclude<Status, 'exempt'>;
  /** One line, for people. */
  readonly message: string;
  /** Id of the resource that the finding is about; the service's where absent. */
  readonly resource?: string;
  readonly evidence?: Evidence;
  /** Where it differs from the requirement's own. */
  readonly severity?: Severity;
  /** Computed only when it is asked for: most readers of an outcome do not need it. */
  readonly fix?: () => FixPlan | undefined;
}

export interface Requirement extends RequirementInfo {
  readonly check: (situation: Situation) => Outcome;
}

/** Path of a requirement's documentation page in the repository. */
export function helpOf(id: string): string {
  return `docs/requirements/${id}.md`;
}
