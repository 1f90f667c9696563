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

/** The subscription and the resource group that an id stands in, in lower case. */
function scopesOf(key: string): { readonly subscription: string | undefined; readonly group: string | undefined } {
  const [group, subscription] = /^(\/subscriptions\/[^/]+)(?:\/resourcegroups\/[^/]+)?/.exec(key) ?? [];
  return { subscription, group: group === subscription ? undefined : group };
}

function keyOf(resource: Resource): string {
  return String(resource.id).toLowerCase();
}

function childrenIn(parent: Resource, property: string): Resource[] {
  const children = isRecord(parent.properties) ? parent.properties[property] : undefined;
  return Array.isArray(children) ? children.filter(isRecord) : [];
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
  /** Subscriptions and groups: they stay when they are empty. */
  private readonly scopes = new Set<string>();
  /** Told of each change, after it. */
  readonly listeners = new Set<() => void>();

  /** @param updatingMs how long a changed resource stays `Updating` */
  constructor(resources: Iterable<Resource>, updatingMs = 0) {
    this.updatingMs = updatingMs;
    for (const resource of resources) this.load(structuredClone(resource));
  }

  private load(resource: Resource): void {
    const id = parseResourceId(String(resource.id));
    if (!id) return;
    // Exports of Resource Graph have types in lower case; Resource Manager spells them as the id does.
    resource.type = id.type;
    this.resources.set(id.key, resource);
    this.remember(id.key);
    for (const each of this.inlineOf(id, resource)) each.child.id ??= each.id;
  }

  private remember(key: string): void {
    const { subscription, group } = scopesOf(key);
    if (subscription !== undefined) this.scopes.add(subscription);
    if (group !== undefined) this.scopes.add(group);
  }

  /** What is missing of the place that a path is in; nothing, if both are there. */
  missingScope(path: string): 'subscription' | 'resourceGroup' | undefined {
    const { subscription, group } = scopesOf(path.toLowerCase());
    if (subscription !== undefined && !this.scopes.has(subscription)) return 'subscription';
    return group !== undefined && !this.scopes.has(group) ? 'resourceGroup' : undefined;
  }

  subscriptions(): string[] {
    return [...this.scopes].flatMap((scope) => /^\/subscriptions\/([^/]+)$/.exec(scope)?.[1] ?? []).sort();
  }

  private inlineOf(id: ResourceId, resource: Resource): { readonly child: Resource; readonly id: string }[] {
    return Object.values(inlineChildren[id.type.toLowerCase()] ?? {}).flatMap((property) => {
      const children = propertiesOf(resource)[property];
      if (!Array.isArray(children)) return [];
      return children.filter(isRecord).map((child) => ({ child, id: `${id.id}/${property}/${String(child.name)}` }));
    });
  }

  /** A snapshot of all top-level resources and stand-alone children, in the order of their ids. */
  all(): Resource[] {
    return [...this.resources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => structuredClone(resource));
  }

  /** Where an inline child stands, or would stand. */
  private placeOf(id: ResourceId): { readonly parent: Resource; readonly property: string } | undefined {
    const property = inlineProperty(id);
    const parent = id.parent === undefined ? undefined : this.resources.get(id.parent.toLowerCase());
    return property !== undefined && parent ? { parent, property } : undefined;
  }

  get(id: ResourceId): Resource | undefined {
    const place = this.placeOf(id);
    const found =
      this.resources.get(id.key) ??
      (place && childrenIn(place.parent, place.property).find((child) => keyOf(child) === id.key));
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
        return structuredClone(holder ? childrenIn(holder, property) : []);
      }
    }
    const found = [...this.resources].filter(
      ([key]) => key.startsWith(prefix) && parseResourceId(key)?.type.toLowerCase() === wanted,
    );
    return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => structuredClone(resource));
  }

  /**
   * Replaces: what the body leaves out is gone, children that stand inline included. It founds the group that it is in, which the
   * real one wants to be there before.
   */
  put(id: ResourceId, body: Resource): Changed {
    const resource: Resource = { ...structuredClone(body), id: id.id, name: id.name, type: id.type };
    if (inlineProperty(id) !== undefined) return this.putInline(id, resource);
    if (id.parent !== undefined && !this.resources.has(id.parent.toLowerCase())) return 'noParent';
    const before = this.resources.get(id.key);
    // An id keeps the spelling that it was created with.
    if (before) Object.assign(resource, { id: before.id, name: before.name, type: before.type });
    for (const { child, id: childId } of this.inlineOf(id, resource)) {
      // Whatever the body says: what was copied from another parent is this one's now.
      child.id = childId;
      this.stamp(child);
    }
    this.resources.set(id.key, resource);
    this.remember(id.key);
    this.stamp(resource);
    return before ? 'replaced' : 'created';
  }

  private putInline(id: ResourceId, resource: Resource): Changed {
    const place = this.placeOf(id);
    if (!place) return 'noParent';
    const children = childrenIn(place.parent, place.property);
    const index = children.findIndex((child) => keyOf(child) === id.key);
    const before = children[index];
    const after = before ? { ...resource, id: before.id, name: before.name } : resource;
    propertiesOf(place.parent)[place.property] = before ? children.with(index, after) : [...children, after];
    this.stamp(after);
    this.stamp(place.parent);
    return before ? 'replaced' : 'created';
  }

  /** Of the network only tags are changed by PATCH; of API Management whatever is sent, property by property. */
  patch(id: ResourceId, body: Resource): Changed {
    const found = this.resources.get(id.key);
    if (!found) return 'absent';
    const { id: _id, name: _name, type: _type, properties, ...rest } = structuredClone(body);
    if (id.type.toLowerCase() === 'microsoft.apimanagement/service') {
      Object.assign(found, rest);
      if (isRecord(properties)) Object.assign(propertiesOf(found), properties);
    } else if (isRecord(rest.tags)) found.tags = rest.tags;
    this.stamp(found);
    return 'replaced';
  }

  /** With a resource goes what is inside of it. */
  delete(id: ResourceId): Changed {
    if (this.resources.delete(id.key)) {
      for (const key of [...this.resources.keys()]) if (key.startsWith(`${id.key}/`)) this.resources.delete(key);
      this.tell();
      return 'deleted';
    }
    const place = this.placeOf(id);
    if (!place) return 'absent';
    const children = childrenIn(place.parent, place.property);
    const left = children.filter((child) => keyOf(child) !== id.key);
    if (left.length === children.length) return 'absent';
    propertiesOf(place.parent)[place.property] = left;
    this.stamp(place.parent);
    return 'deleted';
  }

  /** A new ETag, and `Updating` for a while. */
  private stamp(resource: Resource): void {
    const properties = propertiesOf(resource);
    const etag = `W/"${randomUUID()}"`;
    resource.etag = etag;
    properties.provisioningState = this.updatingMs > 0 ? 'Updating' : 'Succeeded';
    if (this.updatingMs > 0) {
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        if (resource.etag !== etag) return;
        propertiesOf(resource).provisioningState = 'Succeeded';
        this.tell();
      }, this.updatingMs);
      this.timers.add(timer);
    }
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }
}
