/**
 * What is remembered of a deployment between two evaluations, and what is said when it changes. Types only, no I/O.
 */

import type { Finding, Severity, Status, Verdict } from '../audit/report.ts';
import type { Change } from '../events/change.ts';

/** An event that may have brought a transition about. */
export type Cause = Pick<Change, 'eventId' | 'resourceId' | 'operation' | 'time' | 'correlationId' | 'principal'>;

/** A finding that does not pass: failing, or not known any more. Key: the requirement's id. */
export interface OpenDrift {
  readonly requirement: string;
  readonly status: Extract<Status, 'fail' | 'unknown'>;
  readonly severity: Severity;
  /** When it was first seen open: ISO 8601. */
  readonly since: string;
  /** When it was last said (opened, changed or reminded). */
  readonly saidAt: string;
  /** What was known of its causes when it opened. */
  readonly causes: readonly Cause[];
  /** What brought it about that sends no event, in words. */
  readonly because?: readonly string[];
  readonly finding: Finding;
}

export const transitionKinds = ['opened', 'changed', 'resolved', 'reminder'] as const;
export type TransitionKind = (typeof transitionKinds)[number];

/** One finding that changed between two evaluations, or that is said again. */
export interface Transition {
  /** Unique, and the same on every retry: the id of the webhook and of the CloudEvent. */
  readonly id: string;
  readonly kind: TransitionKind;
  readonly requirement: string;
  readonly severity: Severity;
  /** Status before; absent where the requirement is new. */
  readonly from?: Status;
  readonly to: Status;
  /** When it opened: ISO 8601. */
  readonly since: string;
  /** The finding as it is now; of a resolved one the passing finding, of a deleted service the last one known. */
  readonly finding: Finding;
  /** The latest first, at most ten; `moreCauses` are those left out. */
  readonly causes: readonly Cause[];
  readonly moreCauses?: number;
  /** What changed that sends no event (the policy, an exemption, the service tags), in words. */
  readonly because?: readonly string[];
}

/** What alerts say of the deployment itself. */
export interface DeploymentFacts {
  readonly key: string;
  /** Resource id as Azure spells it. */
  readonly service: string;
  readonly name: string;
  readonly region: string;
  readonly sku: string;
  readonly mode: string;
  readonly subnet: string | null;
  readonly routeTable: string | null;
  readonly networkSecurityGroup: string | null;
}

/** All that one evaluation (or one sweep's reminder) has to say of one deployment. */
export interface DriftAlert {
  readonly type: 'drift';
  /** Unique; transitions carry ids of their own. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly deployment: DeploymentFacts;
  readonly verdict: Verdict;
  /** At least one. */
  readonly transitions: readonly Transition[];
}

/** The one alert when an estate is seen for the first time. */
export interface SummaryAlert {
  readonly type: 'summary';
  readonly id: string;
  readonly at: string;
  readonly deployments: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** The gravest first, at most twenty. */
  readonly worst: readonly {
    readonly deployment: DeploymentFacts;
    readonly verdict: Verdict;
    readonly failing: readonly {
      readonly requirement: string;
      readonly severity: Severity;
      readonly message: string;
    }[];
  }[];
}

export type Alert = DriftAlert | SummaryAlert;
