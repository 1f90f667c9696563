/**
 * The resources as Resource Graph shows them: up to so much older than the truth. With no lag it is the truth. It keeps no more of the
 * past than the lag is long.
 */
import type { Resource, ResourceStore } from './store.ts';

/** Of a burst of changes one picture is taken, so late at most. */
const longestBurstMs = 50;

export interface LaggingView {
  readonly read: () => Resource[];
  readonly stop: () => void;
}

/** @param now milliseconds */
export function laggingView(store: ResourceStore, lagMs: number, now: () => number = Date.now): LaggingView {
  if (lagMs <= 0) return { read: () => store.all(), stop: () => {} };
  let pictures = [{ at: Number.NEGATIVE_INFINITY, resources: store.all() }];
  let timer: NodeJS.Timeout | undefined;
  const take = (): void => {
    timer = undefined;
    pictures.push({ at: now(), resources: store.all() });
    forget();
  };
  const changed = (): void => {
    timer ??= setTimeout(take, Math.min(longestBurstMs, lagMs)).unref();
  };
  const forget = (): void => {
    const shown = pictures.findLastIndex(({ at }) => at <= now() - lagMs);
    pictures = pictures.slice(Math.max(shown, 0));
  };
  store.listeners.add(changed);
  return {
    read: () => {
      forget();
      return structuredClone(pictures[0]?.resources ?? []);
    },
    stop: () => {
      clearTimeout(timer);
      store.listeners.delete(changed);
    },
  };
}
