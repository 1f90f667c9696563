/**
 * An ARM deployment template, expanded into the resources that it would make: parameters at their defaults or as given,
 * variables, loops, conditions, nested deployments, symbolic names. Source: Microsoft Learn, "Understand the structure
 * and syntax of ARM templates". What cannot be evaluated stays as its expression and is unknown further on.
 */
import { type Fields, isRecord, own } from '../fields.ts';
import { Declaration, placeOf } from './declaration.ts';
import { doubtfulChild, doubtfulResource } from './doubt.ts';
import { evaluateWhatCanBe } from './evaluate.ts';
import { Unevaluated, Unresolvable } from './expression.ts';
import { Budget, copyFrame, type Frame, rootFrame } from './frame.ts';
import { parametersOf } from './parameters.ts';
import { type Place, unnamedPlace } from './place.ts';
import { member, OuterScope, recordOf, recordsOf, TemplateScope, turnsOf } from './template-scope.ts';
import { iterationLimit } from './values.ts';
import { plain } from './walk.ts';

export interface Expanded {
  readonly resources: readonly Fields[];
  readonly errors: readonly { readonly resource: string; readonly message: string }[];
}

const resourceLimit = 10_000;
const nestingLimit = 20;

/** What comes of one whole expansion, nested templates included. */
class Expansion {
  readonly resources: Fields[] = [];
  readonly errors: { resource: string; message: string }[] = [];
  /** Children of which it is not known whose they are, or whether they will be: type and expression. */
  readonly doubts: { type: string; text: string }[] = [];
  readonly budget = new Budget();

  add(resource: Fields): void {
    if (this.resources.length >= resourceLimit) throw new Unresolvable(`more than ${resourceLimit} resources`);
    this.resources.push(resource);
  }

  note(resource: string, message: string): void {
    this.errors.push({ resource, message });
  }
}

/** A resource, or one turn of its loop. */
interface Turn {
  readonly raw: Fields;
  readonly frame: Frame;
  readonly symbol: string | undefined;
}

/** One template in its scope. */
class Template {
  private readonly template: Fields;
  private readonly frame: Frame;
  private readonly scope: TemplateScope;
  private readonly place: Place;
  private readonly expansion: Expansion;
  private readonly nesting: number;
  private readonly declarations: Declaration[] = [];

  constructor(template: Fields, frame: Frame, scope: TemplateScope, expansion: Expansion, nesting: number) {
    if (nesting > nestingLimit) throw new Unresolvable('deployments are nested too deep');
    this.template = template;
    this.frame = frame;
    this.scope = scope;
    this.place = scope.place;
    this.expansion = expansion;
    this.nesting = nesting;
  }

  /** Everything is declared before anything is evaluated, so that the order in the template does not matter. */
  expand(): unknown {
    const resources = own(this.template, 'resources');
    if (Array.isArray(resources)) {
      for (const raw of resources.filter(isRecord)) this.declareAll(raw, undefined, this.frame, undefined);
    } else {
      for (const [symbol, raw] of Object.entries(recordOf(resources))) {
        if (isRecord(raw)) this.declareAll(raw, symbol, this.frame, undefined);
      }
    }
    for (const declaration of this.declarations) this.emit(declaration);
    return evaluateWhatCanBe(own(this.template, 'outputs') ?? {}, this.frame);
  }

  private failed(resource: string, raw: Fields, error: unknown): void {
    if (!(error instanceof Unresolvable)) throw error;
    this.expansion.note(resource, `cannot be expanded: ${error.message}`);
    const text = String(own(raw, 'name') ?? resource);
    this.expansion.doubts.push({ type: String(own(raw, 'type')).toLowerCase(), text });
  }

  private turns(raw: Fields, symbol: string | undefined, frame: Frame): Turn[] {
    const loop = own(raw, 'copy');
    if (!isRecord(loop)) return [{ raw, frame, symbol }];
    const name = String(own(loop, 'name') ?? '');
    try {
      return Array.from({ length: turnsOf(loop, frame, iterationLimit) }, (_, index) => ({
        raw,
        frame: copyFrame(frame, name, index),
        symbol: symbol === undefined ? undefined : `${symbol}[${index}]`,
      }));
    } catch (error) {
      this.failed(`loop "${name}"`, raw, error);
      return [];
    }
  }

  private declareAll(raw: Fields, symbol: string | undefined, frame: Frame, parent: Declaration | undefined): void {
    for (const turn of this.turns(raw, symbol, frame)) {
      try {
        const declaration = new Declaration(raw, turn.frame, this.place, parent, (each) => this.nested(each));
        this.scope.declare(declaration, turn.symbol);
        if (this.declarations.length >= resourceLimit) throw new Unresolvable(`more than ${resourceLimit} resources`);
        this.declarations.push(declaration);
        for (const child of recordsOf(own(raw, 'resources'))) {
          this.declareAll(child, undefined, turn.frame, declaration);
        }
      } catch (error) {
        this.failed(turn.symbol ?? String(own(raw, 'name') ?? own(raw, 'type')), raw, error);
      }
    }
  }

