/** Resource ids as templates make them. */
import { Unresolvable } from './expression.ts';

export interface IdScope {
  readonly subscriptionId: string;
  /** Empty: an id at the level of the subscription. */
  readonly resourceGroup: string;
}

/** `A/b/c` and `x/y` in a scope -> `/subscriptions/s/resourceGroups/g/providers/A/b/x/c/y`. */
export function resourceId(type: string, names: readonly string[], scope: IdScope): string {
  const [provider = '', ...types] = type.split('/');
  if (types.length !== names.length) throw new Unresolvable(`${type} needs ${types.length} names`);
  const tail = types.map((each, index) => `${each}/${names[index]}`).join('/');
  const subscription = scope.subscriptionId === '' ? '' : `/subscriptions/${scope.subscriptionId}`;
  const group = scope.resourceGroup === '' ? '' : `/resourceGroups/${scope.resourceGroup}`;
  return `${subscription}${group}/providers/${provider}/${tail}`;
}

/** The arguments of `resourceId()`: optional subscription and group before the type, names after it. */
export function resourceIdFrom(args: readonly string[], scope: IdScope): string {
  const at = args.findIndex((arg) => arg.includes('/'));
  const type = args[at];
  if (type === undefined) throw new Unresolvable('resourceId: no resource type');
  const before = args.slice(0, at);
  const group = scope.resourceGroup === '' ? '' : (before.at(-1) ?? scope.resourceGroup);
  const subscription =
    before.length > 1 || (scope.resourceGroup === '' && before.length === 1) ? (before[0] ?? '') : scope.subscriptionId;
  return resourceId(
    type,
    args.slice(at + 1).flatMap((name) => name.split('/')),
    { subscriptionId: subscription, resourceGroup: group },
  );
}
