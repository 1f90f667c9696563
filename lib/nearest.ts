/** For telling a typo from a name: which of the known names was most likely meant. No I/O. */

/** Longer texts are no typo of anything. */
const longest = 100;

/** Changes of one character that lead from one text to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, character] of [...from].entries()) {
    const next = [index + 1];
    for (let at = 1; at <= to.length; at++) {
      const changed = (row[at - 1] ?? 0) + (to[at - 1] === character ? 0 : 1);
      next.push(Math.min(changed, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** Compared without case; `undefined` where all are far off. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, longest).toLowerCase();
  const [best] = known
    .map((each) => ({ each, distance: editDistance(wanted, each.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best && best.distance <= Math.max(2, best.each.length / 3) ? best.each : undefined;
}
