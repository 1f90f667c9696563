/**
 * One resource met twice: inline in its parent and alone, or in two files. The fuller one wins; where both say something
 * and differ, that field is not known, and the contradiction is reported.
 */
import type { Unresolved } from '../../network/model.ts';

interface Twin {
  readonly id: string;
  readonly unresolved?: Unresolved;
}

/** Fields that may differ between two readings without contradicting each other. */
const incidental = new Set([
  'origin',
  'provisioningState',
  'properties',
  'unresolved',
  'id',
  'name',
  'location',
  'subnetIds',
]);

/** How the model's field is called where it is marked unresolved. */
const azureName: Readonly<Record<string, string>> = {
  routeTableId: 'routeTable',
  networkSecurityGroupId: 'networkSecurityGroup',
  natGatewayId: 'natGateway',
};

function isFilled(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function fullness(resource: object): number {
  return Object.values(resource).filter(isFilled).length;
}

/** A text that is equal for equal content: members in the order of their names, ids without case, no line numbers. */
function canonical(value: unknown): string {
  return (
    JSON.stringify(value, (key, each: unknown) => {
      if (key === 'origin' || key === 'provisioningState') return undefined;
      if (typeof each === 'string') return each.startsWith('/subscriptions/') ? each.toLowerCase() : each;
      if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
      return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? ''
  );
}

/** Lists of named things say the same in any order. */
function canonicalField(value: unknown): string {
  return Array.isArray(value) ? JSON.stringify(value.map(canonical).sort()) : canonical(value);
}

/** @param report called with a message for each contradicting field */
export function mergeTwins<T extends Twin>(a: T, b: T, report: (message: string) => void): T {
  const [winner, loser] =
    fullness(b) > fullness(a) || (fullness(b) === fullness(a) && canonical(b) < canonical(a)) ? [b, a] : [a, b];
  const unresolved: Record<string, string> = { ...loser.unresolved, ...winner.unresolved };
  for (const [field, value] of Object.entries(winner)) {
    const other = (loser as Record<string, unknown>)[field];
    if (incidental.has(field) || !isFilled(value) || !isFilled(other)) continue;
    if (canonicalField(value) === canonicalField(other)) continue;
    const name = azureName[field] ?? field;
    unresolved[name] = 'is given twice with different values';
    report(`${name} is given twice with different values`);
  }
  return Object.keys(unresolved).length === 0 ? winner : { ...winner, unresolved };
}
