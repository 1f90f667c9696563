/**
 * An ARM deployment template, expanded into the resources that it would make: parameters at their defaults or as given,
 * variables, loops, conditions, nested deployments, symbolic names. Source: Microsoft Learn, "Understand the structure
 * and syntax of ARM templates". What cannot be evaluated stays as its expression and is unknown further on.
 */
import { DocumentError } from '../document-error.ts';
import { type Fields, isRecord, own } from '../fields.ts';
import {
  copyFrame,
  type EvaluationFrame,
  evaluateValue,
  evaluateWhatCanBe,
  rootFrame,
  type Scope,
} from './evaluate.ts';
import { Unresolvable } from './expression.ts';
import { resourceId } from './ids.ts';

export interface Expanded {
  readonly resources: readonly Fields[];
  readonly errors: readonly { readonly resource: string; readonly message: string }[];
}

interface Declared {
  readonly id: string;
  readonly body: Fields;
}

const placeholders = { subscriptionId: '00000000-0000-0000-0000-000000000000', resourceGroup: 'resource-group' };
const resourceLimit = 10_000;
const nestingLimit = 20;

/** The values of a parameter file, or of a plain object of values. @throws DocumentError when it is neither */
export function parametersOf(document: unknown, file: string): Fields {
  const parameters = isRecord(document) ? (own(document, 'parameters') ?? document) : undefined;
  if (!isRecord(parameters))
    throw new DocumentError(file, '', 'is no parameter file (expected {"parameters": {"name": {"value": ...}}})');
  const values: [string, unknown][] = [];
  for (const [name, entry] of Object.entries(parameters)) {
    if (isRecord(entry) && 'value' in entry) values.push([name, own(entry, 'value')]);
  }
  return Object.fromEntries(values);
}

