/** Evaluates template expressions in a scope. What cannot be known before deployment throws `Unresolvable`. */
import { isRecord, own } from '../fields.ts';
import { type Expression, isTemplateExpression, parseExpression, Unresolvable } from './expression.ts';
import { functions } from './functions.ts';
import { resourceIdFrom } from './ids.ts';

/** Where names are looked up; one for each template, nested ones included. */
export interface Scope {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string | undefined;
  parameter(name: string): unknown;
  variable(name: string): unknown;
  /** The declared body of a resource of this template by id, name or symbol. */
  resource(key: string): { readonly id: string; readonly body: Readonly<Record<string, unknown>> } | undefined;
  userFunction(name: string): { readonly parameters: readonly string[]; readonly output: unknown } | undefined;
}

interface Frame {
  readonly scope: Scope;
  readonly copyIndex: ReadonlyMap<string, number>;
  /** Of user functions and lambdas. */
  readonly locals: ReadonlyMap<string, unknown>;
  readonly depth: number;
}

const depthLimit = 200;
const iterationLimit = 10_000;

export type EvaluationFrame = Frame;

export function rootFrame(scope: Scope): Frame {
  return { scope, copyIndex: new Map(), locals: new Map(), depth: 0 };
}

/** The frame inside one turn of a `copy` loop. */
export function copyFrame(frame: Frame, name: string, index: number): Frame {
  return { ...frame, copyIndex: new Map(frame.copyIndex).set(name.toLowerCase(), index).set('', index) };
}

function deeper(frame: Frame): Frame {
  if (frame.depth >= depthLimit) throw new Unresolvable('nested too deep, or in a circle');
  return { ...frame, depth: frame.depth + 1 };
}

function property(target: unknown, name: unknown, optional: boolean): unknown {
  if (Array.isArray(target) && typeof name === 'number') {
    const index = name < 0 ? target.length + name : name;
    if (index in target) return target[index];
  } else if (isRecord(target) && typeof name === 'string') {
    const exact = own(target, name);
    if (exact !== undefined) return exact;
    const key = Object.keys(target).find((each) => each.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return own(target, key);
  }
  if (optional) return null;
  throw new Unresolvable(`has no "${String(name)}" before deployment`);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Unresolvable('a text is expected');
}

/** `reference()`: the properties that this template declares for a resource; `Full` gives the whole body. */
function reference(frame: Frame, key: unknown, full: unknown): unknown {
  const found = frame.scope.resource(textOf(key));
  if (!found) throw new Unresolvable(`"${String(key)}" is not declared in the template`);
  return full === 'Full' ? { ...found.body, id: found.id } : (own(found.body, 'properties') ?? {});
}

function lambda(frame: Frame, expression: Expression | undefined): (...args: readonly unknown[]) => unknown {
  if (expression?.kind !== 'call' || expression.name !== 'lambda') throw new Unresolvable('a lambda is expected');
  const names = expression.args.slice(0, -1).map((each) => textOf(evaluate(each, frame)));
  const body = expression.args.at(-1);
  if (!body) throw new Unresolvable('a lambda without a body');
  return (...args) => {
    const locals = new Map(frame.locals);
    names.forEach((name, index) => {
      locals.set(name.toLowerCase(), args[index]);
    });
    return evaluate(body, deeper({ ...frame, locals }));
  };
}

function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unresolvable('a list is expected');
  if (value.length > iterationLimit) throw new Unresolvable(`a list of more than ${iterationLimit}`);
  return value;
}

type Special = (frame: Frame, args: readonly Expression[]) => unknown;

