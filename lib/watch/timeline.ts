/**
 * What became of each deployment over the last 90 days, from the history that every change of a verdict writes, and how long repairs
 * took. Before the first line of a deployment nothing is said of it.
 */
import { goneVerdict, type HistoryEntry, historySince } from '../drift/deployment-store.ts';
import type { WatcherStatus } from './status.ts';
import type { Watcher } from './watcher.ts';

export const timelineDays = 90;

const dayMs = 86_400_000;

export interface Span {
  readonly verdict: string;
  /** Milliseconds since 1970, as `until`. */
  readonly from: number;
  readonly until: number;
}

export interface Timeline {
  /** Deployment's key -> its spans, the oldest first; a gap where the deployment was gone. */
  readonly spans: ReadonlyMap<string, readonly Span[]>;
  /** How long each drift stood that was resolved in this time: seconds, ascending. */
  readonly repairSeconds: readonly number[];
  readonly from: number;
  readonly until: number;
}

function spansOf(entries: readonly HistoryEntry[], from: number, until: number): readonly Span[] {
  const spans: Span[] = [];
  for (const [index, { at, verdict }] of entries.entries()) {
    const next = entries[index + 1];
    const start = Math.max(Date.parse(at), from);
    const end = next ? Date.parse(next.at) : until;
    if (end <= start || verdict === goneVerdict) continue;
    const before = spans.at(-1);
    if (before?.verdict === verdict && before.until === start) spans[spans.length - 1] = { ...before, until: end };
    else spans.push({ verdict, from: start, until: end });
  }
  return spans;
}

/** How long each drift stood that was resolved; what ends with its deployment is not repaired. */
function repairsOf({ at, verdict, transitions }: HistoryEntry): readonly number[] {
  if (verdict === goneVerdict) return [];
  const resolved = transitions.filter(({ kind }) => kind === 'resolved');
  return resolved.map(({ since }) => Math.max(0, Math.round((Date.parse(at) - Date.parse(since)) / 1000)));
}

/**
 * Pure: the history in any order.
 * @param known states as they are now: a deployment without a line has been what it is, since every change writes one
 */
export function timelineOf(
  history: readonly HistoryEntry[],
  known: WatcherStatus['deployments'],
  now: number,
): Timeline {
  const from = now - timelineDays * dayMs;
  const sorted = [...history].sort((a, b) => (a.at < b.at ? -1 : 1));
  const byDeployment = new Map<string, HistoryEntry[]>();
  for (const entry of sorted) {
    byDeployment.set(entry.deployment, [...(byDeployment.get(entry.deployment) ?? []), entry]);
  }
  const spans = new Map(
    known.map(({ key, verdict }) => {
      const entries = byDeployment.get(key) ?? [];
      return [key, entries.length === 0 ? [{ verdict, from, until: now }] : spansOf(entries, from, now)] as const;
    }),
  );
  const repairSeconds = sorted.filter(({ at }) => Date.parse(at) >= from).flatMap(repairsOf);
  return { spans, repairSeconds: repairSeconds.sort((a, b) => a - b), from, until: now };
}

/** What the history can be told by: it has a new line only where one of these changed. */
function signatureOf({ deployments }: WatcherStatus): string {
  return deployments
    .map(({ key, verdict, open }) => `${key} ${verdict} ${open.map(({ requirement, since }) => requirement + since)}`)
    .join('\n');
}

/** The page asks every few seconds; the history is read again when something changed, or after a while. */
const keepMs = 60_000;
const kept = new WeakMap<
  Watcher,
  { readonly signature: string; readonly readAt: number; readonly history: HistoryEntry[] }
>();

export async function readTimeline(watcher: Watcher, status: WatcherStatus): Promise<Timeline> {
  const now = watcher.clock.now().getTime();
  const signature = signatureOf(status);
  const before = kept.get(watcher);
  if (before && before.signature === signature && now - before.readAt < keepMs) {
    return timelineOf(before.history, status.deployments, now);
  }
  const history: HistoryEntry[] = [];
  // A line more than is drawn: what a deployment was when the time begins is said by the line before.
  const since = new Date(now - 2 * timelineDays * dayMs);
  for await (const entry of historySince(watcher.storage, since)) history.push(entry);
  kept.set(watcher, { signature, readAt: now, history });
  return timelineOf(history, status.deployments, now);
}
