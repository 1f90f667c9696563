/**
 * What the verdict of a deployment can depend on, read step by step from the service on, and remembered: every id and list that was
 * asked for, found or not. The evaluator looks at nothing else; what could not be read is said, and never looks like absence.
 */

import { parseIpv4 } from '../address/prefix.ts';
import { type Estate, type EstateError, idKey } from '../network/model.ts';
import { type Fields, isRecord, propertiesOf, recordsOf, referenceOf } from './documents/fields.ts';
import { estateFromResources } from './documents/read-estate.ts';
import { injectedPlaces } from './injected.ts';
import { mayLearn } from './learned-routes.ts';
import { Reading, type ReadingOptions } from './reading.ts';
import type { Answer, ResourceSource } from './source.ts';

export interface Closure {
  readonly estate: Estate;
  /** Keys, lower case, sorted. */
  readonly readSet: readonly string[];
  /** Ids of what is being changed right now. */
  readonly updating: readonly string[];
  readonly unreadable: readonly { readonly id: string; readonly reason: string }[];
  /** What became of the service itself. */
  readonly service: Answer['kind'];
  /** What the service observes could not be had this once. */
  readonly isObservationPassing: boolean;
  /** The same of learned routes and of security admin rules. */
  readonly isLearningPassing: boolean;
}

function textsOf(fields: Fields, name: string): readonly string[] {
  const list = fields[name];
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string') : [];
}

function subscriptionOf(id: string): string | undefined {
  return /^\/subscriptions\/[^/]+/i.exec(id)?.[0];
}

/** The subnet as it stands in its network. */
function subnetIn(network: Fields, subnetId: string): Fields | undefined {
  const subnets = recordsOf(propertiesOf(network), 'subnets');
  return subnets.find(({ id }) => typeof id === 'string' && idKey(id) === idKey(subnetId));
}

function privateAddressesOf(firewall: Fields): readonly number[] {
  const properties = propertiesOf(firewall);
  const configurations = recordsOf(properties, 'ipConfigurations').map(propertiesOf);
  const hub = properties.hubIPAddresses;
  const texts = [...configurations, ...(isRecord(hub) ? [hub] : [])].map((each) => each.privateIPAddress);
  return texts.flatMap((text) => (typeof text === 'string' ? (parseIpv4(text) ?? []) : []));
}

/** A policy with its groups, the IP groups that these name, and the policies that it inherits from. */
async function readPolicy(reading: Reading, id: string): Promise<void> {
  const answer = await reading.get(id);
  if (answer.kind !== 'found') return;
  const base = referenceOf(propertiesOf(answer.resource), 'basePolicy');
  const isCircle = base !== undefined && reading.keys.has(idKey(base));
  const groups = reading.list(id, 'ruleCollectionGroups');
  await Promise.all([
    readGroups(reading, groups),
    base === undefined || isCircle ? undefined : readPolicy(reading, base),
  ]);
}

async function readGroups(reading: Reading, listed: Promise<readonly Fields[] | undefined>): Promise<void> {
  const groups = (await listed) ?? [];
  for (const group of groups) reading.adopt(group);
  const rules = groups
    .flatMap((group) => recordsOf(propertiesOf(group), 'ruleCollections'))
    .flatMap((collection) => recordsOf(collection, 'rules'));
  await readIpGroups(reading, rules);
}

async function readIpGroups(reading: Reading, rules: readonly Fields[]): Promise<void> {
  const ids = rules.flatMap((rule) => [...textsOf(rule, 'sourceIpGroups'), ...textsOf(rule, 'destinationIpGroups')]);
  await Promise.all([...new Set(ids)].map((id) => reading.get(id)));
}

function classicRules(firewall: Fields): readonly Fields[] {
  const properties = propertiesOf(firewall);
  return ['networkRuleCollections', 'applicationRuleCollections', 'natRuleCollections']
    .flatMap((name) => recordsOf(properties, name))
    .flatMap((collection) => recordsOf(propertiesOf(collection), 'rules'));
}

/** The Azure Firewalls behind the next hops of a route table, looked for where the network and its peers are. */
async function readFirewalls(reading: Reading, network: Fields, table: Fields): Promise<void> {
  const hops = recordsOf(propertiesOf(table), 'routes')
    .map((route) => propertiesOf(route).nextHopIpAddress)
    .flatMap((text) => (typeof text === 'string' ? (parseIpv4(text) ?? []) : []));
  if (hops.length === 0) return;
  const peers = recordsOf(propertiesOf(network), 'virtualNetworkPeerings').map((peering) =>
    referenceOf(propertiesOf(peering), 'remoteVirtualNetwork'),
  );
  const scopes = [network.id, ...peers].flatMap((id) => (typeof id === 'string' ? (subscriptionOf(id) ?? []) : []));
  const unique = [...new Map(scopes.map((scope) => [scope.toLowerCase(), scope])).values()];
  await Promise.all(
    unique.map(async (scope) => {
      const firewalls = await reading.list(scope, 'Microsoft.Network/azureFirewalls');
      if (!firewalls) reading.unreadFirewalls = `the Azure Firewalls of ${scope} could not be listed`;
      const onPath = (firewalls ?? []).filter((each) =>
        privateAddressesOf(each).some((address) => hops.includes(address)),
      );
      await Promise.all(onPath.map((each) => readFirewall(reading, each)));
    }),
  );
}

