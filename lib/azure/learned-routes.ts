/**
 * Reads the routes that no route table shows from who has learned them: the gateways and Route Servers of a network and of
 * the peer whose gateway it uses. A network that has none of them costs no request. It never fails: what could not be had is
 * said in the entry that stands for it. No event tells of learned routes, so every sweep reads them again.
 *
 * Actions: `Microsoft.Network/virtualNetworkGateways/read`, `Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action`.
 */
import { idKey } from '../network/model.ts';
import { type Fields, isRecord, own, propertiesOf } from './documents/fields.ts';
import { attachedIds } from './documents/normalise/subnet.ts';
import { injectedPlaces, isService } from './injected.ts';
import type { ResourceSource, ViewAnswer } from './source.ts';

/** Who is asked. `get`: `undefined` for what cannot be had. */
interface Asked extends Pick<ResourceSource, 'view' | 'action'> {
  readonly get: (id: string) => Promise<Fields | undefined>;
}

function recordsOf(fields: Fields, name: string): readonly Fields[] {
  const list = own(fields, name);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

function idOf(fields: Fields, name: string): string | undefined {
  const reference = own(fields, name);
  const id = isRecord(reference) ? own(reference, 'id') : undefined;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

/** Gateways in the subnets that exist to hold them. */
function attachedTo(network: Fields): readonly string[] {
  const subnets = recordsOf(propertiesOf(network), 'subnets');
  return [...new Set(subnets.flatMap((subnet) => attachedIds(propertiesOf(subnet)) ?? []))];
}

/** Ids of the networks whose gateways a network uses. */
function networksInUse(network: Fields): readonly string[] {
  return recordsOf(propertiesOf(network), 'virtualNetworkPeerings')
    .map(propertiesOf)
    .filter((peering) => own(peering, 'useRemoteGateways') === true)
    .flatMap((peering) => idOf(peering, 'remoteVirtualNetwork') ?? []);
}

/** The entry of an answer among the documents of an estate. */
function entryOf(learner: string, id: string, answer: ViewAnswer): Fields {
  if (answer.kind === 'unreadable') return { [learner]: id, notRead: answer.reason };
  return { [learner]: id, ...(isRecord(answer.body) && answer.body) };
}

/** Whether a key of a read set stands for learned routes. */
export function isLearnedKey(key: string): boolean {
  return /\/(?:getlearnedroutes|learnedroutes|effectiveroutes)$/.test(key);
}

/** One reading: whoever is met on several ways is asked once. */
export class LearnedRoutesReading {
  /** What `estateFromResources` takes. */
  readonly entries: Fields[] = [];
  /** Of the read set; no event names them. */
  readonly keys: string[] = [];
  /** What was not had may be there in a minute. */
  isPassing = false;
  private readonly asked: Asked;
  private readonly met = new Map<string, Promise<void>>();

  constructor(asked: Asked) {
    this.asked = asked;
  }

  /** @param network raw, with its subnets and peerings inline */
  async readNetwork(network: Fields): Promise<void> {
    if (!this.asked.action) return;
    const remote = networksInUse(network).map(async (id) => {
      const peer = await this.asked.get(id);
      if (peer) await this.readAttached(peer);
    });
    await Promise.all([this.readAttached(network), ...remote]);
  }

  private async readAttached(network: Fields): Promise<void> {
    await Promise.all(attachedTo(network).map((id) => this.once(id)));
  }

  private once(id: string): Promise<void> {
    const key = idKey(id);
    let reading = this.met.get(key);
    if (!reading) {
      reading = this.readGateway(id);
      this.met.set(key, reading);
    }
    return reading;
  }

  private async readGateway(id: string): Promise<void> {
    const [, answer] = await Promise.all([this.asked.get(id), this.ask(`${id}/getLearnedRoutes`)]);
    if (answer) this.entries.push(entryOf('gateway', id, answer));
  }

  private async ask(path: string): Promise<ViewAnswer | undefined> {
    const answer = await this.asked.action?.(path);
    this.keys.push(idKey(path));
    if (answer?.kind === 'unreadable' && answer.isPassing) this.isPassing = true;
    return answer;
  }
}

/** Whether learned routes can reach a subnet: a table that is known may keep them out. */
export function mayLearn(table: Fields | undefined): boolean {
  return table === undefined || own(propertiesOf(table), 'disableBgpRoutePropagation') !== true;
}

/** Services whose networks are looked at at the same time. */
const atOnce = 8;

/**
 * The same for all services of a snapshot.
 * @param source the snapshot, and whom to ask what it does not hold
 * @param resources raw
 */
export async function readLearnedRoutes(source: ResourceSource, resources: readonly unknown[]): Promise<Fields[]> {
  const get = async (id: string): Promise<Fields | undefined> => {
    const answer = await source.get(id);
    return answer.kind === 'found' ? answer.resource : undefined;
  };
  const reading = new LearnedRoutesReading({ ...source, get });
  const places = resources
    .filter(isRecord)
    .filter(isService)
    .flatMap((service) => injectedPlaces(service, undefined));
  let next = 0;
  const work = async (): Promise<void> => {
    for (let place = places[next++]; place !== undefined; place = places[next++]) {
      const network = await get(place.subnetId.replace(/\/subnets\/[^/]*$/i, ''));
      const subnets = network ? recordsOf(propertiesOf(network), 'subnets') : [];
      const subnet = subnets.find(({ id }) => typeof id === 'string' && idKey(id) === idKey(place.subnetId));
      const tableId = subnet && idOf(propertiesOf(subnet), 'routeTable');
      const table = tableId === undefined ? undefined : await get(tableId);
      if (network && mayLearn(table)) await reading.readNetwork(network);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, places.length) }, work));
  return reading.entries;
}
