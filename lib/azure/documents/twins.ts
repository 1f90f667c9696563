/**
 * One resource met more than once: inline in its parent and alone, or in several files. The fullest wins; where two say
 * something and differ, or where the fullest lacks what another says, that field is not known, and the contradiction is
 * reported. The order in which they come does not matter.
 */
import type { Origin, Unresolved } from '../../network/model.ts';
import { isRecord, noProperties, notGiven } from './fields.ts';

interface Twin {
  readonly id?: string;
  readonly origin?: Origin;
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
  'attachedIds',
]);

/** How the model's field is called where it is marked unresolved. */
const azureName: Readonly<Record<string, string>> = {
  routeTableId: 'routeTable',
  networkSecurityGroupId: 'networkSecurityGroup',
  natGatewayId: 'natGateway',
  firewallPolicyId: 'firewallPolicy',
  basePolicyId: 'basePolicy',
  remoteVirtualNetworkId: 'remoteVirtualNetwork',
};

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== notGiven;
}

/** Says nothing against another that describes the resource. */
function isOnlyNamed({ unresolved }: Twin): boolean {
  return unresolved !== undefined && Object.values(unresolved).includes(noProperties);
}

/** How many fields say something; those that say "none" count for less. */
function fullness(resource: object): number {
  let filled = 0;
  for (const [field, value] of Object.entries(resource)) {
    if (incidental.has(field) || !isGiven(value)) continue;
    filled += Array.isArray(value) && value.length === 0 ? 0.01 : 1;
  }
  return filled;
}

/** A text that is equal for equal content: case, the order of lists and of members, ids and states left aside. */
function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.toLowerCase());
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`;
  if (!isRecord(value)) return String(value);
  const members = Object.keys(value)
    .filter((name) => name !== 'origin' && name !== 'provisioningState' && name !== 'id')
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`);
  return `{${members.join()}}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function placeOf({ origin }: Twin): number {
  return (origin?.source ?? 0) * 2 ** 32 + (origin?.line ?? 0);
}

/** What is known of one field of all twins: `undefined` when they agree, else what is the matter. */
function contradiction(field: string, winner: Twin, twins: readonly Twin[]): string | undefined {
  const values = twins.map((twin) => (twin as Readonly<Record<string, unknown>>)[field]).filter(isGiven);
  if (new Set(values.map(canonical)).size > 1) return 'is given twice with different values';
  const isLost = values.length > 0 && !isGiven((winner as Readonly<Record<string, unknown>>)[field]);
  const isEmpty = Array.isArray(values[0]) && values[0].length === 0;
  return isLost && !isEmpty ? 'is given in one place and absent in another, fuller one' : undefined;
}

/**
 * @param all at least one
 * @param report called with a message for each contradicting field
 */
export function mergeTwins<T extends Twin>(all: readonly [T, ...T[]], report: (message: string) => void): T {
  const described = all.filter((twin) => !isOnlyNamed(twin));
  const twins = described.length > 0 ? described : all;
  const ranked = twins
    .map((twin) => ({ twin, fullness: fullness(twin), text: canonical(twin) }))
    .sort(
      (a, b) =>
        b.fullness - a.fullness ||
        compare(a.text, b.text) ||
        compare(b.twin.id ?? '', a.twin.id ?? '') ||
        placeOf(a.twin) - placeOf(b.twin),
    );
  const winner = ranked[0]?.twin ?? all[0];
  if (twins.length === 1) return winner;
  const unresolved: Record<string, string> = {};
  for (const { twin } of ranked.toReversed()) Object.assign(unresolved, twin.unresolved);
  const fields = new Set(ranked.flatMap(({ twin }) => Object.keys(twin)));
  for (const field of fields) {
    if (incidental.has(field)) continue;
    const reason = contradiction(field, winner, twins);
    if (reason === undefined) continue;
    const name = azureName[field] ?? field;
    unresolved[name] = reason;
    report(`${name} ${reason}`);
  }
  return Object.keys(unresolved).length === 0 ? winner : { ...winner, unresolved };
}

/** One spelling of the id that does not depend on which twin came first. */
function spelling(twins: readonly Twin[]): string | undefined {
  return twins
    .flatMap(({ id }) => id ?? [])
    .sort()
    .at(-1);
}

/** Resources by key, with those met more than once merged at the end. */
export class TwinMap<T extends Twin> {
  private readonly first = new Map<string, T>();
  private readonly twins = new Map<string, [T, ...T[]]>();

  put(key: string, resource: T): void {
    const before = this.first.get(key);
    if (before === undefined) {
      this.first.set(key, resource);
      return;
    }
    const list = this.twins.get(key);
    if (list) list.push(resource);
    else this.twins.set(key, [before, resource]);
  }

  /** Leaves the map sorted by key. */
  merged(report: (id: string, message: string) => void): Map<string, T> {
    for (const [key, twins] of this.twins) {
      this.first.set(
        key,
        mergeTwins(twins, (message) => report(spelling(twins) ?? key, message)),
      );
    }
    return new Map([...this.first].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