  private emit(declaration: Declaration): void {
    const { id, type, raw, condition, parent } = declaration;
    if (declaration.isExisting || (parent && !parent.isExisting && parent.condition !== true)) return;
    try {
      if (condition === false) return;
      if (condition !== true) this.expansion.note(id, `condition ${condition} is not known: nor is whether it exists`);
      if (declaration.isDeployment) {
        if (condition === true) declaration.properties();
        return;
      }
      const properties = declaration.declaredProperties();
      // What a template leaves out is left to Azure's defaults: it is not unread.
      const whole = { ...declaration.head(), properties: properties ?? {} };
      const resource = recordOf(plain(whole, this.frame));
      const added = condition === true ? resource : doubtfulResource(resource, type, condition);
      if (added) this.expansion.add(added);
    } catch (error) {
      this.failed(id, raw, error);
    }
  }

  /** Expands an inline nested template; returns the deployment's properties as `reference()` would give them. */
  private nested(declaration: Declaration): Fields {
    const { raw, frame, id } = declaration;
    const properties = recordOf(own(raw, 'properties'));
    const template = own(properties, 'template');
    if (!isRecord(template)) {
      this.expansion.note(id, 'a linked template is not read: its resources are not in the estate');
      return {};
    }
    const evaluation = recordOf(member(properties, 'expressionEvaluationOptions'));
    const isInner = String(member(evaluation, 'scope') ?? 'outer').toLowerCase() === 'inner';
    const place = this.placeOfNested(raw, frame);
    const parts = { template, place, budget: this.expansion.budget, around: frame.scope };
    const given = isInner ? this.given(own(properties, 'parameters'), frame) : {};
    const scope = new TemplateScope({ ...parts, given });
    const inside: Frame = isInner
      ? { ...rootFrame(scope, this.expansion.budget), depth: frame.depth }
      : { ...frame, scope: new OuterScope(frame.scope, scope) };
    return { outputs: new Template(template, inside, scope, this.expansion, this.nesting + 1).expand() };
  }

  /** The parameters of a nested template; what is given and not known must not fall back to a default. */
  private given(parameters: unknown, frame: Frame): Fields {
    if (typeof parameters === 'string') return recordOf(evaluateWhatCanBe(parameters, frame));
    const values: [string, unknown][] = [];
    for (const [name, entry] of Object.entries(recordOf(parameters))) {
      if (!isRecord(entry)) continue;
      const value = Object.hasOwn(entry, 'value')
        ? evaluateWhatCanBe(own(entry, 'value'), frame)
        : new Unevaluated(`[parameters('${name}')]`);
      values.push([name, value]);
    }
    return Object.fromEntries(values);
  }

  /** A deployment at the level of a subscription makes groups, and deployments into them. */
  private placeOfNested(raw: Fields, frame: Frame): Place {
    const place = placeOf(raw, frame, this.place);
    const isElsewhere = own(raw, 'resourceGroup') === undefined && own(raw, 'subscriptionId') !== undefined;
    return isElsewhere ? { ...place, resourceGroup: '' } : place;
  }
}

/** Children without a known parent or name cast their doubt on every parent of their kind. */
function addDoubts({ resources, doubts }: Expansion): void {
  const parents = [...resources];
  for (const { type, text } of doubts) {
    for (const parent of parents) {
      const child = doubtfulChild(parent, type, text);
      if (child && resources.length < 2 * resourceLimit) resources.push(child);
    }
  }
}

/** A template for a subscription makes groups, and deployments into them. */
function placeOfRoot(template: Fields): Place {
  const isOfSubscription = /subscriptionDeploymentTemplate/i.test(String(own(template, '$schema')));
  return isOfSubscription ? { ...unnamedPlace, resourceGroup: '' } : unnamedPlace;
}

/** @param document a template, or something that wraps one (`{template}`, `{properties: {template}}`) */
export function expandTemplate(document: unknown, parameters: Fields): Expanded {
  const outer = recordOf(document);
  const properties = recordOf(own(outer, 'properties'));
  const wrapped = own(outer, 'template') ?? own(properties, 'template');
  const template = isRecord(wrapped) ? wrapped : outer;
  const inside = recordOf(own(outer, 'parameters') ?? own(properties, 'parameters'));
  const given = isRecord(wrapped) ? { ...parametersOf({ parameters: inside }, ''), ...parameters } : parameters;
  const expansion = new Expansion();
  const { budget } = expansion;
  const scope = new TemplateScope({ template, given, place: placeOfRoot(template), budget, around: undefined });
  try {
    new Template(template, rootFrame(scope, budget), scope, expansion, 0).expand();
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
    expansion.note('template', `cannot be expanded: ${error.message}`);
  }
  addDoubts(expansion);
  return { resources: expansion.resources, errors: expansion.errors };
}
