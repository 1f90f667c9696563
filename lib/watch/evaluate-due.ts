/**
 * One marked deployment: read from Azure, evaluated, compared, stored with what there is to say, and only then unmarked. A crash
 * at any line leaves the mark and the message; the next one to come does it again.
 */
import { randomUUID } from 'node:crypto';
import { tellEvaluation } from '../alerts/standing.ts';
import { evaluateDeployment } from '../audit/evaluate.ts';
import type { DeploymentReport } from '../audit/report.ts';
import { bundledTagsFor } from '../azure/bundled-service-tags.ts';
import type { Closure } from '../azure/closure.ts';
import { isLearnedKey } from '../azure/learned-routes.ts';
import { LiveReadError } from '../azure/pipeline.ts';
import type { Basis } from '../drift/basis.ts';
import { commitState, findState } from '../drift/deployment-store.ts';
import { isKnownEstate } from '../drift/estate-row.ts';
import type { DriftAlert, Transition } from '../drift/model.ts';
import { outboxRows } from '../drift/outbox.ts';
import { finishPending, markPending, type Pending, postponePending, takePending } from '../drift/pending.ts';
import type { EvaluateMessage } from '../drift/queues.ts';
import { addReads, removeReads } from '../drift/read-index.ts';
import { deploymentPartition } from '../drift/row-keys.ts';
import type { DeploymentState, Stored } from '../drift/state.ts';
import { type Comparison, compare, endAll, factsOf, type Moment, statusesOf } from '../drift/transitions.ts';
import { keysOf } from '../events/keys.ts';
import { observedConnectivity } from '../requirements/observed-connectivity.ts';
import { deploymentsOf } from '../requirements/situation.ts';
import { basisOf } from './basis.ts';
import { partsOf as alertParts, queueOutbox } from './deliver-due.ts';
import { readLive, readServices } from './live-reading.ts';
import { partsOf } from './service-key.ts';
import type { Watcher } from './watcher.ts';

export type Evaluated =
  /** Nobody has to look any more: another message did it. */
  | { readonly kind: 'nothingPending' }
  | { readonly kind: 'tooEarly' }
  | { readonly kind: 'discovered'; readonly deployments: readonly string[] }
  | { readonly kind: 'evaluated'; readonly verdict: string; readonly transitions: readonly Transition[] }
  | { readonly kind: 'gone'; readonly transitions: readonly Transition[] }
  /** A change is under way: looked at again later, before anybody is alarmed. */
  | { readonly kind: 'updating'; readonly resources: readonly string[] }
  | { readonly kind: 'postponed'; readonly reason: string };

/** A resource that is still being changed is looked at again after a while that grows, in seconds, ... */
const shortestUpdateLook = 5;
const longestUpdateLook = 60;
/** ... for so long: API Management itself takes 15 to 45 minutes to change its network. */
const longestUpdateMs = 60 * 60_000;
/** Waits after tries that could not read Azure, in seconds. */
const retrySeconds = [2, 10, 30, 60, 120, 300, 600, 900];
/** Seconds after which alerts that somebody else has written are looked for again. */
const outboxLookSeconds = 4;
const mostRaces = 5;
/** So often a network status is asked for again before its absence is news. */
const patientLooks = 5;

/** That something beside could not be had this once is all that there is to say, or makes it doubtful. */
function isLostSight({ isObservationPassing, isLearningPassing }: Closure, { transitions }: Comparison): boolean {
  if (isLearningPassing && transitions.some(({ kind }) => kind !== 'resolved')) return true;
  return isObservationPassing && transitions.length > 0 && transitions.every(isAboutObservation);
}

function isAboutObservation({ requirement }: Transition): boolean {
  return requirement === observedConnectivity.id;
}

function momentOf({ clock }: Watcher, { causes }: Pending, basis?: Basis): Moment {
  return { now: clock.now(), newId: randomUUID, causes, ...(basis && { basis }) };
}

/**
 * How young the copy of a key must be, in milliseconds: what an event named is read after that event, and nothing is older than
 * what the stored verdict rests on, so that an evaluation never goes back. Where events were not noted one by one, or a sweep saw
 * a difference that no event told, everything is read anew; but of learned routes, which no event tells and a gateway takes long to
 * list, an answer given since then does for all who share it.
 */
function youngerThan(state: DeploymentState | undefined, pending: Pending, startedAt: Date): (key: string) => number {
  const markedAt = Date.parse(pending.markedAt);
  if (pending.more > 0) return (key) => (isLearnedKey(key) ? markedAt : startedAt.getTime());
  const named = new Set(pending.causes.flatMap(({ resourceId }) => keysOf(resourceId)));
  return (key) => Math.max(state?.readAt[key] ?? 0, named.has(key) ? markedAt : 0);
}

async function discover(watcher: Watcher, pending: Pending): Promise<Evaluated> {
  const { storage, queues, clock } = watcher;
  const { service } = partsOf(pending.deployment);
  const found = (await readServices(watcher, service)).flatMap(deploymentsOf).map(({ key }) => key);
  for (const key of found) await markPending(storage, queues, clock, key, pending.causes, 0);
  await finishPending(storage, pending);
  return { kind: 'discovered', deployments: found };
}

