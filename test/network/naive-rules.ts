/**
 * What a rule says of one packet, read straight from its texts: the plain counterpart that the set arithmetic is
 * compared with. Knows nothing of interval sets; `undefined` is "not seen", and every way it may turn out is tried.
 */

export type Seen = boolean | undefined;
export type Access = 'Allow' | 'Deny';

export function all(...answers: readonly Seen[]): Seen {
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

export function any(...answers: readonly Seen[]): Seen {
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}

function toNumber(dotted: string): number {
  return dotted.split('.').reduce((total, part) => total * 256 + Number(part), 0);
}

/** First and last address of `a.b.c.d/n`, of one address, or of `a-b`. */
export function ends(text: string): readonly [number, number] {
  if (text.includes('-')) {
    const [from = '', to = ''] = text.split('-');
    return [toNumber(from), toNumber(to)];
  }
  const [address = '', length = '32'] = text.split('/');
  const size = 2 ** (32 - Number(length));
  const start = Math.floor(toNumber(address) / size) * size;
  return [start, start + size - 1];
}

/** Name in lower case -> prefixes. */
export type NaiveTags = ReadonlyMap<string, readonly (readonly [number, number])[]>;

function isWithin(address: number, ranges: readonly (readonly [number, number])[]): boolean {
  return ranges.some(([first, last]) => address >= first && address <= last);
}

const literal = /^\d+\.\d+\.\d+\.\d+(\/([12]?\d|3[012])|-\d+\.\d+\.\d+\.\d+)?$/;

export function holds(entries: readonly string[], address: number, tags: NaiveTags): Seen {
  if (entries.length === 0) return undefined;
  return any(
    ...entries.map((entry): Seen => {
      if (entry === '*') return true;
      if (entry.includes(':')) return false;
      if (literal.test(entry)) return isWithin(address, [ends(entry)]);
      const tag = tags.get(entry.toLowerCase());
      return tag ? isWithin(address, tag) : undefined;
    }),
  );
}

/** One entry that Azure does not accept spoils the whole list. */
export function holdsPort(entries: readonly string[], port: number): Seen {
  const bad = entries.some(
    (entry) => !/^(\*|\d+|\d+-\d+)$/.test(entry) || entry.split('-').some((end) => Number(end) > 65535),
  );
  if (bad) return undefined;
  return entries.some((entry) => {
    if (entry === '*') return true;
    const [from = '', to = from] = entry.split('-');
    return port >= Number(from) && port <= Number(to);
  });
}

/** A rule as one packet meets it. */
export interface Met {
  readonly matches: Seen;
  readonly access: Access | undefined;
  /** All the places where it may stand; lower is earlier. */
  readonly places: readonly number[];
}

interface Fixed {
  readonly access: Access;
  readonly place: number;
}

/** Every answer that first match may give; no match denies. Rules in one place are tried in either order. */
export function outcomes(rules: readonly Met[]): ReadonlySet<Access> {
  const found = new Set<Access>();
  const relevant = rules.filter((rule) => rule.matches !== false);
  const choose = (index: number, best: readonly Fixed[]): void => {
    if (found.size === 2) return;
    const rule = relevant[index];
    if (!rule) {
      const first = Math.min(...best.map((each) => each.place));
      const winners = best.filter((each) => each.place === first);
      for (const winner of winners) found.add(winner.access);
      if (winners.length === 0) found.add('Deny');
      return;
    }
    if (rule.matches === undefined) choose(index + 1, best);
    for (const access of rule.access ? [rule.access] : (['Allow', 'Deny'] as const)) {
      for (const place of rule.places) choose(index + 1, [...best, { access, place }]);
    }
  };
  choose(0, []);
  return found;
}

/** First, last, one before, one after: where a mistake would show. */
export function around(ranges: readonly (readonly [number, number])[], most: number): number[] {
  const points = ranges.flatMap(([first, last]) => [first - 1, first, last, last + 1]);
  return [...new Set(points)].filter((point) => point >= 0 && point <= most).sort((a, b) => a - b);
}

export function portEnds(entries: readonly string[]): (readonly [number, number])[] {
  return entries
    .filter((entry) => /^\d+(-\d+)?$/.test(entry))
    .map((entry) => {
      const [from = '', to = from] = entry.split('-');
      return [Number(from), Number(to)];
    });
}