async function readFirewall(reading: Reading, firewall: Fields): Promise<void> {
  reading.adopt(firewall);
  const policy = referenceOf(propertiesOf(firewall), 'firewallPolicy');
  await Promise.all([
    readIpGroups(reading, classicRules(firewall)),
    policy === undefined ? undefined : readPolicy(reading, policy),
  ]);
}

/** Peers whose address space the peering itself does not tell. */
async function readPeers(reading: Reading, network: Fields): Promise<void> {
  const silent = recordsOf(propertiesOf(network), 'virtualNetworkPeerings')
    .map(propertiesOf)
    .filter((peering) => !isRecord(peering.remoteVirtualNetworkAddressSpace) && !isRecord(peering.remoteAddressSpace))
    .flatMap((peering) => referenceOf(peering, 'remoteVirtualNetwork') ?? []);
  await Promise.all(silent.map((id) => reading.get(id)));
}

/** A network that may not be read, or is not in an export, may still show its subnet. */
async function readSubnet(reading: Reading, subnetId: string): Promise<void> {
  const networkId = subnetId.replace(/\/subnets\/[^/]*$/i, '');
  const answer = await reading.get(networkId);
  const alone = answer.kind === 'found' ? undefined : await reading.get(subnetId);
  const network = answer.kind === 'found' ? answer.resource : { id: networkId };
  const subnet = propertiesOf((alone?.kind === 'found' ? alone.resource : subnetIn(network, subnetId)) ?? {});
  const table = referenceOf(subnet, 'routeTable');
  const group = referenceOf(subnet, 'networkSecurityGroup');
  await Promise.all([
    group === undefined ? undefined : reading.get(group),
    group === undefined ? undefined : reading.readAdminRules(networkId),
    table === undefined ? readLearned(reading, network) : readTable(reading, network, table),
    readPeers(reading, network),
  ]);
}

/** Learned routes, with the Azure Firewalls of virtual hubs that they lead to. */
async function readLearned(reading: Reading, network: Fields): Promise<void> {
  await reading.learned.readNetwork(network);
  const firewalls = [...reading.learned.nextHops].filter((id) => /\/azureFirewalls\/[^/]+$/i.test(id));
  await Promise.all(
    firewalls.map(async (id) => {
      const answer = await reading.get(id);
      if (answer.kind === 'found') await readFirewall(reading, answer.resource);
    }),
  );
}

async function readTable(reading: Reading, network: Fields, id: string): Promise<void> {
  const table = await reading.get(id);
  if (table.kind !== 'found') return;
  await Promise.all([
    readFirewalls(reading, network, table.resource),
    mayLearn(table.resource) ? readLearned(reading, network) : undefined,
  ]);
}

/**
 * @param start `region`, normalised: only that deployment of the service; absent: all of them
 * @throws what the source throws: half a reading is none
 */
export async function readClosure(
  source: ResourceSource,
  start: { readonly service: string; readonly region?: string },
  options: ReadingOptions = {},
): Promise<Closure> {
  const reading = new Reading(source, options);
  const service = await reading.get(start.service);
  if (service.kind === 'found') {
    await Promise.all([
      reading.observe(service.resource, start.region),
      reading.listDependencies(service.resource),
      ...injectedPlaces(service.resource, start.region).map(({ subnetId }) => readSubnet(reading, subnetId)),
    ]);
  }
  const estate = estateFromResources([...reading.resources, ...reading.views, ...reading.learned.entries], {
    kind: source.kind,
    name: source.name,
  });
  const errors: EstateError[] = reading.unreadable.map(({ id, reason }) => ({ resource: id, message: reason }));
  return {
    estate: {
      ...estate,
      errors: [...estate.errors, ...errors],
      ...(reading.unreadFirewalls !== undefined && { unreadFirewalls: reading.unreadFirewalls }),
    },
    readSet: [...reading.keys].sort(),
    updating: [...reading.updating].sort(),
    unreadable: reading.unreadable,
    service: service.kind,
    isObservationPassing: reading.isObservationPassing,
    isLearningPassing: reading.learned.isPassing || reading.areAdminRulesPassing,
  };
}
