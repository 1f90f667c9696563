/**
 * Everything again, on a timer: what no event told. The estate is read from Resource Graph, which may lag, so the sweep decides
 * nothing: a deployment that looks other than it is remembered is marked, and read fresh like any other. Only the first sight
 * of an estate is taken as it is, with one summary and no alarm for each thing that was always so.
 */
import { randomUUID } from 'node:crypto';
import { tellCounts, tellDeployment, tellOpen, tellSweep } from '../alerts/standing.ts';
import { evaluateDeployment } from '../audit/evaluate.ts';
import type { DeploymentReport } from '../audit/report.ts';
import { bundledTagsFor } from '../azure/bundled-service-tags.ts';
import { type Closure, readClosure } from '../azure/closure.ts';
import { type GraphSource, graphSource } from '../azure/graph-source.ts';
import { allStates, forgetHistory } from '../drift/deployment-store.ts';
import { endFirstSight, isKnownEstate, recordSweep, type Sweep } from '../drift/estate-row.ts';
import type { SummaryAlert } from '../drift/model.ts';
import { outboxRows } from '../drift/outbox.ts';
import { markPending } from '../drift/pending.ts';
import { addReads } from '../drift/read-index.ts';
import { deploymentPartition, estatePartition } from '../drift/row-keys.ts';
import type { DeploymentState, Stored } from '../drift/state.ts';
import { compare, factsOf, remind, statusesOf } from '../drift/transitions.ts';
import { deploymentsOf } from '../requirements/situation.ts';
import { basisOf } from './basis.ts';
import { partsOf, queueOutbox } from './deliver-due.ts';
import { alertOf, store } from './evaluate-due.ts';
import { readObservedScope, wantedOf } from './live-reading.ts';
import { restoreLost } from './restore-lost.ts';
import type { Watcher } from './watcher.ts';

/** Twice what the status page draws: what a deployment was when its picture begins is told by an older line. */
const historyDays = 180;
const dayMs = 24 * 3600 * 1000;
/** So many deployments stand in the summary of the first sight. */
const mostInSummary = 20;

interface Seen {
  readonly report: DeploymentReport;
  readonly closure: Closure;
}

/** Every deployment of the estate, evaluated from the snapshot. */
async function* look(watcher: Watcher, source: GraphSource): AsyncGenerator<Seen> {
  const options = { tagsFor: bundledTagsFor, policy: watcher.settings.policy, now: watcher.clock.now() };
  for (const service of source.services) {
    const whole = await readClosure(source, { service });
    for (const { key, region } of whole.estate.services.flatMap(deploymentsOf)) {
      const closure = await readClosure(source, { service, region }, wantedOf(watcher));
      const deployment = closure.estate.services.flatMap(deploymentsOf).find((each) => each.key === key);
      if (deployment) yield { report: evaluateDeployment(deployment, closure.estate, options), closure };
    }
  }
}

function stateOf(watcher: Watcher, { report, closure }: Seen, open: DeploymentState['open']): DeploymentState {
  const { clock, settings } = watcher;
  return {
    facts: factsOf(report),
    verdict: report.verdict,
    evaluatedAt: clock.now().toISOString(),
    statuses: statusesOf(report),
    open,
    readSet: closure.readSet,
    // What is read next may be older than the snapshot's answer, but not older than what it showed: nothing is demanded.
    readAt: {},
    basis: basisOf(report, settings.policy, bundledTagsFor(report.region)),
    errors: closure.estate.errors,
  };
}

function summaryOf(states: readonly DeploymentState[], now: Date): SummaryAlert {
  const verdicts = { compliant: 0, nonCompliant: 0, unknown: 0, outOfScope: 0 };
  for (const { verdict } of states) verdicts[verdict]++;
  const worst = states
    .map(({ facts, verdict, open }) => ({
      deployment: facts,
      verdict,
      failing: open
        .filter(({ status }) => status === 'fail')
        .map(({ requirement, severity, finding: { message } }) => ({ requirement, severity, message })),
    }))
    .filter(({ failing }) => failing.length > 0)
    .sort((a, b) => b.failing.length - a.failing.length)
    .slice(0, mostInSummary);
  return {
    type: 'summary',
    id: randomUUID(),
    at: now.toISOString(),
    deployments: states.length,
    verdicts,
    worst,
  };
}

