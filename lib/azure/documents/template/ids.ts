/** Resource ids as templates make them. */
import { Unresolvable } from './expression.ts';
import type { Place } from './place.ts';

/** `A/b/c` and `x/y` in a place -> `/subscriptions/s/resourceGroups/g/providers/A/b/x/c/y`. @throws Unresolvable */
export function resourceId(type: string, names: readonly string[], place: Place): string {
  const [provider = '', ...types] = type.split('/');
  if (types.length !== names.length || types.length === 0) {
    throw new Unresolvable(`${type} needs ${types.length} names, not ${names.length}`);
  }
  const tail = types.map((each, index) => `${each}/${names[index]}`).join('/');
  const subscription = place.subscriptionId === '' ? '' : `/subscriptions/${place.subscriptionId}`;
  const group = place.resourceGroup === '' ? '' : `/resourceGroups/${place.resourceGroup}`;
  return `${subscription}${group}/providers/${provider}/${tail}`;
}

/** The arguments of `resourceId()`: optional subscription and group before the type, names after it. @throws Unresolvable */
export function resourceIdFrom(args: readonly string[], place: Place): string {
  const at = args.findIndex((arg) => arg.includes('/'));
  const type = args[at];
  if (type === undefined) throw new Unresolvable('resourceId: no resource type');
  const names = args.slice(at + 1).flatMap((name) => name.split('/'));
  return resourceId(type, names, placeFrom(args.slice(0, at), place));
}

/** One text is the group, or at the level of a subscription the subscription; two are both. */
function placeFrom(before: readonly string[], place: Place): Place {
  const [first, second] = before;
  if (first === undefined) return place;
  if (second !== undefined) return { subscriptionId: first, resourceGroup: second };
  return place.resourceGroup === '' ? { ...place, subscriptionId: first } : { ...place, resourceGroup: first };
}
