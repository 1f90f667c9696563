/**
 * Security admin rules of Azure Virtual Network Manager: they are asked before any network security group. `Deny` ends the matter,
 * `AlwaysAllow` too, `Allow` leaves it to the group. Microsoft Learn, "Security admin rules in Azure Virtual Network Manager".
 */
import type { IntervalSet } from '../address/interval-set.ts';
import type { AddressContext } from './address-list.ts';
import { type Access, boundFirstMatch, orderRules, type Step, type WalkOrders } from './first-match.ts';
import type { SecurityRule } from './model.ts';
import {
  type CompiledSecurityRule,
  compileSecurityRule,
  type Direction,
  directionsOf,
  unseenRules,
} from './security-rule.ts';

/** One rule; `access` is `Allow`, `AlwaysAllow`, `Deny`, or a value newer than this code. */
export type SecurityAdminRule = SecurityRule;

/** What applies to one virtual network. */
export interface SecurityAdminRules {
  readonly rules: readonly SecurityAdminRule[];
  /** Why there may be others. */
  readonly notRead?: string;
}

export interface CompiledAdminRules {
  readonly rules: readonly CompiledSecurityRule[];
  /** The same rules as they end the matter: one kind counts as `Allow`, all others as `Deny`. */
  readonly denials: Marked;
  readonly allowances: Marked;
}

interface Marked {
  readonly rules: readonly CompiledSecurityRule[];
  readonly orders: WalkOrders;
}

/** What admin rules make of a set of far addresses. */
export interface AdminVerdict {
  /** Denied whatever the unseen turns out to be, and possibly denied. */
  readonly denied: IntervalSet;
  readonly possiblyDenied: IntervalSet;
  /** The same of what no group can stop any more. */
  readonly allowed: IntervalSet;
  readonly possiblyAllowed: IntervalSet;
}

/** Before all groups, whose rules begin at 100. */
const beforeGroups = -10_000;
const lastPriority = 4096;

function managerOf({ id }: SecurityAdminRule): string {
  return /^.*\/networkManagers\/[^/]+/i.exec(id ?? '')?.[0].toLowerCase() ?? '';
}

function compileOne(
  rule: SecurityAdminRule,
  direction: Direction,
  context: AddressContext,
  order: { readonly isKnown: boolean; readonly reason: string },
): CompiledSecurityRule {
  // A group's priorities are 100 to 4096, these 1 to 4096: the place is set below.
  const compiled = compileSecurityRule({ ...rule, priority: 100 }, direction, context);
  const isPlaced = order.isKnown && rule.priority !== undefined;
  const place = isPlaced ? beforeGroups + (rule.priority ?? 0) : undefined;
  const manager = managerOf(rule).split('/').at(-1) ?? '';
  const name = manager === '' ? rule.name : `${rule.name} of network manager ${manager}`;
  const { priority: _, ...evidence } = compiled.evidence;
  return {
    ...compiled,
    label: `security admin rule "${rule.name}"`,
    evidence: { ...evidence, name, ...(rule.priority !== undefined && { priority: rule.priority }) },
    earliest: place ?? beforeGroups,
    latest: place ?? beforeGroups + lastPriority + 1,
    notSeen: [
      ...compiled.notSeen.filter((text) => !text.startsWith('access ')),
      ...(isPlaced ? [] : [rule.priority === undefined ? 'no priority is given' : order.reason]),
    ],
  };
}

function marked(rules: readonly CompiledSecurityRule[], wanted: string): Marked {
  const accessOf = ({ evidence: { access } }: CompiledSecurityRule): Access => {
    const text = access.toLowerCase();
    if (text === wanted) return 'Allow';
    return ['allow', 'alwaysallow', 'deny'].includes(text) ? 'Deny' : 'unknown';
  };
  const all = rules.map((rule) => ({ ...rule, access: accessOf(rule) }));
  return { rules: all, orders: orderRules(all) };
}

/** Stands for rules that were not read. */
function unseenRule(notRead: string): CompiledSecurityRule {
  const rule = unseenRules('', [notRead]);
  const earliest = beforeGroups - 1;
  return {
    ...rule,
    label: 'the security admin rules of the network',
    evidence: { name: '', access: '' },
    earliest,
    latest: earliest,
  };
}

/** @returns `undefined` where no rule is for this direction and none can be unseen */
export function compileAdminRules(
  { rules, notRead }: SecurityAdminRules,
  direction: Direction,
  context: AddressContext,
): CompiledAdminRules | undefined {
  const managers = new Set(rules.map(managerOf));
  const reason = 'which of several network managers comes first';
  const compiled = rules
    .filter((rule) => directionsOf(rule).includes(direction))
    .map((rule) => compileOne(rule, direction, context, { isKnown: managers.size < 2, reason }));
  const all = notRead === undefined ? compiled : [unseenRule(notRead), ...compiled];
  if (all.length === 0) return undefined;
  all.sort((a, b) => a.latest - b.latest);
  return { rules: all, denials: marked(all, 'deny'), allowances: marked(all, 'alwaysallow') };
}

/** What the first matching admin rule does, for one local address and source port. */
export function judgeAdminRules(
  admin: CompiledAdminRules,
  stepOf: (rule: CompiledSecurityRule) => Step | undefined,
  universe: IntervalSet,
): AdminVerdict {
  const steps = admin.rules.map(stepOf);
  const denials = boundFirstMatch(admin.denials.rules, admin.denials.orders, steps, universe);
  const allowances = boundFirstMatch(admin.allowances.rules, admin.allowances.orders, steps, universe);
  return {
    denied: denials.floor,
    possiblyDenied: denials.ceiling,
    allowed: allowances.floor,
    possiblyAllowed: allowances.ceiling,
  };
}
