/**
 * Reads the routes that no route table shows from who has learned them: the gateways and Route Servers of a network and of
 * the peer whose gateway it uses, and the virtual hub that it is connected to (virtual-hub.ts). A network that has none of
 * them costs no request. It never fails: what could not be had is said in the entry that stands for it. No event tells of
 * learned routes, so every sweep reads them again.
 *
 * Actions: `Microsoft.Network/virtualNetworkGateways/read`, `Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action`,
 * `Microsoft.Network/virtualHubs/bgpConnections/read`, and the POST of `virtualHubs/bgpConnections/learnedRoutes`.
 */
import { idKey } from '../network/model.ts';
import { type Fields, isRecord, own, propertiesOf, recordsOf, referenceOf } from './documents/fields.ts';
import { attachedIds } from './documents/normalise/subnet.ts';
import { LiveReadError } from './pipeline.ts';
import { type ListAnswer, listKey, type ResourceSource, type ViewAnswer } from './source.ts';
import { isHubPeering, readVirtualHub } from './virtual-hub.ts';

/** Who is asked. */
export interface Asked extends Pick<ResourceSource, 'view' | 'action' | 'listBeside' | 'getBeside'> {
  /** `undefined` for what cannot be had. */
  readonly get: (id: string) => Promise<Fields | undefined>;
  /** Told of each key of the read set before it is asked for. */
  readonly note: (key: string) => Promise<void>;
}

/** Gateways and Route Servers in the subnets that exist to hold them. */
function attachedTo(network: Fields): readonly string[] {
  const subnets = recordsOf(propertiesOf(network), 'subnets');
  return [...new Set(subnets.flatMap((subnet) => attachedIds(propertiesOf(subnet)) ?? []))];
}

/** Ids of the networks whose gateways a network uses. */
function networksInUse(network: Fields): readonly string[] {
  return recordsOf(propertiesOf(network), 'virtualNetworkPeerings')
    .filter((peering) => !isHubPeering(peering))
    .map(propertiesOf)
    .filter((peering) => own(peering, 'useRemoteGateways') === true)
    .flatMap((peering) => referenceOf(peering, 'remoteVirtualNetwork') ?? []);
}

/** Whether a key of a read set stands for what no event tells and an action does: learned routes, security admin rules. */
export function isLearnedKey(key: string): boolean {
  return /\/(?:getlearnedroutes|learnedroutes|effectiveroutes|listnetworkmanagereffectivesecurityadminrules)(?: |$)/.test(
    key,
  );
}

/** One reading: whoever is met on several ways is asked once. */
export class LearnedRoutesReading {
  /** What `estateFromResources` takes. */
  readonly entries: Fields[] = [];
  /** Ids of what virtual hubs send to, such as their Azure Firewalls. */
  readonly nextHops = new Set<string>();
  /** What was not had may be there in a minute. */
  isPassing = false;
  readonly asked: Asked;
  private readonly met = new Map<string, Promise<void>>();

  constructor(asked: Asked) {
    this.asked = asked;
  }

  /** @param network raw, with its subnets and peerings inline */
  async readNetwork(network: Fields): Promise<void> {
    if (!this.asked.action) return;
    const remote = networksInUse(network).map(async (id) => {
      const peer = await this.find(id);
      if (peer) await this.readAttached(peer);
    });
    const { id } = network;
    const peerings = recordsOf(propertiesOf(network), 'virtualNetworkPeerings').filter(isHubPeering);
    const hubs =
      typeof id === 'string' ? peerings.map((each) => this.once(id, () => readVirtualHub(this, id, each))) : [];
    await Promise.all([this.readAttached(network), ...remote, ...hubs]);
  }

  /** Asks an action, and notes what is learned. @param learner under which name the routes stand in the entry, and whose they are */
  async learn(learner: Readonly<Record<string, string>>, path: string, parameters?: Fields): Promise<void> {
    await this.asked.note(idKey(path));
    const answer = await this.asked.action?.(path, parameters);
    if (answer) this.tell(learner, answer);
  }

  /** Notes an answer. */
  tell(learner: Readonly<Record<string, string>>, answer: ViewAnswer): void {
    if (answer.kind === 'unreadable') {
      if (answer.isPassing) this.isPassing = true;
      this.entries.push({ ...learner, notRead: answer.reason });
    } else this.entries.push({ ...learner, ...(isRecord(answer.body) && answer.body) });
  }

