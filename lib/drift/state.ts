/** What is kept of a deployment between two evaluations. Types only. */
import type { Severity, Status, Verdict } from '../audit/report.ts';
import type { Basis } from './basis.ts';
import type { DeploymentFacts, OpenDrift } from './model.ts';

export interface DeploymentState {
  readonly facts: DeploymentFacts;
  readonly verdict: Verdict;
  /** When the verdict was computed from a fresh reading: ISO 8601. */
  readonly evaluatedAt: string;
  /** Requirement -> what it was; also those that pass. */
  readonly statuses: Readonly<Record<string, { readonly status: Status; readonly severity: Severity }>>;
  /** In the order of the report. */
  readonly open: readonly OpenDrift[];
  /** Keys of all that was read for the verdict, absent things included. */
  readonly readSet: readonly string[];
  /** Key -> when the copy was read on which the verdict rests, in milliseconds. */
  readonly readAt: Readonly<Record<string, number>>;
  /** What the verdict rests on beside Azure; absent in what older code has kept. */
  readonly basis?: Basis;
  /** Set while Azure cannot be read: the verdict is unknown, whatever it was before. */
  readonly unread?: { readonly since: string; readonly reason: string };
  /** What could not be read although the verdict stands. */
  readonly errors: readonly { readonly resource: string; readonly message: string }[];
}

/** A state with what it takes to replace it and nothing newer. */
export interface Stored {
  readonly state: DeploymentState;
  readonly etag: string;
}