/** Takes one message of the queue. @throws what storage refuses: the queue tries again */
export async function evaluateDue(watcher: Watcher, message: EvaluateMessage): Promise<Evaluated> {
  const taken = await takePending(watcher.storage, watcher.clock, message.deployment);
  if (taken.kind === 'early') {
    // Not dropped: whether the mark's own message is on its way, nobody knows for sure.
    await watcher.queues.evaluate(message, taken.seconds);
    return { kind: 'tooEarly' };
  }
  if (taken.kind === 'none') {
    // The work was done; what it had to say may still wait for its message.
    await queueOutbox(watcher, deploymentPartition(message.deployment));
    return { kind: 'nothingPending' };
  }
  const { pending } = taken;
  try {
    if (partsOf(message.deployment).region === undefined) return await discover(watcher, pending);
    for (let race = 0; race < mostRaces; race++) {
      const outcome = await evaluateOnce(watcher, pending);
      if (outcome) return outcome;
    }
    throw new Error('other evaluations of the same deployment were faster, again and again');
  } catch (error) {
    if (error instanceof LiveReadError) return await postpone(watcher, pending, error.message);
    throw error;
  }
}

/** @returns `undefined` where somebody else stored a state meanwhile: start over */
async function evaluateOnce(watcher: Watcher, pending: Pending): Promise<Evaluated | undefined> {
  const { clock, settings, storage } = watcher;
  const startedAt = clock.now();
  const { stored, etag } = await findState(storage, pending.deployment);
  const known = new Set(stored?.state.readSet);
  const closure = await readLive(watcher, partsOf(pending.deployment), {
    notBefore: youngerThan(stored?.state, pending, startedAt),
    onRead: async (key) => {
      if (!known.has(key)) await addReads(storage, pending.deployment, [key]);
    },
  });
  const deployment = closure.estate.services.flatMap(deploymentsOf).find(({ key }) => key === pending.deployment);
  if (!deployment && closure.service !== 'unreadable') return endDeployment(watcher, pending, stored, etag, closure);
  if (!deployment) {
    const reason = closure.unreadable.map(({ reason }) => reason).join('; ');
    throw new LiveReadError(reason === '' ? 'the service could not be read' : reason);
  }
  const now = clock.now();
  const report = evaluateDeployment(deployment, closure.estate, {
    tagsFor: bundledTagsFor,
    policy: settings.policy,
    now,
  });
  const basis = basisOf(report, settings.policy, bundledTagsFor(report.region));
  const comparison = compare(stored?.state, report, momentOf(watcher, pending, basis));
  const alarms = comparison.transitions.some(({ kind }) => kind !== 'resolved');
  const waited = now.getTime() - Date.parse(pending.since);
  if (alarms && closure.updating.length > 0 && waited < longestUpdateMs) {
    const delay = Math.min(Math.max(waited / 2000, shortestUpdateLook), longestUpdateLook);
    await postponePending(storage, watcher.queues, clock, pending, delay, 0);
    return { kind: 'updating', resources: closure.updating };
  }
  if (isLostSight(closure, comparison) && pending.attempts < patientLooks) {
    const delay = retrySeconds[pending.attempts] ?? 0;
    await postponePending(storage, watcher.queues, clock, pending, delay, pending.attempts + 1);
    return { kind: 'postponed', reason: closure.unreadable.map(({ reason }) => reason).join('; ') };
  }
  // What an estate has when it is first seen is told once, as a whole, by the sweep that sees it.
  const isFirstSight = !stored && !(await isKnownEstate(storage));
  const transitions = isFirstSight ? [] : comparison.transitions;
  const state: DeploymentState = {
    facts: factsOf(report),
    verdict: report.verdict,
    evaluatedAt: now.toISOString(),
    statuses: statusesOf(report),
    open: comparison.open,
    readSet: closure.readSet,
    readAt: Object.fromEntries(closure.readAt),
    basis,
    errors: closure.estate.errors,
  };
  const alert = transitions.length === 0 ? undefined : alertOf(state, transitions, now);
  const record = stored?.state.verdict !== state.verdict || stored.state.unread !== undefined;
  const rows = await store(watcher, { state, replaces: etag, alert, record });
  if (!rows) return undefined;
  await afterwards(watcher, pending, stored, closure, rows);
  await tell(watcher, pending, report, transitions, startedAt);
  return { kind: 'evaluated', verdict: report.verdict, transitions };
}

export function alertOf(state: DeploymentState, transitions: readonly Transition[], now: Date): DriftAlert {
  const { facts: deployment, verdict } = state;
  return { type: 'drift', id: randomUUID(), at: now.toISOString(), deployment, verdict, transitions };
}