  /** A list that Resource Graph does not hold. */
  async list(scope: string, type: string): Promise<ListAnswer> {
    await this.asked.note(listKey(scope, type));
    try {
      const answer = await this.asked.listBeside?.(scope, type);
      return answer ?? { kind: 'unreadable', reason: `${listKey(scope, type)}: there is nobody to ask` };
    } catch (error) {
      if (!(error instanceof LiveReadError)) throw error;
      this.isPassing = true;
      return { kind: 'unreadable', reason: `${listKey(scope, type)}: ${error.message}` };
    }
  }

  /** A peer's network and gateway are often in a subscription beyond the scope of a snapshot. */
  private async find(id: string): Promise<Fields | undefined> {
    const known = await this.asked.get(id);
    if (known || !this.asked.getBeside) return known;
    try {
      const answer = await this.asked.getBeside(id);
      if (answer.kind !== 'found') return undefined;
      this.entries.push(answer.resource);
      return answer.resource;
    } catch (error) {
      if (!(error instanceof LiveReadError)) throw error;
      this.isPassing = true;
      return undefined;
    }
  }

  private async readAttached(network: Fields): Promise<void> {
    await Promise.all(
      attachedTo(network).map((id) =>
        this.once(id, () => (/\/virtualHubs\/[^/]+$/i.test(id) ? this.readRouteServer(id) : this.readGateway(id))),
      ),
    );
  }

  private once(id: string, read: () => Promise<void>): Promise<void> {
    const key = idKey(id);
    let reading = this.met.get(key);
    if (!reading) {
      reading = read();
      this.met.set(key, reading);
    }
    return reading;
  }

  private async readGateway(id: string): Promise<void> {
    await Promise.all([this.find(id), this.learn({ gateway: id }, `${id}/getLearnedRoutes`)]);
  }

  /** Asked peer by peer: one of them alone tells what it announces. */
  private async readRouteServer(id: string): Promise<void> {
    const peers = await this.list(id, 'bgpConnections');
    if (peers.kind === 'unreadable') {
      this.entries.push({ routeServer: id, notRead: peers.reason });
      return;
    }
    // No peer, no route: that is an answer too.
    this.entries.push({ routeServer: id, value: [] });
    const ids = peers.resources.flatMap((peer) => (typeof peer.id === 'string' ? [peer.id] : []));
    await Promise.all(ids.map((peer) => this.learn({ routeServer: id }, `${peer}/learnedRoutes`)));
  }
}

/** Whether learned routes can reach a subnet: a table that is known may keep them out. */
export function mayLearn(table: Fields | undefined): boolean {
  return table === undefined || own(propertiesOf(table), 'disableBgpRoutePropagation') !== true;
}

/** Subnets whose networks are looked at at the same time. */
const atOnce = 8;

/**
 * The same for subnets of a snapshot.
 * @param source the snapshot, and whom to ask what it does not hold
 */
export async function readLearnedRoutes(source: ResourceSource, subnetIds: readonly string[]): Promise<Fields[]> {
  const get = async (id: string): Promise<Fields | undefined> => {
    const answer = await source.get(id);
    return answer.kind === 'found' ? answer.resource : undefined;
  };
  const reading = new LearnedRoutesReading({ ...source, get, note: async () => {} });
  let next = 0;
  const work = async (): Promise<void> => {
    for (let subnetId = subnetIds[next++]; subnetId !== undefined; subnetId = subnetIds[next++]) {
      const key = idKey(subnetId);
      const network = await get(subnetId.replace(/\/subnets\/[^/]*$/i, ''));
      const subnets = network ? recordsOf(propertiesOf(network), 'subnets') : [];
      const subnet = subnets.find(({ id }) => typeof id === 'string' && idKey(id) === key);
      const tableId = subnet && referenceOf(propertiesOf(subnet), 'routeTable');
      const table = tableId === undefined ? undefined : await get(tableId);
      if (network && mayLearn(table)) await reading.readNetwork(network);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, subnetIds.length) }, work));
  return reading.entries;
}
