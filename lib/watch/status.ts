/** What the watcher knows right now, for people and programs: from the table and the queues alone, no Azure is read. */
import { readCounters } from '../drift/counters.ts';
import { allStates } from '../drift/deployment-store.ts';
import { isKnownEstate, lastSweep } from '../drift/estate-row.ts';
import { type HeardEvent, readHeard } from '../drift/heard.ts';
import type { DeploymentFacts, OpenDrift } from '../drift/model.ts';
import { listPoison } from '../drift/poison.ts';
import type { DeploymentState } from '../drift/state.ts';
import type { Watcher } from './watcher.ts';

export interface StatusDeployment extends DeploymentFacts {
  readonly verdict: DeploymentState['verdict'];
  readonly evaluatedAt: string;
  readonly unread?: DeploymentState['unread'];
  readonly errors: DeploymentState['errors'];
  readonly open: readonly (Omit<OpenDrift, 'finding' | 'saidAt'> & {
    readonly message: string;
    readonly ageSeconds: number;
  })[];
}

export interface WatcherStatus {
  readonly generatedAt: string;
  /** False until the first sweep has seen the estate as a whole. */
  readonly ready: boolean;
  readonly summary: {
    readonly deployments: number;
    readonly compliant: number;
    readonly nonCompliant: number;
    readonly unknown: number;
    readonly outOfScope: number;
    readonly openDrifts: number;
  };
  /** Those with the gravest open drift first. */
  readonly deployments: readonly StatusDeployment[];
  readonly queues: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
  /** The last event of each subscription that ever sent one. */
  readonly heard: readonly HeardEvent[];
  readonly poison: number;
  readonly lastSweep: {
    readonly startedAt: string;
    readonly finishedAt: string;
    readonly ageSeconds: number;
    readonly services: number;
    readonly errors: readonly { readonly resource: string; readonly message: string }[];
  } | null;
}

function describe(
  { facts, verdict, evaluatedAt, unread, errors, open }: DeploymentState,
  now: number,
): StatusDeployment {
  return {
    ...facts,
    verdict,
    evaluatedAt,
    ...(unread && { unread }),
    errors,
    open: open.map(({ finding, saidAt: _saidAt, ...drift }) => {
      return { ...drift, message: finding.message, ageSeconds: Math.round((now - Date.parse(drift.since)) / 1000) };
    }),
  };
}

const order = { nonCompliant: 0, unknown: 1, compliant: 2, outOfScope: 3 } as const;

export async function readStatus({ storage, queues, clock }: Watcher): Promise<WatcherStatus> {
  const now = clock.now();
  const deployments: StatusDeployment[] = [];
  for await (const { state } of allStates(storage)) deployments.push(describe(state, now.getTime()));
  deployments.sort((a, b) => order[a.verdict] - order[b.verdict] || (a.key < b.key ? -1 : 1));
  const [depths, events, heard, poison, last, ready] = await Promise.all([
    queues.depths(),
    readCounters(storage),
    readHeard(storage),
    listPoison(storage),
    lastSweep(storage),
    isKnownEstate(storage),
  ]);
  const count = (verdict: StatusDeployment['verdict']): number =>
    deployments.filter((each) => each.verdict === verdict).length;
  return {
    generatedAt: now.toISOString(),
    ready,
    summary: {
      deployments: deployments.length,
      compliant: count('compliant'),
      nonCompliant: count('nonCompliant'),
      unknown: count('unknown'),
      outOfScope: count('outOfScope'),
      openDrifts: deployments.reduce((sum, { open }) => sum + open.length, 0),
    },
    deployments,
    queues: depths,
    events,
    heard,
    poison: poison.length,
    lastSweep: last
      ? {
          startedAt: last.startedAt,
          finishedAt: last.finishedAt,
          ageSeconds: Math.round((now.getTime() - Date.parse(last.finishedAt)) / 1000),
          services: last.services,
          errors: last.errors,
        }
      : null,
  };
}
