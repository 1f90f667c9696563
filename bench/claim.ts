/** What a measured claim is: a bar, what was measured, and whether it holds. Ratios count, not times of one machine. */
export interface Result {
  readonly claim: string;
  readonly bar: string;
  readonly measured: string;
  readonly holds: boolean;
}

export interface Claim {
  readonly name: string;
  readonly run: () => Promise<readonly Result[]> | readonly Result[];
}

/** Median time of one call in milliseconds; the first calls warm up and are not counted. */
export function median(run: () => unknown, times = 31, warmUp = 10): number {
  for (let i = 0; i < warmUp; i++) run();
  const measured: number[] = [];
  for (let i = 0; i < times; i++) {
    const start = performance.now();
    run();
    measured.push(performance.now() - start);
  }
  return middle(measured);
}

export function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

/** Stops a bench whose contenders disagree: a fast wrong answer is no claim. */
export function agree(what: string, ...answers: readonly unknown[]): void {
  if (new Set(answers).size !== 1) throw new Error(`${what}: the answers differ: ${answers.join(', ')}`);
}

export function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio).toLocaleString('en-US')} x`;
}

/** The same shuffle each time (Numerical Recipes' generator). */
export function shuffled<T>(list: readonly T[], seed: number): T[] {
  const copy = [...list];
  let state = seed;
  for (let i = copy.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
  }
  return copy;
}
