/**
 * Copies of what many deployments share (firewalls, policies, rule collection groups, IP groups, learned routes), kept in the memory of one worker
 * for a while. A copy is used only where nothing can have gone unseen: it is young, it is not older than what the stored verdict
 * rests on, and no event has named it since. What is a deployment's own is always read.
 */
import type { Clock } from '../../clock.ts';
import { idKey } from '../../network/model.ts';
import type { Fields } from '../documents/fields.ts';
import { type Answer, actionKey, type ListAnswer, listKey, type ResourceSource, type ViewAnswer } from '../source.ts';
import { typeOf } from './api-versions.ts';

interface Copy<T> {
  readonly readAt: number;
  readonly answer: T;
}

type Copied = Answer | ListAnswer | ViewAnswer;

const longestMs = 5 * 60_000;
const mostCopies = 2_000;

/** Types that change what one deployment does, and change most. */
const ownTypes = new Set([
  'microsoft.apimanagement/service',
  'microsoft.network/virtualnetworks',
  'microsoft.network/routetables',
  'microsoft.network/networksecuritygroups',
]);

/** The copies of one worker; the oldest go first. */
export class Copies {
  private readonly answers = new Map<string, Copy<Copied>>();
  private readonly underWay = new Map<string, Copy<Promise<Copied>>>();

  find(key: string, notBefore: number): Copy<Copied> | undefined {
    const copy = this.answers.get(key);
    return copy && copy.readAt >= notBefore ? copy : undefined;
  }

  /** A reading that has begun and is not over: a gateway takes half a minute, and many may want the same. */
  findUnderWay(key: string, notBefore: number): Copy<Promise<Copied>> | undefined {
    const reading = this.underWay.get(key);
    return reading && reading.readAt >= notBefore ? reading : undefined;
  }

  begin(key: string, readAt: number, answer: Promise<Copied>): void {
    const reading = { readAt, answer };
    this.underWay.set(key, reading);
    const end = (): void => {
      if (this.underWay.get(key) === reading) this.underWay.delete(key);
    };
    answer.then(end, end);
  }

  keep(key: string, readAt: number, answer: Copied): void {
    this.answers.delete(key);
    this.answers.set(key, { readAt, answer });
    for (const oldest of this.answers.keys()) {
      if (this.answers.size <= mostCopies) break;
      this.answers.delete(oldest);
    }
  }
}

export interface CopyingSource extends ResourceSource {
  /** Key -> when what was answered had been read, in milliseconds. */
  readonly readAt: ReadonlyMap<string, number>;
}

/** @param notBefore key -> milliseconds: an older copy does not do */
export function withCopies(
  source: ResourceSource,
  copies: Copies,
  clock: Clock,
  notBefore: (key: string) => number,
): CopyingSource {
  const readAt = new Map<string, number>();
  async function answer<T extends Copied>(key: string, isOwn: boolean, read: () => Promise<T>): Promise<T> {
    const now = clock.now().getTime();
    const oldest = Math.max(notBefore(key), now - longestMs);
    const copy = isOwn ? undefined : (copies.find(key, oldest) ?? copies.findUnderWay(key, oldest));
    if (copy) {
      readAt.set(key, copy.readAt);
      return (await copy.answer) as T;
    }
    const reading = read();
    if (!isOwn) copies.begin(key, now, reading);
    const fresh = await reading;
    readAt.set(key, now);
    if (!isOwn && fresh.kind !== 'unreadable') copies.keep(key, now, fresh);
    return fresh;
  }
  const { action, listBeside } = source;
  return {
    ...source,
    readAt,
    ...(action && {
      action: (path: string, parameters?: Fields) =>
        answer(actionKey(path, parameters), false, () => action(path, parameters)),
    }),
    ...(listBeside && {
      listBeside: (scope: string, type: string) => answer(listKey(scope, type), false, () => listBeside(scope, type)),
    }),
    get: (id) => answer(idKey(id), ownTypes.has(typeOf(id).toLowerCase()), () => source.get(id)),
    list: (scope, type) => answer(listKey(scope, type), false, () => source.list(scope, type)),
  };
}
