/** What an expression sees while it is evaluated, and how much it may cost. */
import { type Expression, parseExpression, Unresolvable } from './expression.ts';
import type { Place } from './place.ts';

/** A resource that a template declares; its parts are evaluated when they are asked for, and throw Unresolvable. */
export interface Declared {
  readonly id: string;
  /** All but the properties: name, type, location, sku. */
  head(): Readonly<Record<string, unknown>>;
  properties(): unknown;
}

/** Where names are looked up; one for each template, nested ones included. All of them throw Unresolvable. */
export interface Scope {
  readonly place: Place;
  readonly location: string | undefined;
  parameter(name: string, frame: Frame): unknown;
  variable(name: string, frame: Frame): unknown;
  /** A resource of this template by id, name or symbol. */
  resource(key: string): Declared | undefined;
  userFunction(name: string): { readonly parameters: readonly string[]; readonly output: unknown } | undefined;
}

/** The work of one whole expansion: a template is input from outside, and may be made to cost. */
export class Budget {
  private steps = 0;
  private readonly parsed = new Map<string, Expression>();

  spend(steps = 1): void {
    this.steps += steps;
    if (this.steps > 5_000_000) throw new Unresolvable('the template takes too many steps to evaluate');
  }

  parse(text: string): Expression {
    const known = this.parsed.get(text);
    if (known) return known;
    const expression = parseExpression(text);
    this.parsed.set(text, expression);
    return expression;
  }
}

export interface Frame {
  readonly scope: Scope;
  readonly budget: Budget;
  readonly copyIndex: ReadonlyMap<string, number>;
  /** Of user functions and lambdas. */
  readonly locals: ReadonlyMap<string, unknown>;
  readonly depth: number;
  /** A name is being made: what is not known is stood in for by a text that is the same wherever it means the same. */
  readonly isIdentity: boolean;
}

const depthLimit = 200;

export function rootFrame(scope: Scope, budget: Budget): Frame {
  return { scope, budget, copyIndex: new Map(), locals: new Map(), depth: 0, isIdentity: false };
}

/** The frame inside one turn of a `copy` loop. */
export function copyFrame(frame: Frame, name: string, index: number): Frame {
  return { ...frame, copyIndex: new Map(frame.copyIndex).set(name.toLowerCase(), index).set('', index) };
}

/** @throws Unresolvable where it goes too deep */
export function deeper(frame: Frame): Frame {
  frame.budget.spend();
  if (frame.depth >= depthLimit) throw new Unresolvable('nested too deep, or in a circle');
  return { ...frame, depth: frame.depth + 1 };
}