function member(fields: Fields, name: string): unknown {
  const exact = own(fields, name);
  if (exact !== undefined) return exact;
  const key = Object.keys(fields).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : own(fields, key);
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

/** The errors and resources of one whole expansion, nested templates included. */
class Expansion {
  readonly resources: Fields[] = [];
  readonly errors: { resource: string; message: string }[] = [];

  add(resource: Fields): void {
    if (this.resources.length >= resourceLimit) throw new Unresolvable(`more than ${resourceLimit} resources`);
    this.resources.push(resource);
  }
}

/** One template: its scope for expressions, and its resources. */
class Template implements Scope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  private readonly template: Fields;
  private readonly given: Fields;
  private readonly declared = new Map<string, Declared>();
  private readonly variables = new Map<string, unknown>();
  private readonly evaluating = new Set<string>();
  private readonly expansion: Expansion;
  private readonly nesting: number;

  constructor(
    template: Fields,
    given: Fields,
    place: { subscriptionId: string; resourceGroup: string },
    expansion: Expansion,
    nesting: number,
  ) {
    if (nesting > nestingLimit) throw new Unresolvable('deployments nested too deep');
    this.template = template;
    this.given = given;
    this.subscriptionId = place.subscriptionId;
    this.resourceGroup = place.resourceGroup;
    this.expansion = expansion;
    this.nesting = nesting;
  }

  /** The group's location is what a parameter called `location` says, when that does not ask the group itself. */
  get location(): string | undefined {
    const given = member(this.given, 'location');
    if (typeof given === 'string') return given;
    const declared = member(recordOf(member(recordOf(own(this.template, 'parameters')), 'location')), 'defaultValue');
    return typeof declared === 'string' && !declared.startsWith('[') ? declared : undefined;
  }

  private guarded<T>(key: string, evaluate: () => T): T {
    if (this.evaluating.has(key)) throw new Unresolvable(`${key} refers to itself`);
    this.evaluating.add(key);
    try {
      return evaluate();
    } finally {
      this.evaluating.delete(key);
    }
  }

  parameter(name: string): unknown {
    const given = member(this.given, name);
    if (given !== undefined) return given;
    const declared = member(recordOf(own(this.template, 'parameters')), name);
    const value = isRecord(declared) ? own(declared, 'defaultValue') : undefined;
    if (value === undefined) {
      if (isRecord(declared) && own(declared, 'nullable') === true) return null;
      throw new Unresolvable(`parameter "${name}" has no value`);
    }
    return this.guarded(`parameter ${name}`, () => evaluateValue(value, rootFrame(this)));
  }

  variable(name: string): unknown {
    const key = name.toLowerCase();
    if (this.variables.has(key)) return this.variables.get(key);
    const all = recordOf(own(this.template, 'variables'));
    const loops = own(all, 'copy');
    const loop = Array.isArray(loops)
      ? loops.find((each) => isRecord(each) && String(own(each, 'name')).toLowerCase() === key)
      : undefined;
    const declared = loop === undefined ? member(all, name) : { copy: [loop] };
    if (declared === undefined) throw new Unresolvable(`there is no variable "${name}"`);
    const value = this.guarded(`variable ${name}`, () => evaluateValue(declared, rootFrame(this)));
    const result = loop === undefined ? value : member(recordOf(value), name);
    this.variables.set(key, result);
    return result;
  }

  resource(key: string): Declared | undefined {
    return this.declared.get(key.toLowerCase());
  }

  userFunction(name: string): { parameters: readonly string[]; output: unknown } | undefined {
    const [namespace, short] = name.split('.');
    for (const group of Array.isArray(own(this.template, 'functions'))
      ? (own(this.template, 'functions') as unknown[])
      : []) {
      const fields = recordOf(group);
      if (String(own(fields, 'namespace')).toLowerCase() !== namespace) continue;
      const found = member(recordOf(own(fields, 'members')), short ?? '');
      if (!isRecord(found)) continue;
      const parameters = own(found, 'parameters');
      const names = Array.isArray(parameters) ? parameters.map((each) => String(own(recordOf(each), 'name'))) : [];
      return { parameters: names, output: own(recordOf(own(found, 'output')), 'value') };
    }
    return undefined;
  }

  /** Two passes: bodies first, so that references to any resource find it; the last word is the second pass. */
  expand(): void {
    const declarations = this.declarations();
    const turns = declarations.flatMap(({ symbol, raw }) => this.turnsOf(raw, symbol));
    for (const turn of turns) this.register(turn.raw, turn.frame, turn.symbol, undefined);
    for (const turn of turns) this.emit(turn.raw, turn.frame, turn.symbol, undefined);
  }

  private declarations(): { symbol: string | undefined; raw: Fields }[] {
    const resources = own(this.template, 'resources');
    if (Array.isArray(resources)) return resources.filter(isRecord).map((raw) => ({ symbol: undefined, raw }));
    return Object.entries(recordOf(resources)).flatMap(([symbol, raw]) => (isRecord(raw) ? [{ symbol, raw }] : []));
  }

  /** A resource, or one of it for each turn of its loop. */
  private turnsOf(
    raw: Fields,
    symbol: string | undefined,
  ): { raw: Fields; frame: EvaluationFrame; symbol: string | undefined }[] {
    const frame = rootFrame(this);
    const loop = own(raw, 'copy');
    if (!isRecord(loop)) return [{ raw, frame, symbol }];
    const name = String(own(loop, 'name') ?? '');
    try {
      const count = evaluateValue(own(loop, 'count'), frame);
      if (typeof count !== 'number' || count > resourceLimit)
        throw new Unresolvable('the count of the loop is not usable');
      return Array.from({ length: count }, (_, index) => ({
        raw,
        frame: copyFrame(frame, name, index),
        symbol: symbol === undefined ? undefined : `${symbol}[${index}]`,
      }));
    } catch (error) {
      this.unexpanded(`loop ${name}`, error);
      return [];
    }
  }

  private unexpanded(resource: string, error: unknown): void {
    if (!(error instanceof Unresolvable)) throw error;
    this.expansion.errors.push({ resource, message: `cannot be expanded: ${error.message}` });
  }

  /** The full type and names of a resource, its parent's before its own. */
  private identify(
    raw: Fields,
    frame: EvaluationFrame,
    parent: { type: string; name: string } | undefined,
  ): { id: string; type: string; name: string } {
    const ownType = String(evaluateValue(own(raw, 'type'), frame)).split('@')[0] ?? '';
    const ownName = String(evaluateValue(own(raw, 'name'), frame));
    const isRelative = parent !== undefined && !ownType.includes('.');
    const type = isRelative ? `${parent.type}/${ownType}` : ownType;
    const name = isRelative ? `${parent.name}/${ownName}` : ownName;
    const subscription = own(raw, 'subscriptionId');
    const group = own(raw, 'resourceGroup');
    const place = {
      subscriptionId: subscription === undefined ? this.subscriptionId : String(evaluateWhatCanBe(subscription, frame)),
      resourceGroup: group === undefined ? this.resourceGroup : String(evaluateWhatCanBe(group, frame)),
    };
    return { id: resourceId(type, name.split('/'), place), type, name };
  }

  private remember(declared: Declared, name: string, symbol: string | undefined): void {
    this.declared.set(declared.id.toLowerCase(), declared);
    if (symbol !== undefined) this.declared.set(symbol.toLowerCase(), declared);
    const short = name.toLowerCase();
    if (!this.declared.has(short)) this.declared.set(short, declared);
  }

  private register(
    raw: Fields,
    frame: EvaluationFrame,
    symbol: string | undefined,
    parent: { type: string; name: string } | undefined,
  ): void {
    try {
      const { id, type, name } = this.identify(raw, frame, parent);
      const { properties: _, resources: children, ...head } = raw;
      const isDeployment = type.toLowerCase() === 'microsoft.resources/deployments';
      const properties = isDeployment ? {} : evaluateWhatCanBe(own(raw, 'properties'), frame);
      const body = {
        ...recordOf(evaluateWhatCanBe(head, frame)),
        name,
        type,
        ...(properties !== undefined && { properties: withInlineIds(properties, id, type) }),
      };
      this.remember({ id, body }, name, symbol);
      if (isDeployment) this.nested(raw, frame, id, name, symbol);
      for (const child of Array.isArray(children) ? children.filter(isRecord) : [])
        this.register(child, frame, undefined, { type, name });
    } catch (error) {
      if (!(error instanceof Unresolvable)) throw error;
    }
  }

  private emit(
    raw: Fields,
    frame: EvaluationFrame,
    symbol: string | undefined,
    parent: { type: string; name: string } | undefined,
  ): void {
    if (own(raw, 'existing') === true) return;
    let label = symbol ?? String(own(raw, 'name') ?? own(raw, 'type'));
    try {
      const { id, type, name } = this.identify(raw, frame, parent);
      label = id;
      const condition = this.conditionOf(raw, frame, id);
      if (condition === false) return;
      if (type.toLowerCase() !== 'microsoft.resources/deployments') {
        const { properties, resources: children, copy: _, condition: __, dependsOn: ___, ...head } = raw;
        const evaluated = withInlineIds(evaluateWhatCanBe(properties, frame), id, type);
        const body = { ...recordOf(evaluateWhatCanBe(head, frame)), id, type, name: name.split('/').at(-1) ?? name };
        if (condition === true)
          this.expansion.add({ ...body, ...(evaluated !== undefined && { properties: evaluated }) });
        else this.addDoubtful(body, type, condition);
        for (const child of Array.isArray(children) ? children.filter(isRecord) : []) {
          for (const turn of this.turnsOf(child, undefined))
            this.emit(
              turn.raw,
              { ...frame, copyIndex: new Map([...frame.copyIndex, ...turn.frame.copyIndex]) },
              undefined,
              { type, name },
            );
        }
      }
    } catch (error) {
      this.unexpanded(label, error);
    }
  }

  /** True, false, or the text of a condition that cannot be evaluated. */
  private conditionOf(raw: Fields, frame: EvaluationFrame, id: string): boolean | string {
    const condition = own(raw, 'condition');
    if (condition === undefined) return true;
    const value = evaluateWhatCanBe(condition, frame);
    if (typeof value === 'boolean') return value;
    const text = String(value);
    this.expansion.errors.push({
      resource: id,
      message: `condition ${text} was not evaluated: whether it exists is not known`,
    });
    return text;
  }

  /**
   * A resource of which it is not known whether it will exist. On its own it is left out, so that what refers to it is
   * unknown; a child is put in with the doubt in the field that decides.
   */
  private addDoubtful(body: Fields, type: string, condition: string): void {
    const doubtful: Readonly<Record<string, Fields>> = {
      'microsoft.network/routetables/routes': { addressPrefix: condition, nextHopType: condition },
      'microsoft.network/networksecuritygroups/securityrules': { access: condition, direction: condition },
      'microsoft.network/virtualnetworks/virtualnetworkpeerings': { useRemoteGateways: condition },
      'microsoft.network/firewallpolicies/rulecollectiongroups': { ruleCollections: condition },
    };
    const properties = doubtful[type.toLowerCase()];
    if (properties) this.expansion.add({ ...body, properties });
  }

  /** An inline nested template, with its own parameters (inner scope) or those of this one (outer scope). */
  private nested(raw: Fields, frame: EvaluationFrame, id: string, name: string, symbol: string | undefined): void {
    if (this.conditionOf(raw, frame, id) !== true) return;
    const properties = recordOf(own(raw, 'properties'));
    const template = own(properties, 'template');
    if (!isRecord(template)) {
      this.expansion.errors.push({
        resource: id,
        message: 'a linked template is not read: its resources are not in the estate',
      });
      return;
    }
    const inner =
      String(member(recordOf(own(properties, 'expressionEvaluationOptions')), 'scope') ?? 'outer').toLowerCase() ===
      'inner';
    const values = Object.entries(recordOf(own(properties, 'parameters'))).flatMap(
      ([key, entry]): [string, unknown][] => {
        if (!isRecord(entry) || !('value' in entry)) return [];
        return [[key, evaluateWhatCanBe(own(entry, 'value'), frame)]];
      },
    );
    const given = Object.fromEntries(
      values.filter(([, value]) => !(typeof value === 'string' && value.startsWith('['))),
    );
    const place = this.placeOf(raw, frame);
    const effective = inner
      ? template
      : { ...template, parameters: own(this.template, 'parameters'), variables: own(this.template, 'variables') };
    const child = new Template(effective, inner ? given : this.given, place, this.expansion, this.nesting + 1);
    child.expand();
    const outputs = evaluateWhatCanBe(own(template, 'outputs') ?? {}, rootFrame(child));
    this.remember(
      { id, body: { ...recordOf(evaluateWhatCanBe({ name: own(raw, 'name') }, frame)), properties: { outputs } } },
      name,
      symbol,
    );
  }

  private placeOf(raw: Fields, frame: EvaluationFrame): { subscriptionId: string; resourceGroup: string } {
    const text = (name: string, fallback: string): string => {
      const value = own(raw, name);
      const evaluated = value === undefined ? fallback : evaluateWhatCanBe(value, frame);
      return typeof evaluated === 'string' && !evaluated.startsWith('[') ? evaluated : fallback;
    };
    return {
      subscriptionId: text('subscriptionId', this.subscriptionId),
      resourceGroup: text('resourceGroup', this.resourceGroup),
    };
  }
}