interface Change {
  readonly state: DeploymentState;
  readonly replaces: string | undefined;
  readonly alert: DriftAlert | undefined;
  readonly record: boolean;
  readonly gone?: boolean;
}

/**
 * State, history and outbox in one write.
 * @returns the rows of the outbox; `undefined` where somebody else was faster
 */
export async function store(watcher: Watcher, change: Change): Promise<readonly string[] | undefined> {
  const { alert, state, replaces, record, gone } = change;
  const partition = deploymentPartition(state.facts.key);
  const outbox = alert ? outboxRows(partition, alertParts(watcher, alert), watcher.clock.now()) : [];
  const isStored = await commitState(watcher.storage, {
    state,
    outbox,
    record,
    ...(gone !== undefined && { gone }),
    ...(replaces !== undefined && { replaces }),
    ...(alert && { alert }),
  });
  return isStored ? outbox.map(({ rowKey }) => String(rowKey)) : undefined;
}

async function endDeployment(
  watcher: Watcher,
  pending: Pending,
  stored: Stored | undefined,
  etag: string | undefined,
  closure: Closure,
): Promise<Evaluated | undefined> {
  const now = watcher.clock.now();
  const transitions = stored ? endAll(stored.state, momentOf(watcher, pending)) : [];
  let rows: readonly string[] = [];
  if (stored) {
    const { unread: _unread, ...last } = stored.state;
    const state: DeploymentState = { ...last, evaluatedAt: now.toISOString(), open: [], readSet: [], readAt: {} };
    const alert = transitions.length === 0 ? undefined : alertOf(state, transitions, now);
    const written = await store(watcher, { state, replaces: etag, alert, record: true, gone: true });
    if (!written) return undefined;
    rows = written;
  }
  const unread = { ...closure, readSet: [] };
  await removeReads(watcher.storage, pending.deployment, closure.readSet);
  await afterwards(watcher, pending, stored, unread, rows);
  return { kind: 'gone', transitions };
}

/**
 * Keys that woke the deployment although it reads none of them any more: rows that an evaluation left behind which did not get to its
 * end. Of an event that rightly woke it at least one key is in the state's read set, and its others have no row.
 */
function strayKeys({ causes }: Pending, readSet: ReadonlySet<string>): readonly string[] {
  return causes
    .map(({ resourceId }) => keysOf(resourceId))
    .filter((keys) => !keys.some((key) => readSet.has(key)))
    .flat();
}

/** What follows once the state stands. */
async function afterwards(
  watcher: Watcher,
  pending: Pending,
  stored: Stored | undefined,
  { readSet }: Pick<Closure, 'readSet'>,
  rows: readonly string[],
): Promise<void> {
  const { storage, queues, clock } = watcher;
  const left = await queueOutbox(watcher, deploymentPartition(pending.deployment), rows);
  const read = new Set(readSet);
  const unneeded = [...(stored?.state.readSet ?? []), ...strayKeys(pending, read)].filter((key) => !read.has(key));
  if (unneeded.length > 0) await removeReads(storage, pending.deployment, unneeded);
  // Another evaluation has written them and may have died: the mark stays until their messages are sent.
  if (left > 0) await postponePending(storage, queues, clock, pending, outboxLookSeconds, 0);
  else await finishPending(storage, pending);
}

async function tell(
  { telemetry, clock }: Watcher,
  { causes }: Pending,
  report: DeploymentReport,
  transitions: readonly Transition[],
  startedAt: Date,
): Promise<void> {
  const now = clock.now().getTime();
  const times = causes.map(({ time }) => Date.parse(time)).filter(Number.isFinite);
  tellEvaluation(telemetry, report, {
    transitions: transitions.length,
    evaluationMs: now - startedAt.getTime(),
    ...(times.length > 0 && { eventLagSeconds: Math.max((now - Math.min(...times)) / 1000, 0) }),
  });
  await telemetry.flush();
}

/** Azure could not be read: tried again later and later, and after the last time the verdict is unknown. */
async function postpone(watcher: Watcher, pending: Pending, reason: string): Promise<Evaluated> {
  const { storage, queues, clock } = watcher;
  const delay = retrySeconds[pending.attempts];
  if (delay !== undefined) {
    await postponePending(storage, queues, clock, pending, delay, pending.attempts + 1);
    return { kind: 'postponed', reason };
  }
  await markUnread(watcher, pending.deployment, reason);
  await finishPending(storage, pending);
  return { kind: 'postponed', reason };
}

/** The verdict is unknown from now on; what was open stays open. The sweep goes on trying. */
export async function markUnread(watcher: Watcher, deployment: string, reason: string): Promise<void> {
  const { storage, clock } = watcher;
  for (let race = 0; race < mostRaces; race++) {
    const { stored } = await findState(storage, deployment);
    if (!stored) return;
    const since = stored.state.unread?.since ?? clock.now().toISOString();
    const state: DeploymentState = { ...stored.state, verdict: 'unknown', unread: { since, reason } };
    if (await store(watcher, { state, replaces: stored.etag, alert: undefined, record: true })) return;
  }
}
