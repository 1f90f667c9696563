/**
 * The resources as Resource Graph shows them: older than the truth by a lag. With no lag it is the truth. It keeps no more of the past
 * than the lag is long.
 */
import type { Resource, ResourceStore } from './store.ts';

/** Changes that follow each other so closely are shown together, with the first of them. */
const burstMs = 50;

export interface LaggingView {
  readonly read: () => readonly Resource[];
  readonly stop: () => void;
}

/** @param now milliseconds */
export function laggingView(store: ResourceStore, lagMs: number, now: () => number = Date.now): LaggingView {
  if (lagMs <= 0) return { read: () => store.all(), stop: () => {} };
  const longest = Math.min(burstMs, lagMs / 2);
  let pictures = [{ at: Number.NEGATIVE_INFINITY, resources: store.all() }];
  const forget = (): void => {
    const shown = pictures.findLastIndex(({ at }) => at <= now() - lagMs);
    pictures = pictures.slice(Math.max(shown, 0));
  };
  const changed = (): void => {
    const last = pictures.at(-1);
    if (last && now() - last.at < longest) last.resources = store.all();
    else pictures.push({ at: now(), resources: store.all() });
    forget();
  };
  store.listeners.add(changed);
  return {
    read: () => {
      forget();
      return pictures[0]?.resources ?? [];
    },
    stop: () => store.listeners.delete(changed),
  };
}
