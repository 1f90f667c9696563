/**
 * Where resources are read from, one at a time: Resource Manager itself, or a snapshot of Resource Graph. Both answer in
 * the raw shape that Azure sends, because typed models drop fields and invent defaults.
 */
import type { Fields } from './documents/fields.ts';

/** One answer to "what is there?". `unreadable` is no absence: what depends on it is unknown. */
export type Answer =
  | { readonly kind: 'found'; readonly resource: Fields }
  | { readonly kind: 'absent' }
  | { readonly kind: 'unreadable'; readonly reason: string };

export type ListAnswer =
  | { readonly kind: 'found'; readonly resources: readonly Fields[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What stands at a path below a resource and is none itself. */
export type ViewAnswer =
  /** `readAt`: by the clock of who answered. */
  | { readonly kind: 'found'; readonly body: unknown; readonly readAt: Date }
  /** `isPassing`: asked again, it may be answered. `isAbsent`: there is nothing at this path, whoever asks. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly isPassing: boolean; readonly isAbsent?: boolean };

/** Never fails: what it tells is beside what a reading needs. */
export type View = (path: string) => Promise<ViewAnswer>;

/** @param parameters the request's body; default: none */
export type Action = (path: string, parameters?: Fields) => Promise<ViewAnswer>;

export interface ResourceSource {
  readonly kind: 'arm' | 'resourceGraph';
  /** The host that is asked. */
  readonly name: string;
  /** One resource with all that stands inline in it. */
  readonly get: (id: string) => Promise<Answer>;
  /**
   * All resources of a type directly below a scope.
   * @param scope id of a subscription (`/subscriptions/<id>`) or of a parent resource
   * @param type below a subscription the whole type (`Microsoft.Network/azureFirewalls`), below a parent the last
   * segment (`ruleCollectionGroups`)
   */
  readonly list: (scope: string, type: string) => Promise<ListAnswer>;
  /** Absent: there is nobody to ask for what is no resource. */
  readonly view?: View;
  /** The same for actions that only tell something and are asked by POST, such as `<gateway>/getLearnedRoutes`. */
  readonly action?: Action;
  /** Lists of what Resource Graph does not hold, from whoever does. */
  readonly listBeside?: ResourceSource['list'];
  /** The same of single resources beyond the scope of what was read. */
  readonly getBeside?: ResourceSource['get'];
}

/** The key under which a list stands in a read set: `<scope>/providers/<type>` below a subscription, `<parent>/<type>` below a parent. */
export function listKey(scope: string, type: string): string {
  return (type.includes('/') ? `${scope}/providers/${type}` : `${scope}/${type}`).toLowerCase();
}

/** The key of what an action answers; what it is asked about is part of it. */
export function actionKey(path: string, parameters?: Fields): string {
  return (parameters === undefined ? path : `${path} ${JSON.stringify(parameters)}`).toLowerCase();
}
