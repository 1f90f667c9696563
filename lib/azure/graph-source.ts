/**
 * A snapshot of Resource Graph as a source, so that an estate in memory is read by the same steps as Azure itself. What the
 * snapshot does not hold is absent for it: whoever takes that for the truth has to ask Resource Manager.
 */
import { idKey } from '../network/model.ts';
import { type Fields, isRecord } from './documents/fields.ts';
import { typeOfId } from './documents/resource-id.ts';
import type { Snapshot } from './live.ts';
import { listKey, type ResourceSource } from './source.ts';

const serviceType = 'microsoft.apimanagement/service';

export interface GraphSource extends ResourceSource {
  /** Ids of the API Management services, sorted. */
  readonly services: readonly string[];
}

/** The lists in which a resource stands. */
function listsOf(id: string, type: string): readonly string[] {
  const key = idKey(id);
  const subscription = /^\/subscriptions\/[^/]+/.exec(key)?.[0];
  const segments = type.split('/');
  if (segments.length > 2) return [key.slice(0, key.lastIndexOf('/'))];
  return subscription === undefined ? [] : [listKey(subscription, type)];
}

/** @param beside who is asked for what Resource Graph does not hold */
export function graphSource(
  { resources, name }: Snapshot,
  beside: Pick<ResourceSource, 'view' | 'action' | 'listBeside' | 'getBeside'> = {},
): GraphSource {
  const { view, action, listBeside, getBeside } = beside;
  const byId = new Map<string, Fields>();
  const lists = new Map<string, Fields[]>();
  const services: string[] = [];
  for (const resource of resources) {
    if (!isRecord(resource) || typeof resource.id !== 'string') continue;
    const type = typeOfId(resource.id);
    if (type === undefined) continue;
    byId.set(idKey(resource.id), resource);
    if (type === serviceType) services.push(resource.id);
    for (const key of listsOf(resource.id, type)) {
      const list = lists.get(key);
      if (list) list.push(resource);
      else lists.set(key, [resource]);
    }
  }
  return {
    kind: 'resourceGraph',
    name,
    services: services.sort(),
    get: async (id) => {
      const resource = byId.get(idKey(id));
      return resource ? { kind: 'found', resource } : { kind: 'absent' };
    },
    list: async (scope, type) => ({ kind: 'found', resources: lists.get(listKey(scope, type)) ?? [] }),
    ...(view && { view }),
    ...(action && { action }),
    ...(listBeside && { listBeside }),
    ...(getBeside && { getBeside }),
  };
}
