/**
 * Address lists of NSG and firewall rules, as sets: the addresses that a list surely names and those that it may name.
 * What cannot be resolved (an unknown service tag, an expression, garbage, an application security group) may be
 * anything and is named; it is never taken for an empty list. IPv6 entries are valid and hold no IPv4 address.
 */
import {
  complement,
  emptySet,
  fromRange,
  fromSortedPacked,
  type IntervalSet,
  union,
  wholeSpace,
} from '../address/interval-set.ts';
import { packIpv4Prefix, parseIpv4, parseIpv6, parseIpv6Prefix } from '../address/prefix.ts';
import type { ServiceTags } from '../address/service-tags.ts';
import { isExpression } from './model.ts';

/** What the names in a rule stand for where it is applied. */
export interface AddressNames {
  readonly tags: ServiceTags;
  /** Absent where Azure accepts neither `VirtualNetwork` nor `Internet`: in Azure Firewall. */
  readonly virtualNetwork?: IntervalSet;
}

/** The names of an NSG's rules: `VirtualNetwork` stands for this set, `Internet` for all that is outside it. */
export interface AddressContext extends AddressNames {
  readonly virtualNetwork: IntervalSet;
}

export interface AddressList {
  /** Addresses that the list holds, whatever the unseen turns out to be. */
  readonly certain: IntervalSet;
  /** Addresses that it may hold; at least `certain`. */
  readonly possible: IntervalSet;
  /** What keeps the two apart, in words. */
  readonly notSeen: readonly string[];
}

/** Azure's load balancer probes come from this address in every cloud (learn: "What is IP address 168.63.129.16?"). */
const azureLoadBalancer = fromRange(0xa83f8110, 0xa83f8110);

/** Holds no address: an emptied IP group, or IPv6 alone. */
export const noAddress: AddressList = { certain: emptySet, possible: emptySet, notSeen: [] };
const tagName = /^[a-z][a-z0-9_.-]*$/i;

export const everyAddress: AddressList = { certain: wholeSpace, possible: wholeSpace, notSeen: [] };

/** A list of which nothing is known; whoever holds it says why. */
export const anyAddress: AddressList = { certain: emptySet, possible: wholeSpace, notSeen: [] };

/** A list that is exactly this set. */
export function exactly(set: IntervalSet): AddressList {
  return { certain: set, possible: set, notSeen: [] };
}

/** A list that may hold anything of `possible`, for the reason given. */
export function undecided(reason: string, possible: IntervalSet = wholeSpace): AddressList {
  return { certain: emptySet, possible, notSeen: [reason] };
}

/** What is in one list or the other. */
export function join(a: AddressList, b: AddressList): AddressList {
  if (a === noAddress) return b;
  if (b === noAddress) return a;
  const certain = union(a.certain, b.certain);
  const exact = a.certain === a.possible && b.certain === b.possible;
  return {
    certain,
    possible: exact ? certain : union(a.possible, b.possible),
    notSeen: a.notSeen.length + b.notSeen.length === 0 ? a.notSeen : [...a.notSeen, ...b.notSeen],
  };
}

/** `a-b`, IPv4 or IPv6; `undefined` for anything else, a reversed range too. */
function readRange(text: string): AddressList | undefined {
  const dash = text.indexOf('-');
  if (dash < 0) return undefined;
  const from = text.slice(0, dash);
  const to = text.slice(dash + 1);
  const first = parseIpv4(from);
  const last = parseIpv4(to);
  if (first !== undefined && last !== undefined) return first <= last ? exactly(fromRange(first, last)) : undefined;
  const firstIpv6 = parseIpv6(from);
  const lastIpv6 = parseIpv6(to);
  return firstIpv6 !== undefined && lastIpv6 !== undefined && firstIpv6 <= lastIpv6 ? noAddress : undefined;
}

/** The tags that Microsoft's list does not hold, because they depend on the place; classic names too. */
function readPlace(name: string, context: AddressNames): AddressList | undefined {
  switch (name) {
    case '*':
    case 'any':
      return everyAddress;
    case 'azureloadbalancer':
    case 'azure_loadbalancer':
      return exactly(azureLoadBalancer);
    case 'virtualnetwork':
    case 'virtual_network':
      return context.virtualNetwork ? exactly(context.virtualNetwork) : undefined;
    case 'internet':
      return context.virtualNetwork ? exactly(complement(context.virtualNetwork)) : undefined;
    default:
      return undefined;
  }
}

/** Any entry but an IPv4 prefix. */
function readName(text: string, context: AddressNames): AddressList {
  if (text.includes(':') && parseIpv6Prefix(text)) return noAddress;
  const known = readRange(text) ?? readPlace(text.toLowerCase(), context);
  if (known) return known;
  if (isExpression(text)) return undecided(`expression "${text}"`);
  if (!tagName.test(text)) return undecided(`"${text}", which is not an address prefix`);
  const tag = context.tags.find(text);
  return tag ? exactly(tag.set) : undecided(`service tag "${text}"`);
}

/** Lists that were expanded before, by list text; estates repeat them, and a tag's union is the dear part. */
const expanded = new WeakMap<ServiceTags, Map<string, AddressList>>();
/** Bounds the memory of a process that lives long; the next audit refills it. */
const mostRemembered = 4096;

/** Only names that mean the same in every network may be remembered by their text. */
function dependsOnPlace(entries: readonly string[]): boolean {
  return entries.some((text) => /^(virtual_?network|internet)$/i.test(text));
}

/**
 * Expands a rule's addresses. Names are compared without regard to case.
 * @param entries `*`, CIDRs, single addresses, ranges `a-b`, service tags, expressions; an empty list is undecided,
 *   because Azure demands one
 */
export function expandAddresses(entries: readonly string[], context: AddressNames): AddressList {
  if (entries.length === 0) return undecided('no address is given');
  if (dependsOnPlace(entries)) return joinEntries(entries, context);
  let known = expanded.get(context.tags);
  if (!known) {
    known = new Map();
    expanded.set(context.tags, known);
  }
  const key = JSON.stringify(entries);
  const before = known.get(key);
  if (before) return before;
  const list = joinEntries(entries, context);
  if (known.size >= mostRemembered) known.clear();
  known.set(key, list);
  return list;
}

function joinEntries(entries: readonly string[], context: AddressNames): AddressList {
  const prefixes: number[] = [];
  let list = noAddress;
  for (const text of entries) {
    const packed = packIpv4Prefix(text);
    if (packed >= 0) prefixes.push(packed);
    else list = join(list, readName(text, context));
  }
  return prefixes.length === 0 ? list : join(list, exactly(fromSortedPacked(Float64Array.from(prefixes).sort())));
}

/**
 * Expands the addresses and the application security groups of one side of an NSG rule. Which addresses are members of
 * a group is not seen: any of `members` may be.
 */
export function expandAddressesAndGroups(
  entries: readonly string[],
  groupIds: readonly string[],
  members: IntervalSet,
  context: AddressNames,
): AddressList {
  if (groupIds.length === 0) return expandAddresses(entries, context);
  let list = entries.length === 0 ? noAddress : expandAddresses(entries, context);
  for (const id of groupIds) {
    list = join(list, undecided(`application security group "${id.slice(id.lastIndexOf('/') + 1)}"`, members));
  }
  return list;
}
