/** Children that came as resources of their own (routes, rules, peerings, groups), put into their parents. */
import { idKey, type Unresolved } from '../../network/model.ts';
import type { Child } from './estate-builder.ts';
import { nameOfId } from './resource-id.ts';
import { mergeTwins } from './twins.ts';

interface Named {
  readonly name: string;
  readonly id?: string;
  readonly unresolved?: Unresolved;
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
  report: (message: string, id: string) => void,
): void {
  const byParent = new Map<string, Child<T>[]>();
  for (const each of [...children].sort((a, b) => (idKey(a.id) < idKey(b.id) ? -1 : 1))) {
    const key = idKey(each.parent);
    const list = byParent.get(key);
    if (list) list.push(each);
    else byParent.set(key, [each]);
  }
  for (const [key, list] of byParent) {
    const parent = parents.get(key);
    if (!parent) {
      for (const each of list)
        report(`its parent ${nameOfId(each.parent)} is not in the estate: it is not used`, each.id);
      continue;
    }
    const named = new Map(parent[field].map((each) => [each.name.toLowerCase(), each]));
    for (const each of list) {
      const name = each.value.name.toLowerCase();
      const twin = named.get(name);
      const merged = twin
        ? mergeTwins({ ...twin, id: each.id }, { ...each.value, id: each.id }, (message) => report(message, each.id))
        : each.value;
      named.set(name, merged);
    }
    parents.set(key, { ...parent, [field]: [...named.values()] });
  }
}