/** @returns the keys of all that is there */
async function firstSight(watcher: Watcher, estate: GraphSource): Promise<readonly string[]> {
  const { storage, clock, queues } = watcher;
  const states: DeploymentState[] = [];
  for await (const seen of look(watcher, estate)) {
    const now = clock.now();
    const { open } = compare(undefined, seen.report, { now, newId: randomUUID, causes: [] });
    const state = stateOf(watcher, seen, open);
    await addReads(storage, state.facts.key, state.readSet);
    // One that is there already was stored by an earlier, interrupted first sight, or by an event.
    await store(watcher, { state, replaces: undefined, alert: undefined, record: true });
    states.push(state);
  }
  const now = clock.now();
  const outbox = outboxRows(estatePartition, partsOf(watcher, summaryOf(states, now)), now);
  if (await endFirstSight(storage, now, outbox)) {
    await queueOutbox(
      watcher,
      estatePartition,
      outbox.map(({ rowKey }) => String(rowKey)),
    );
  }
  // What happened between the snapshot and the index was told to nobody: everything is read fresh once.
  for (const { facts } of states) await markPending(storage, queues, clock, facts.key, [], 0);
  return states.map(({ facts }) => facts.key);
}

/** @returns how many deployments were marked */
async function compareAll(watcher: Watcher, estate: GraphSource, known: Map<string, Stored>): Promise<number> {
  const { storage, queues, clock } = watcher;
  const gone = new Set(known.keys());
  let marked = 0;
  const mark = async (key: string): Promise<void> => {
    marked++;
    await markPending(storage, queues, clock, key, [], 0);
  };
  for await (const { report } of look(watcher, estate)) {
    gone.delete(report.key);
    const stored = known.get(report.key);
    const moment = { now: clock.now(), newId: randomUUID, causes: [] };
    const differs =
      !stored ||
      stored.state.unread !== undefined ||
      stored.state.verdict !== report.verdict ||
      compare(stored.state, report, moment).transitions.length > 0;
    if (differs) await mark(report.key);
  }
  for (const key of gone) await mark(key);
  return marked;
}

/** Says again what has stood open for long, and counts what stands. */
async function tellStanding(watcher: Watcher, known: Map<string, Stored>): Promise<void> {
  const { clock, settings, telemetry } = watcher;
  const now = clock.now();
  const dueBefore = new Date(now.getTime() - settings.reminderHours * 3600 * 1000);
  for (const { state, etag } of known.values()) {
    tellDeployment(telemetry, state);
    for (const drift of state.open) tellOpen(telemetry, state.facts, state.verdict, drift);
    const { open, transitions } = remind(state, dueBefore, { now, newId: randomUUID, causes: [] });
    if (transitions.length === 0) continue;
    const next = { ...state, open };
    const alert = alertOf(next, transitions, now);
    // A loser has been evaluated meanwhile: the next sweep reminds of what is left.
    const rows = await store(watcher, { state: next, replaces: etag, alert, record: false });
    if (rows) await queueOutbox(watcher, deploymentPartition(state.facts.key), rows);
  }
  const verdicts = [...known.values()].map(({ state }) => state.verdict);
  tellCounts(telemetry, {
    nonCompliant: verdicts.filter((verdict) => verdict === 'nonCompliant').length,
    unknown: verdicts.filter((verdict) => verdict === 'unknown').length,
  });
}

async function statesByKey({ storage }: Watcher): Promise<Map<string, Stored>> {
  const known = new Map<string, Stored>();
  for await (const stored of allStates(storage)) known.set(stored.state.facts.key, stored);
  return known;
}

/** @throws LiveReadError where Azure cannot be read: nothing is concluded from it then, and the lost is still looked for */
export async function sweep(watcher: Watcher): Promise<Sweep> {
  const { storage, clock, settings, telemetry } = watcher;
  const startedAt = clock.now();
  // First what needs no Azure, so that an outage there does not keep alerts from going out.
  await restoreLost(watcher);
  const reading = await readObservedScope(watcher, settings.scopes);
  const estate = graphSource(reading, reading);
  let deployments: number;
  let queued: number;
  if (await isKnownEstate(storage)) {
    const known = await statesByKey(watcher);
    queued = await compareAll(watcher, estate, known);
    deployments = known.size;
  } else {
    const keys = await firstSight(watcher, estate);
    deployments = keys.length;
    queued = keys.length;
  }
  const known = await statesByKey(watcher);
  await tellStanding(watcher, known);
  await forgetHistory(storage, new Date(startedAt.getTime() - historyDays * dayMs));
  const result: Sweep = {
    startedAt: startedAt.toISOString(),
    finishedAt: clock.now().toISOString(),
    services: estate.services.length,
    deployments,
    queued,
    errors: [...reading.errors],
  };
  await recordSweep(storage, result);
  tellSweep(telemetry, result);
  await telemetry.flush();
  return result;
}
