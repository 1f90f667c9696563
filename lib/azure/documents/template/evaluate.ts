/** Evaluates template expressions in a frame. What cannot be known before deployment throws `Unresolvable`. */
import { own } from '../fields.ts';
import { type Expression, isTemplateExpression, placeholder, Unevaluated, Unresolvable } from './expression.ts';
import { deeper, type Frame } from './frame.ts';
import { functions } from './functions.ts';
import { special } from './special-functions.ts';
import { isObject, sizeLimit, sizeOf, textOf } from './values.ts';
import { walk } from './walk.ts';

function property(target: unknown, name: unknown, optional: boolean): unknown {
  if (Array.isArray(target) && typeof name === 'number') {
    const index = name < 0 ? target.length + name : name;
    if (index in target) return target[index];
  } else if (isObject(target) && typeof name === 'string') {
    const exact = own(target, name);
    if (exact !== undefined) return exact;
    const key = Object.keys(target).find((each) => each.toLowerCase() === name.toLowerCase());
    if (key !== undefined) return own(target, key);
  }
  if (optional) return null;
  throw new Unresolvable(`has no "${String(name)}" before deployment`);
}

/** A value to compute with: where only a name is being made, a stand-in for what is not known. */
function known(value: unknown, frame: Frame): unknown {
  if (!(value instanceof Unevaluated)) return value;
  if (frame.isIdentity) return value.identity();
  throw new Unresolvable(`${value.text} is not known`);
}

function call(expression: Extract<Expression, { kind: 'call' }>, frame: Frame): unknown {
  const { name, args } = expression;
  const evaluator = { evaluate, evaluateValue };
  if (Object.hasOwn(special, name)) return special[name]?.(frame, args, evaluator);
  if (Object.hasOwn(functions, name)) {
    const values = args.map((each) => evaluate(each, frame));
    // Values share their parts: small to hold, they can be endless to walk.
    if (sizeOf(values) > sizeLimit) throw new Unresolvable(`${name} is given too large a value`);
    const result = functions[name]?.(...values);
    if (sizeOf(result) > sizeLimit) throw new Unresolvable(`${name} makes too large a value`);
    return result;
  }
  const found = frame.scope.userFunction(name);
  if (!found) throw new Unresolvable(`function "${name}" is not known before deployment`);
  const locals = new Map(
    found.parameters.map((parameter, index) => {
      const arg = args[index];
      return [parameter.toLowerCase(), arg ? evaluate(arg, frame) : null];
    }),
  );
  return evaluateValue(found.output, deeper({ ...frame, locals }));
}

/** The value of an expression; never one that is unevaluated itself, though a part of it may be. @throws Unresolvable */
function evaluate(expression: Expression, outer: Frame): unknown {
  return known(evaluateLoosely(expression, outer), outer);
}

function evaluateLoosely(expression: Expression, outer: Frame): unknown {
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

/** Evaluates a text as a template does; the result may be a part of a value that is unevaluated. @throws Unresolvable */
function evaluateText(text: string, frame: Frame): unknown {
  if (!isTemplateExpression(text)) return text.startsWith('[[') ? text.slice(1) : text;
  try {
    const value = evaluateLoosely(frame.budget.parse(text.slice(1, -1)), frame);
    return frame.isIdentity ? known(value, frame) : value;
  } catch (error) {
    // Too long a text, or too deep a stack: a template that is made to break its reader.
    if (error instanceof RangeError) throw new Unresolvable('too large to evaluate');
    throw error;
  }
}

/** Evaluates everything in a value, property loops (`copy`) included. @throws Unresolvable when it is unknown as a whole */
export function evaluateValue(value: unknown, frame: Frame): unknown {
  return typeof value === 'string'
    ? known(evaluateText(value, frame), frame)
    : known(evaluateWhatCanBe(value, frame), frame);
}

/** As `evaluateValue`, but what cannot be evaluated stays in the value as `Unevaluated`; throws nothing. */
export function evaluateWhatCanBe(value: unknown, frame: Frame): unknown {
  const onText = (text: string, at: Frame): unknown => {
    try {
      return evaluateText(text, at);
    } catch (error) {
      if (error instanceof Unresolvable) return new Unevaluated(text, () => evaluateIdentity(text, at));
      throw error;
    }
  };
  try {
    return walk(value, frame, onText);
  } catch (error) {
    if (error instanceof Unresolvable) return new Unevaluated(`[${error.message}]`);
    throw error;
  }
}

/** A text for use in names and ids: the same wherever the same is meant, also where its value is not known. */
export function evaluateIdentity(value: unknown, frame: Frame): string {
  if (typeof value !== 'string') return textOf(evaluateWhatCanBe(value, frame));
  try {
    return textOf(known(evaluateText(value, frame), frame));
  } catch (error) {
    if (!(error instanceof Unresolvable)) throw error;
  }
  try {
    return textOf(evaluateText(value, { ...frame, isIdentity: true }));
  } catch (error) {
    if (error instanceof Unresolvable) return placeholder(value);
    throw error;
  }
}
