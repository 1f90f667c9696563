/**
 * The security admin rules that apply to a network, among the documents of an estate: what the action
 * `listNetworkManagerEffectiveSecurityAdminRules` and `az network manager list-effective-security-admin-rules` give, with the
 * network's id beside the list: `{ "adminRulesOf": "<id>", "value": [...] }`.
 */
import type { SecurityAdminRule, SecurityAdminRules } from '../../network/admin-rule.ts';
import { idKey } from '../../network/model.ts';
import { defined, FieldReader, type Fields, isRecord, own, propertiesOf, recordsOf } from './fields.ts';

/** The member that names the network. */
export const adminRulesOf = 'adminRulesOf';

/** One side of a rule; a network group stands for addresses that the answer does not tell. */
function sideOf(reader: FieldReader, name: 'sources' | 'destinations', field: string): readonly string[] {
  return reader.records(name, (each) => {
    const side = new FieldReader(each);
    const type = side.text('addressPrefixType')?.toLowerCase();
    const prefix = side.text('addressPrefix');
    if (prefix === undefined || (type !== 'ipprefix' && type !== 'servicetag')) {
      reader.unresolved[field] ??= `has ${type ?? 'a part without a type'}, whose addresses are not told`;
      return undefined;
    }
    return prefix;
  });
}

/** Of a rule that names no address on a side, or no port, the side is everything. */
function orAll(list: readonly string[], isOpen: boolean): readonly string[] {
  return list.length === 0 && !isOpen ? ['*'] : list;
}

function readRule(raw: Fields): SecurityAdminRule {
  const reader = new FieldReader(propertiesOf(raw));
  const id = own(raw, 'id');
  const text = typeof id === 'string' ? id : '';
  const sources = sideOf(reader, 'sources', 'sourceAddressPrefixes');
  const destinations = sideOf(reader, 'destinations', 'destinationAddressPrefixes');
  const { sourceAddressPrefixes, destinationAddressPrefixes } = reader.unresolved;
  const rule = {
    name: text.slice(text.lastIndexOf('/') + 1) || (reader.text('flag') ?? 'without a name'),
    id: text === '' ? undefined : text,
    priority: reader.number('priority'),
    direction: reader.text('direction') ?? '',
    access: reader.text('access') ?? '',
    protocol: reader.text('protocol') ?? '',
    sourceAddressPrefixes: orAll(sources, sourceAddressPrefixes !== undefined),
    sourcePortRanges: orAll(reader.texts('sourcePortRanges'), false),
    sourceApplicationSecurityGroupIds: [],
    destinationAddressPrefixes: orAll(destinations, destinationAddressPrefixes !== undefined),
    destinationPortRanges: orAll(reader.texts('destinationPortRanges'), false),
    destinationApplicationSecurityGroupIds: [],
  };
  return defined({ ...rule, ...reader.problems() });
}

/** Collects answers in any order; several about one network are put together. */
export class SecurityAdminRuleAnswers {
  private readonly byKey = new Map<string, { readonly id: string; readonly parts: SecurityAdminRules[] }>();

  /** @returns whether it was one */
  add(raw: unknown): boolean {
    const id = isRecord(raw) ? own(raw, adminRulesOf) : undefined;
    if (!isRecord(raw) || typeof id !== 'string') return false;
    const entry = this.byKey.get(idKey(id)) ?? { id, parts: [] };
    this.byKey.set(idKey(id), entry);
    const given = own(raw, 'notRead');
    const reason = Array.isArray(own(raw, 'value')) ? undefined : 'the answer that names it holds no list of rules';
    const notRead = typeof given === 'string' ? given : reason;
    entry.parts.push({ rules: recordsOf(raw, 'value').map(readRule), ...(notRead !== undefined && { notRead }) });
    return true;
  }

  /** @param report what was not read */
  byNetwork(report: (resource: string, message: string) => void): ReadonlyMap<string, SecurityAdminRules> {
    const map = new Map<string, SecurityAdminRules>();
    for (const [key, { id, parts }] of [...this.byKey].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const [notRead] = parts.flatMap((part) => part.notRead ?? []);
      if (notRead !== undefined) report(id, notRead);
      map.set(key, { rules: parts.flatMap(({ rules }) => rules), ...(notRead !== undefined && { notRead }) });
    }
    return map;
  }
}