/** Functions that look at the scope, or do not evaluate all their arguments. */
const special: Readonly<Record<string, Special>> = {
  if: (frame, [condition, yes, no]) => {
    const chosen = condition && functions.bool?.(evaluate(condition, frame)) ? yes : no;
    return chosen ? evaluate(chosen, frame) : null;
  },
  parameters: (frame, [name]) => {
    const key = name ? textOf(evaluate(name, frame)) : '';
    const local = frame.locals.get(key.toLowerCase());
    return local !== undefined ? local : frame.scope.parameter(key);
  },
  variables: (frame, [name]) => frame.scope.variable(name ? textOf(evaluate(name, frame)) : ''),
  lambdavariables: (frame, [name]) => frame.locals.get((name ? textOf(evaluate(name, frame)) : '').toLowerCase()),
  copyindex: (frame, args) => {
    const values = args.map((each) => evaluate(each, frame));
    const name = typeof values[0] === 'string' ? values[0].toLowerCase() : '';
    const offset = values.find((each) => typeof each === 'number');
    const index = frame.copyIndex.get(name);
    if (index === undefined) throw new Unresolvable('copyIndex outside of a loop');
    return index + (typeof offset === 'number' ? offset : 0);
  },
  resourceid: (frame, args) =>
    resourceIdFrom(
      args.map((each) => textOf(evaluate(each, frame))),
      frame.scope,
    ),
  subscriptionresourceid: (frame, args) => {
    const values = args.map((each) => textOf(evaluate(each, frame)));
    return resourceIdFrom(values, { ...frame.scope, subscriptionId: frame.scope.subscriptionId, resourceGroup: '' });
  },
  extensionresourceid: (frame, args) => {
    const [base = '', ...rest] = args.map((each) => textOf(evaluate(each, frame)));
    return `${base}${resourceIdFrom(rest, { subscriptionId: '', resourceGroup: '' })}`;
  },
  reference: (frame, args) => {
    const [key, , full] = args.map((each) => evaluate(each, frame));
    return reference(frame, key, full);
  },
  resourceinfo: (frame, [key]) => {
    const found = frame.scope.resource(key ? textOf(evaluate(key, frame)) : '');
    if (!found) throw new Unresolvable('the resource is not declared in the template');
    return { ...found.body, id: found.id };
  },
  subscription: (frame) => ({
    subscriptionId: frame.scope.subscriptionId,
    id: `/subscriptions/${frame.scope.subscriptionId}`,
    displayName: 'subscription',
  }),
  resourcegroup: (frame) => ({
    id: `/subscriptions/${frame.scope.subscriptionId}/resourceGroups/${frame.scope.resourceGroup}`,
    name: frame.scope.resourceGroup,
    ...(frame.scope.location !== undefined && { location: frame.scope.location }),
  }),
  deployment: () => ({ name: 'deployment' }),
  environment: () => ({
    name: 'AzureCloud',
    resourceManager: 'https://management.azure.com/',
    suffixes: {
      storage: 'core.windows.net',
      sqlServerHostname: '.database.windows.net',
      keyvaultDns: '.vault.azure.net',
    },
  }),
  map: (frame, [list, each]) => {
    const apply = lambda(frame, each);
    return listOf(list && evaluate(list, frame)).map((value, index) => apply(value, index));
  },
  filter: (frame, [list, each]) => {
    const apply = lambda(frame, each);
    return listOf(list && evaluate(list, frame)).filter((value, index) => functions.bool?.(apply(value, index)));
  },
  reduce: (frame, [list, start, each]) => {
    const apply = lambda(frame, each);
    return listOf(list && evaluate(list, frame)).reduce(
      (total: unknown, value) => apply(total, value),
      start && evaluate(start, frame),
    );
  },
  toobject: (frame, [list, key, value]) => {
    const name = lambda(frame, key);
    const content = value ? lambda(frame, value) : (each: unknown) => each;
    return Object.fromEntries(listOf(list && evaluate(list, frame)).map((each) => [textOf(name(each)), content(each)]));
  },
};

function call(expression: Extract<Expression, { kind: 'call' }>, frame: Frame): unknown {
  const { name, args } = expression;
  if (Object.hasOwn(special, name)) return special[name]?.(frame, args);
  if (Object.hasOwn(functions, name)) return functions[name]?.(...args.map((each) => evaluate(each, frame)));
  const own = frame.scope.userFunction(name);
  if (!own) throw new Unresolvable(`function "${name}" is not known before deployment`);
  const locals = new Map(
    own.parameters.map((parameter, index) => {
      const arg = args[index];
      return [parameter.toLowerCase(), arg ? evaluate(arg, frame) : null];
    }),
  );
  return evaluateValue(own.output, deeper({ ...frame, locals }));
}

function evaluate(expression: Expression, outer: Frame): unknown {
  const frame = deeper(outer);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'call':
      return call(expression, frame);
    case 'property': {
      const target = evaluate(expression.target, frame);
      if (expression.optional && (target === null || target === undefined)) return null;
      return property(target, evaluate(expression.name, frame), expression.optional);
    }
  }
}

/** Evaluates a text as a template does. @throws Unresolvable */
export function evaluateText(text: string, frame: Frame): unknown {
  if (isTemplateExpression(text)) return evaluate(parseExpression(text.slice(1, -1)), frame);
  return text.startsWith('[[') ? text.slice(1) : text;
}

/** Evaluates everything in a value, property loops (`copy`) included. @throws Unresolvable for any part */
export function evaluateValue(value: unknown, frame: Frame): unknown {
  return walk(value, frame, (text) => evaluateText(text, frame));
}

/** As `evaluateValue`, but what cannot be evaluated stays as the text of its expression. */
export function evaluateWhatCanBe(value: unknown, frame: Frame): unknown {
  return walk(value, frame, (text, at) => {
    try {
      return evaluateText(text, at);
    } catch (error) {
      if (error instanceof Unresolvable) return text;
      throw error;
    }
  });
}

type OnText = (text: string, frame: Frame) => unknown;

function walk(value: unknown, outer: Frame, onText: OnText): unknown {
  if (typeof value === 'string') return onText(value, outer);
  if (typeof value !== 'object' || value === null) return value;
  const frame = deeper(outer);
  if (Array.isArray(value)) return value.map((each) => walk(each, frame, onText));
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    if (name === 'copy' && Array.isArray(each)) Object.assign(result, propertyLoops(each, frame, onText));
    else defineOwn(result, String(isTemplateExpression(name) ? onText(name, frame) : name), walk(each, frame, onText));
  }
  return result;
}

/** Never through a setter: a member may be called `__proto__`. */
function defineOwn(target: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

function propertyLoops(loops: readonly unknown[], frame: Frame, onText: OnText): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const loop of loops) {
    if (!isRecord(loop)) continue;
    const name = String(own(loop, 'name') ?? '');
    const declared = own(loop, 'count');
    const count = typeof declared === 'string' ? onText(declared, frame) : declared;
    if (typeof count !== 'number') {
      result[name] = declared;
      continue;
    }
    if (count > iterationLimit) throw new Unresolvable(`copy "${name}" of more than ${iterationLimit}`);
    result[name] = Array.from({ length: count }, (_, index) =>
      walk(own(loop, 'input'), copyFrame(frame, name, index), onText),
    );
  }
  return result;
}
