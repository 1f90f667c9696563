/**
 * The resources of the simulated Azure, as Resource Manager keeps them: what stands inline in its parent (subnets, routes, rules,
 * peerings) is one thing with it, whichever way it is changed; a PUT replaces, and what it leaves out is gone.
 */
import { randomUUID } from 'node:crypto';
import { parseResourceId, type ResourceId } from './ids.ts';

export type Resource = Record<string, unknown>;

/** Type of a parent -> segment of a child -> the property of the parent that holds the children. */
const inlineChildren: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'microsoft.network/routetables': { routes: 'routes' },
  'microsoft.network/networksecuritygroups': { securityrules: 'securityRules' },
  'microsoft.network/virtualnetworks': {
    subnets: 'subnets',
    virtualnetworkpeerings: 'virtualNetworkPeerings',
  },
};

export function isRecord(value: unknown): value is Resource {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function propertiesOf(resource: Resource): Resource {
  if (!isRecord(resource.properties)) resource.properties = {};
  return resource.properties as Resource;
}

function keyOf(resource: Resource): string {
  return String(resource.id).toLowerCase();
}

/** The property of the parent in which a child stands, if it stands inline. */
function inlineProperty(id: ResourceId): string | undefined {
  const parent = id.parent === undefined ? undefined : parseResourceId(id.parent);
  const segment = id.type.slice(id.type.lastIndexOf('/') + 1).toLowerCase();
  return parent && inlineChildren[parent.type.toLowerCase()]?.[segment];
}

export type Changed = 'created' | 'replaced' | 'deleted' | 'absent' | 'noParent';

export class ResourceStore {
  private readonly resources = new Map<string, Resource>();
  private readonly updatingMs: number;
  private readonly timers = new Set<NodeJS.Timeout>();
  /** When anything changed last. */
  changedAt = 0;

  /** @param updatingMs how long a changed resource stays `Updating` */
  constructor(resources: Iterable<Resource>, updatingMs = 0) {
    this.updatingMs = updatingMs;
    for (const resource of resources) this.load(structuredClone(resource));
  }

  private load(resource: Resource): void {
    const id = parseResourceId(String(resource.id));
    if (!id) return;
    this.resources.set(id.key, resource);
    this.nameChildren(id, resource);
  }

  /** Children in a body may come without an id. */
  private nameChildren(id: ResourceId, resource: Resource): void {
    for (const [segment, property] of Object.entries(inlineChildren[id.type.toLowerCase()] ?? {})) {
      const children = propertiesOf(resource)[property];
      for (const child of Array.isArray(children) ? children.filter(isRecord) : []) {
        const spelled = segment === 'virtualnetworkpeerings' ? 'virtualNetworkPeerings' : property;
        child.id ??= `${id.id}/${spelled}/${String(child.name)}`;
      }
    }
  }

  /** A snapshot of all top-level resources and stand-alone children, in the order of their ids. */
  all(): Resource[] {
    return [...this.resources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => structuredClone(resource));
  }

  private childrenOf(
    id: ResourceId,
  ): { readonly parent: Resource; readonly property: string; readonly list: Resource[] } | undefined {
    const property = inlineProperty(id);
    const parent = id.parent === undefined ? undefined : this.resources.get(id.parent.toLowerCase());
    if (property === undefined || !parent) return undefined;
    const properties = propertiesOf(parent);
    const known = properties[property];
    const list: Resource[] = Array.isArray(known) ? known : [];
    properties[property] = list;
    return { parent, property, list };
  }

  get(id: ResourceId): Resource | undefined {
    const found = this.resources.get(id.key) ?? this.childrenOf(id)?.list.find((child) => keyOf(child) === id.key);
    return found && structuredClone(found);
  }

  /** Resources of a type directly below a subscription, a resource group or a parent. */
  list(scope: string, type: string): Resource[] {
    const wanted = type.toLowerCase();
    const prefix = `${scope.toLowerCase()}/`;
    const parent = parseResourceId(scope);
    if (parent) {
      const property = inlineChildren[parent.type.toLowerCase()]?.[wanted.slice(wanted.lastIndexOf('/') + 1)];
      const holder = this.resources.get(parent.key);
      if (property !== undefined) {
        const list = holder ? propertiesOf(holder)[property] : [];
        return structuredClone(Array.isArray(list) ? list.filter(isRecord) : []);
      }
    }
    const found = [...this.resources].filter(
      ([key]) => key.startsWith(prefix) && parseResourceId(key)?.type.toLowerCase() === wanted,
    );
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => structuredClone(resource));
  }

  put(id: ResourceId, body: Resource): Changed {
    this.changedAt = Date.now();
    const resource: Resource = { ...structuredClone(body), id: id.id, name: id.name, type: id.type };
    this.nameChildren(id, resource);
    this.stamp(resource);
    const inline = inlineProperty(id);
    if (inline === undefined) {
      if (id.parent !== undefined && !this.resources.has(id.parent.toLowerCase())) return 'noParent';
      const before = this.resources.get(id.key);
      // What Azure itself adds and no caller sends stays.
      this.resources.set(id.key, before ? { ...resource, id: before.id, type: before.type ?? id.type } : resource);
      return before ? 'replaced' : 'created';
    }
    const children = this.childrenOf(id);
    if (!children) return 'noParent';
    this.stamp(children.parent);
    const index = children.list.findIndex((child) => keyOf(child) === id.key);
    if (index < 0) children.list.push(resource);
    else children.list[index] = { ...resource, id: children.list[index]?.id ?? id.id };
    return index < 0 ? 'created' : 'replaced';
  }

  /** Merges, as PATCH does for tags and for API Management. */
  patch(id: ResourceId, body: Resource): Changed {
    const found = this.resources.get(id.key);
    if (!found) return 'absent';
    this.changedAt = Date.now();
    const properties = {
      ...propertiesOf(found),
      ...(isRecord(body.properties) ? structuredClone(body.properties) : {}),
    };
    Object.assign(found, structuredClone(body), { id: found.id, name: found.name, type: found.type, properties });
    this.stamp(found);
    return 'replaced';
  }

  delete(id: ResourceId): Changed {
    this.changedAt = Date.now();
    if (this.resources.delete(id.key)) {
      for (const key of [...this.resources.keys()]) if (key.startsWith(`${id.key}/`)) this.resources.delete(key);
      return 'deleted';
    }
    const children = this.childrenOf(id);
    const index = children?.list.findIndex((child) => keyOf(child) === id.key) ?? -1;
    if (!children || index < 0) return 'absent';
    children.list.splice(index, 1);
    this.stamp(children.parent);
    return 'deleted';
  }

  /** A new ETag, and `Updating` for a while. */
  private stamp(resource: Resource): void {
    const properties = propertiesOf(resource);
    const etag = `W/"${randomUUID()}"`;
    resource.etag = etag;
    if (this.updatingMs <= 0) {
      properties.provisioningState = 'Succeeded';
      return;
    }
    properties.provisioningState = 'Updating';
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (resource.etag === etag) propertiesOf(resource).provisioningState = 'Succeeded';
    }, this.updatingMs);
    this.timers.add(timer);
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}
