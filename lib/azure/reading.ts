/**
 * One reading of Azure: every resource and every list once, whoever asks for it, and the keys of all that was asked for. What follows
 * from what is decided elsewhere (closure.ts).
 */
import { idKey } from '../network/model.ts';
import { adminRulesKey, readAdminRules } from './admin-rules.ts';
import { type Fields, propertiesOf } from './documents/fields.ts';
import { LearnedRoutesReading } from './learned-routes.ts';
import { networkStatusKey, readNetworkStatus } from './network-status.ts';
import { type OutboundOptions, outboundDependenciesKey, readOutboundDependencies } from './outbound-dependencies.ts';
import { type Answer, listKey, type ResourceSource } from './source.ts';

export interface ReadingOptions {
  /** Awaited before a key is asked for. */
  readonly onRead?: (key: string) => Promise<void>;
  /** Absent: the dependencies that Azure lists are not read. */
  readonly outbound?: OutboundOptions;
  /** Whether security admin rules are read. */
  readonly adminRules?: boolean;
}

/** States in which nothing is under way. */
const settled = new Set(['succeeded', 'failed', 'canceled', '']);

/** One reading: every resource once, whoever asks for it. */
export class Reading {
  readonly resources: Fields[] = [];
  /** What is no resource. */
  readonly views: unknown[] = [];
  readonly keys = new Set<string>();
  readonly updating = new Set<string>();
  readonly unreadable: { id: string; reason: string }[] = [];
  /** Why firewalls may be there that were not seen. */
  unreadFirewalls: string | undefined;
  isObservationPassing = false;
  areAdminRulesPassing = false;
  readonly learned: LearnedRoutesReading;
  private readonly source: ResourceSource;
  private readonly onRead: (key: string) => Promise<void>;
  private readonly outbound: OutboundOptions | undefined;
  private readonly wantsAdminRules: boolean;
  private readonly got = new Map<string, Promise<Answer>>();
  private readonly listed = new Map<string, Promise<readonly Fields[] | undefined>>();

  constructor(source: ResourceSource, { onRead = async () => {}, outbound, adminRules = false }: ReadingOptions) {
    this.source = source;
    this.onRead = onRead;
    this.outbound = outbound;
    this.wantsAdminRules = adminRules;
    this.learned = new LearnedRoutesReading({
      ...source,
      get: (id) => this.find(id),
      note: (key) => this.note(key),
    });
  }

  private async find(id: string): Promise<Fields | undefined> {
    const answer = await this.get(id);
    return answer.kind === 'found' ? answer.resource : undefined;
  }

  private async note(key: string): Promise<void> {
    this.keys.add(key);
    await this.onRead(key);
  }

  private take(resource: Fields): void {
    this.resources.push(resource);
    const { id } = resource;
    const properties = propertiesOf(resource);
    const states = [properties.provisioningState, properties.targetProvisioningState];
    const isSettled = states.every((state) => typeof state !== 'string' || settled.has(state.toLowerCase()));
    if (!isSettled && typeof id === 'string') this.updating.add(id);
  }

  /** Reads a resource, once. */
  get(id: string): Promise<Answer> {
    const key = idKey(id);
    let answer = this.got.get(key);
    if (!answer) {
      answer = this.read(id);
      this.got.set(key, answer);
    }
    return answer;
  }

  private async read(id: string): Promise<Answer> {
    await this.note(idKey(id));
    const answer = await this.source.get(id);
    if (answer.kind === 'found') this.take(answer.resource);
    if (answer.kind === 'unreadable') this.unreadable.push({ id, reason: answer.reason });
    return answer;
  }

  /** Reads a list, once; `undefined` where it could not be read. */
  list(scope: string, type: string): Promise<readonly Fields[] | undefined> {
    const key = listKey(scope, type);
    let answer = this.listed.get(key);
    if (!answer) {
      answer = this.readList(key, scope, type);
      this.listed.set(key, answer);
    }
    return answer;
  }

  private async readList(key: string, scope: string, type: string): Promise<readonly Fields[] | undefined> {
    await this.note(key);
    const answer = await this.source.list(scope, type);
    if (answer.kind === 'found') return answer.resources;
    this.unreadable.push({ id: key, reason: answer.reason });
    return undefined;
  }

  /** What the service itself observes, where there is somebody to ask. */
  async observe(service: Fields, region: string | undefined): Promise<void> {
    const { view } = this.source;
    if (!view || typeof service.id !== 'string') return;
    const { entries, unreadable, isPassing } = await readNetworkStatus(view, service, region);
    // Its key is in the read set like any other, but no event names it: the sweep reads it again.
    if (entries.length > 0) this.keys.add(networkStatusKey(service.id));
    this.views.push(...entries);
    this.unreadable.push(...unreadable);
    this.isObservationPassing = isPassing;
  }

  /** What Azure lists as its dependencies, where that is wanted. */
  async listDependencies(service: Fields): Promise<void> {
    const { view } = this.source;
    if (!view || !this.outbound || typeof service.id !== 'string') return;
    const { entries, refused } = await readOutboundDependencies(view, [service], this.outbound);
    if (entries.length > 0) this.keys.add(outboundDependenciesKey(service.id));
    this.views.push(...entries);
    this.unreadable.push(...refused);
  }

  /** The security admin rules of a network, where they are wanted. */
  async readAdminRules(networkId: string): Promise<void> {
    const { action } = this.source;
    if (!action || !this.wantsAdminRules || this.keys.has(adminRulesKey(networkId))) return;
    await this.note(adminRulesKey(networkId));
    const { entry, isPassing } = await readAdminRules(action, networkId);
    this.views.push(entry);
    this.areAdminRulesPassing ||= isPassing;
  }

  /** Takes one resource of a list that was read: the list's key stands for it in the read set. */
  adopt(resource: Fields): void {
    if (typeof resource.id !== 'string') return;
    const key = idKey(resource.id);
    if (this.got.has(key)) return;
    this.got.set(key, Promise.resolve({ kind: 'found', resource }));
    this.take(resource);
  }
}
