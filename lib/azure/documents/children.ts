/** Children that came as resources of their own (routes, rules, peerings, groups), put into their parents. */
import { idKey, type Unresolved } from '../../network/model.ts';
import { nameOfId } from './resource-id.ts';
import { mergeTwins } from './twins.ts';

/** A child that came as a resource of its own. */
export interface Child<T> {
  readonly id: string;
  readonly parent: string;
  readonly value: T;
}

interface Named {
  readonly name: string;
  readonly id?: string;
  readonly unresolved?: Unresolved;
}

function byParent<T>(children: readonly Child<T>[]): Map<string, Child<T>[]> {
  const parents = new Map<string, Child<T>[]>();
  for (const each of children) {
    const list = parents.get(idKey(each.parent));
    if (list) list.push(each);
    else parents.set(idKey(each.parent), [each]);
  }
  return parents;
}

/** Adds each child to the list `field` of its parent; one that is listed there already is its twin. */
export function attachChildren<
  F extends string,
  T extends Named,
  P extends { readonly id: string } & { readonly [K in F]: readonly T[] },
>(
  parents: Map<string, P>,
  children: readonly Child<T>[],
  field: F,
  report: (id: string, message: string) => void,
): void {
  for (const [key, list] of byParent(children)) {
    const parent = parents.get(key);
    if (!parent) {
      for (const each of list) {
        report(each.id, `its parent ${nameOfId(each.parent)} is not in the estate: it is not used`);
      }
      continue;
    }
    const alone = new Map<string, [T, ...T[]]>();
    for (const { value } of list) {
      const twins = alone.get(value.name.toLowerCase());
      if (twins) twins.push(value);
      else alone.set(value.name.toLowerCase(), [value]);
    }
    const inline = parent[field].map((each): T => {
      const twins = alone.get(each.name.toLowerCase());
      alone.delete(each.name.toLowerCase());
      return twins ? mergeTwins([each, ...twins], (message) => report(twins[0].id ?? each.name, message)) : each;
    });
    const added = [...alone].sort(([a], [b]) => (a < b ? -1 : 1));
    const rest = added.map(([name, twins]) => mergeTwins(twins, (message) => report(twins[0].id ?? name, message)));
    parents.set(key, { ...parent, [field]: [...inline, ...rest] });
  }
}
