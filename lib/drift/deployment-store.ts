/**
 * The state of each deployment: loaded with its ETag, replaced in one transaction with its outbox and its history, or not at
 * all. A loser of a race is told so and starts over from a fresh reading.
 */
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import type { DriftAlert, TransitionKind } from './model.ts';
import { pack, unpack } from './packed.ts';
import { deploymentPartition, endOfPrefix, historyPrefix, historyRow, stateRow } from './row-keys.ts';
import type { DeploymentState, Stored } from './state.ts';
import { isAbsent, isConflict, type Storage } from './storage.ts';

/** The verdict, in history, of a deployment that is not there any more. */
export const goneVerdict = 'gone';

/** One evaluation that changed something, as history keeps it. */
export interface HistoryEntry {
  readonly deployment: string;
  readonly at: string;
  readonly verdict: string;
  readonly transitions: readonly {
    readonly id: string;
    readonly kind: TransitionKind;
    readonly requirement: string;
    readonly severity: string;
    readonly to: string;
    readonly since: string;
  }[];
}

export interface Commit {
  readonly state: DeploymentState;
  /** Of the state that the new one replaces; absent: there must be none. */
  readonly replaces?: string;
  /** The deployment is gone: what is kept is only that it was. */
  readonly gone?: boolean;
  /** What there is to say; absent: nothing. */
  readonly alert?: DriftAlert;
  /** Rows of the outbox for it. */
  readonly outbox: readonly TableEntity[];
  /** A line of history even without an alert: the first state of a deployment, a verdict that changed. */
  readonly record?: boolean;
}

function historyOf(commit: Commit, partitionKey: string): TableEntity {
  const { state, alert, gone = false } = commit;
  const at = new Date(alert?.at ?? state.evaluatedAt);
  const entry: HistoryEntry = {
    deployment: state.facts.key,
    at: at.toISOString(),
    verdict: gone ? goneVerdict : state.verdict,
    transitions: (alert?.transitions ?? []).map(({ id, kind, requirement, severity, to, since }) => {
      return { id, kind, requirement, severity, to, since };
    }),
  };
  return { partitionKey, rowKey: historyRow(at, alert?.id ?? 'verdict'), at, ...pack(entry) };
}

/** @returns false where another evaluation was faster: nothing is written then */
export async function commitState(storage: Storage, commit: Commit): Promise<boolean> {
  const { state, replaces, gone = false, alert, outbox, record = false } = commit;
  const partitionKey = deploymentPartition(state.facts.key);
  const { key, name, region } = state.facts;
  const plain = { deployment: key, name, region, verdict: state.verdict, gone, evaluatedAt: state.evaluatedAt };
  const row: TableEntity = { partitionKey, rowKey: stateRow, ...plain, ...pack(state) };
  const actions: TransactionAction[] = [
    replaces === undefined ? ['create', row] : ['update', row, 'Replace', { etag: replaces }],
    ...outbox.map((entity): TransactionAction => ['create', entity]),
  ];
  if (alert || record) actions.push(['upsert', historyOf(commit, partitionKey), 'Replace']);
  try {
    await storage.table.submitTransaction(actions);
    return true;
  } catch (error) {
    if (isConflict(error) || isAbsent(error)) return false;
    throw error;
  }
}

export interface Found {
  /** Absent: never seen, or gone. */
  readonly stored?: Stored;
  /** For replacing what stands there, also a state that is gone. */
  readonly etag?: string;
}

export async function findState(storage: Storage, deploymentKey: string): Promise<Found> {
  try {
    const entity = await storage.table.getEntity(deploymentPartition(deploymentKey), stateRow);
    const etag = entity.etag;
    if (entity.gone === true) return { etag };
    return { stored: { state: unpack(entity) as DeploymentState, etag }, etag };
  } catch (error) {
    if (isAbsent(error)) return {};
    throw error;
  }
}

/** Every deployment that is known and not gone, in no order. */
export async function* allStates(storage: Storage): AsyncGenerator<Stored> {
  const filter = `RowKey eq '${stateRow}' and gone eq false`;
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) {
    yield { state: unpack(entity) as DeploymentState, etag: String(entity.etag) };
  }
}

/** The youngest first. */
export async function* historyOfDeployment(storage: Storage, deploymentKey: string): AsyncGenerator<HistoryEntry> {
  const partition = deploymentPartition(deploymentKey);
  const filter = `PartitionKey eq '${partition}' and RowKey ge '${historyPrefix}' and RowKey lt '${endOfPrefix(historyPrefix)}'`;
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) {
    yield unpack(entity) as HistoryEntry;
  }
}

/** Of all deployments, in no order. */
export async function* historySince(storage: Storage, since: Date): AsyncGenerator<HistoryEntry> {
  const rows = `RowKey ge '${historyPrefix}' and RowKey lt '${endOfPrefix(historyPrefix)}'`;
  const filter = `${rows} and at ge datetime'${since.toISOString()}'`;
  for await (const entity of storage.table.listEntities({ queryOptions: { filter } })) {
    yield unpack(entity) as HistoryEntry;
  }
}

/** Deletes what is older; @returns how many lines */
export async function forgetHistory(storage: Storage, before: Date): Promise<number> {
  const rows = `RowKey ge '${historyPrefix}' and RowKey lt '${endOfPrefix(historyPrefix)}'`;
  const filter = `${rows} and at lt datetime'${before.toISOString()}'`;
  let forgotten = 0;
  const select = ['partitionKey', 'rowKey'];
  for await (const { partitionKey, rowKey } of storage.table.listEntities({ queryOptions: { filter, select } })) {
    try {
      await storage.table.deleteEntity(String(partitionKey), String(rowKey));
      forgotten++;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return forgotten;
}