/** Subnets, routes and rules that stand inline get their ids, as Azure would give them. */
function withInlineIds(properties: unknown, id: string, type: string): unknown {
  const lists: Readonly<Record<string, readonly string[]>> = {
    'microsoft.network/virtualnetworks': ['subnets', 'virtualNetworkPeerings'],
    'microsoft.network/routetables': ['routes'],
    'microsoft.network/networksecuritygroups': ['securityRules'],
  };
  if (!isRecord(properties)) return properties;
  const result: Record<string, unknown> = { ...properties };
  for (const name of lists[type.toLowerCase()] ?? []) {
    const list = result[name];
    if (!Array.isArray(list)) continue;
    result[name] = list.map((each) =>
      isRecord(each) && typeof own(each, 'name') === 'string'
        ? { ...each, id: `${id}/${name}/${String(own(each, 'name'))}` }
        : each,
    );
  }
  return result;
}

/** @param document a template, or something that wraps one (`{template}`, `{properties: {template}}`) */
export function expandTemplate(document: unknown, parameters: Fields): Expanded {
  const outer = recordOf(document);
  const properties = recordOf(own(outer, 'properties'));
  const wrapped = own(outer, 'template') ?? own(properties, 'template');
  const template = isRecord(wrapped) ? wrapped : outer;
  const inside = recordOf(own(outer, 'parameters') ?? own(properties, 'parameters'));
  const given = wrapped === undefined ? parameters : { ...parametersOf({ parameters: inside }, ''), ...parameters };
  const expansion = new Expansion();
  try {
    new Template(template, given, placeholders, expansion, 0).expand();
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    expansion.errors.push({ resource: 'template', message: `cannot be expanded: ${error.message}` });
  }
  return { resources: expansion.resources, errors: expansion.errors };
}
