/** The one clock that the watcher is given, so that tests can say what time it is. */
export interface Clock {
  readonly now: () => Date;
}

export const systemClock: Clock = { now: () => new Date() };
