/**
 * From events to marks: what changed is looked up in the read sets, and each deployment that read it is marked and gets one
 * message. No Azure is read. An event is acknowledged only when its marks stand.
 */

import { heardOf } from '../drift/heard.ts';
import type { Cause } from '../drift/model.ts';
import { markPending } from '../drift/pending.ts';
import { inParallel, readersOf } from '../drift/read-index.ts';
import type { Change } from '../events/change.ts';
import { keysOf, serviceOf } from '../events/keys.ts';
import { MalformedEventError, type Parsed, parseEvents } from '../events/parse.ts';
import { idKey } from '../network/model.ts';
import { everyDeployment } from './service-key.ts';
import type { Watcher } from './watcher.ts';

function causeOf({ eventId, resourceId, operation, time, correlationId, principal }: Change): Cause {
  return {
    eventId,
    resourceId,
    operation,
    time,
    ...(correlationId !== undefined && { correlationId }),
    ...(principal && { principal }),
  };
}

/** What stands inside a service (its APIs, its products) does not move a packet; the service itself does. */
function isContent(change: Change): boolean {
  const service = serviceOf(change.resourceId);
  return service !== undefined && service !== idKey(change.resourceId);
}

/** Keys under which a change may have been read; none for what is inside a service. */
function keysOfChange(change: Change): readonly string[] {
  return isContent(change) ? [] : keysOf(change.resourceId);
}

/** Deployments to look at for one change, known or, for a service, not known yet. */
function concerned(change: Change, readers: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  if (isContent(change)) return new Set();
  const known = keysOfChange(change).flatMap((key) => readers.get(key) ?? []);
  const service = serviceOf(change.resourceId);
  return new Set(service === undefined ? known : [...known, everyDeployment(service)]);
}

export interface EventsOutcome {
  readonly queued: number;
  readonly irrelevant: number;
  readonly ignored: number;
  /** Marks that were set or found. */
  readonly deployments: readonly string[];
}

/**
 * @param body one event or several, of either schema, as an object or as text
 * @throws MalformedEventError for what is no event: nothing of the body is taken then, so that Event Grid keeps all of it
 */
export async function onEvents(watcher: Watcher, body: unknown): Promise<EventsOutcome> {
  const { counters, storage, queues, clock, settings } = watcher;
  const parsed = await parseOrCount(watcher, body);
  const byDeployment = new Map<string, Cause[]>();
  let queued = 0;
  let irrelevant = 0;
  let ignored = 0;
  const changes = parsed.flatMap((each) => (each.kind === 'change' ? [each.change] : []));
  const readers = await readersOf(storage, changes.flatMap(keysOfChange));
  for (const each of parsed) {
    if (each.kind === 'ignored') {
      ignored++;
      counters.add(each.reason === 'ownRead' ? 'ownRead' : 'unknownType');
      continue;
    }
    const heard = heardOf(each.change);
    if (heard) counters.hear(heard);
    const deployments = concerned(each.change, readers);
    if (deployments.size === 0) irrelevant++;
    else queued++;
    for (const deployment of deployments) {
      const causes = byDeployment.get(deployment);
      if (causes) causes.push(causeOf(each.change));
      else byDeployment.set(deployment, [causeOf(each.change)]);
    }
  }
  await inParallel([...byDeployment], ([deployment, causes]) =>
    markPending(storage, queues, clock, deployment, causes, settings.settleSeconds),
  );
  for (let count = 0; count < queued; count++) counters.add('queued');
  for (let count = 0; count < irrelevant; count++) counters.add('irrelevant');
  await counters.save();
  return { queued, irrelevant, ignored, deployments: [...byDeployment.keys()] };
}

async function parseOrCount({ counters }: Watcher, body: unknown): Promise<readonly Parsed[]> {
  try {
    return await parseEvents(body);
  } catch (error) {
    if (error instanceof MalformedEventError) {
      counters.add('malformed');
      void counters.save().catch(() => {});
    }
    throw error;
  }
}
