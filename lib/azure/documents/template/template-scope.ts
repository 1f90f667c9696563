/** Where the expressions of one template find its parameters, variables, functions and resources. */
import { type Fields, isRecord, own } from '../fields.ts';
import type { Declaration } from './declaration.ts';
import { evaluateValue, evaluateWhatCanBe } from './evaluate.ts';
import { placeholder, Unevaluated, Unresolvable } from './expression.ts';
import { type Budget, type Declared, type Frame, rootFrame, type Scope } from './frame.ts';
import type { Place } from './place.ts';

/** A member by its name, in whatever case. */
export function member(fields: Fields, name: string): unknown {
  const exact = own(fields, name);
  if (exact !== undefined) return exact;
  const key = Object.keys(fields).find((each) => each.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : own(fields, key);
}

export function recordOf(value: unknown): Fields {
  return isRecord(value) && !(value instanceof Unevaluated) ? value : {};
}

export function recordsOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export interface ScopeParts {
  readonly template: Fields;
  /** Values of parameters; `Unevaluated` where something is given that is not known. */
  readonly given: Fields;
  readonly place: Place;
  readonly budget: Budget;
  /** The scope of the template around this one, for its location. */
  readonly around: Scope | undefined;
}

export class TemplateScope implements Scope {
  readonly place: Place;
  private readonly template: Fields;
  private readonly given: Fields;
  private readonly budget: Budget;
  private readonly around: Scope | undefined;
  private readonly declared = new Map<string, Declaration | undefined>();
  private readonly variables = new Map<string, unknown>();
  private readonly evaluating = new Set<string>();

  constructor({ template, given, place, budget, around }: ScopeParts) {
    this.template = template;
    this.given = given;
    this.place = place;
    this.budget = budget;
    this.around = around;
  }

  /** The group's location is what a parameter called `location` says, when that does not ask the group itself. */
  get location(): string | undefined {
    const given = member(this.given, 'location');
    if (typeof given === 'string') return given;
    const declared = member(recordOf(member(recordOf(own(this.template, 'parameters')), 'location')), 'defaultValue');
    return typeof declared === 'string' && !declared.startsWith('[') ? declared : this.around?.location;
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

  /** The frame in which this template's own declarations are evaluated, whoever asks for them. */
  private ownFrame(frame: Frame): Frame {
    return { ...rootFrame(this, this.budget), depth: frame.depth, isIdentity: frame.isIdentity };
  }

  parameter(name: string, frame: Frame): unknown {
    const given = member(this.given, name);
    if (given !== undefined) return given;
    const declared = member(recordOf(own(this.template, 'parameters')), name);
    const value = isRecord(declared) ? own(declared, 'defaultValue') : undefined;
    if (value !== undefined) {
      return this.guarded(`parameter ${name}`, () => evaluateWhatCanBe(value, this.ownFrame(frame)));
    }
    if (isRecord(declared) && own(declared, 'nullable') === true) return null;
    return new Unevaluated(`[parameters('${name}')]`, () => placeholder(name));
  }

  variable(name: string, frame: Frame): unknown {
    const key = `${name.toLowerCase()}${frame.isIdentity ? ' in a name' : ''}`;
    if (this.variables.has(key)) return this.variables.get(key);
    const all = recordOf(own(this.template, 'variables'));
    const loop = recordsOf(own(all, 'copy')).find(
      (each) => String(own(each, 'name')).toLowerCase() === name.toLowerCase(),
    );
    const declared = loop === undefined ? member(all, name) : { copy: [loop] };
    if (declared === undefined) throw new Unresolvable(`there is no variable "${name}"`);
    const whole = this.guarded(`variable ${key}`, () => evaluateWhatCanBe(declared, this.ownFrame(frame)));
    const value = loop === undefined || whole instanceof Unevaluated ? whole : member(recordOf(whole), name);
    this.variables.set(key, value);
    return value;
  }

  userFunction(name: string): { parameters: readonly string[]; output: unknown } | undefined {
    const [namespace, short = ''] = name.split('.');
    for (const group of recordsOf(own(this.template, 'functions'))) {
      if (String(own(group, 'namespace')).toLowerCase() !== namespace) continue;
      const found = member(recordOf(own(group, 'members')), short);
      if (!isRecord(found)) continue;
      const parameters = recordsOf(own(found, 'parameters')).map((each) => String(own(each, 'name')));
      return { parameters, output: own(recordOf(own(found, 'output')), 'value') };
    }
    return undefined;
  }

  /** Makes a resource known by its id, its symbol, and its name where no other has the same. */
  declare(declaration: Declaration, symbol: string | undefined): void {
    this.declared.set(declaration.id.toLowerCase(), declaration);
    if (symbol !== undefined) this.declared.set(symbol.toLowerCase(), declaration);
    const name = declaration.name.toLowerCase();
    const other = this.declared.get(name);
    if (other !== declaration) this.declared.set(name, this.declared.has(name) ? undefined : declaration);
  }

  resource(key: string): Declared | undefined {
    return this.declared.get(key.toLowerCase());
  }
}

/** A nested template of outer scope: its expressions see what the template around it declares, and its own resources. */
export class OuterScope implements Scope {
  readonly place: Place;
  private readonly outer: Scope;
  private readonly inner: TemplateScope;

  constructor(outer: Scope, inner: TemplateScope) {
    this.place = outer.place;
    this.outer = outer;
    this.inner = inner;
  }

  get location(): string | undefined {
    return this.outer.location;
  }

  parameter(name: string, frame: Frame): unknown {
    return this.outer.parameter(name, frame);
  }

  variable(name: string, frame: Frame): unknown {
    return this.outer.variable(name, frame);
  }

  userFunction(name: string): ReturnType<Scope['userFunction']> {
    return this.outer.userFunction(name);
  }

  resource(key: string): Declared | undefined {
    return this.inner.resource(key) ?? this.outer.resource(key);
  }
}

/** The number of turns of a loop. @throws Unresolvable for one that is not known, or too large */
export function turnsOf(loop: Fields, frame: Frame, limit: number): number {
  const count = evaluateValue(own(loop, 'count'), frame);
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0) {
    throw new Unresolvable('the count of the loop is no whole number');
  }
  if (count > limit) throw new Unresolvable(`the loop has more than ${limit} turns`);
  return count;
}
