/** Walks a value of a template: texts are evaluated, property loops unrolled, everything else is copied. */
import { isRecord, own } from '../fields.ts';
import { isTemplateExpression, Unevaluated, Unresolvable } from './expression.ts';
import { copyFrame, deeper, type Frame } from './frame.ts';
import { defineOwn, iterationLimit } from './values.ts';

type OnText = (text: string, frame: Frame) => unknown;

/** @throws Unresolvable only for what `onText` lets through, and where it goes too deep or too far */
export function walk(value: unknown, outer: Frame, onText: OnText): unknown {
  if (typeof value === 'string') return onText(value, outer);
  if (typeof value !== 'object' || value === null || value instanceof Unevaluated) return value;
  const frame = deeper(outer);
  if (Array.isArray(value)) return value.map((each) => walk(each, frame, onText));
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    if (name === 'copy' && Array.isArray(each)) {
      for (const loop of each) if (isRecord(loop)) addLoop(result, loop, frame, onText);
    } else {
      const key = isTemplateExpression(name) ? onText(name, frame) : name;
      defineOwn(result, typeof key === 'string' ? key : name, walk(each, frame, onText));
    }
  }
  return result;
}

function addLoop(
  result: Record<string, unknown>,
  loop: Readonly<Record<string, unknown>>,
  frame: Frame,
  onText: OnText,
) {
  const name = String(own(loop, 'name') ?? '');
  const declared = own(loop, 'count');
  const count = typeof declared === 'string' ? onText(declared, frame) : declared;
  if (typeof count !== 'number') {
    // A list of unknown length is unknown as a whole.
    defineOwn(result, name, count instanceof Unevaluated ? count : new Unevaluated(`[copy of ${String(declared)}]`));
    return;
  }
  if (count > iterationLimit) throw new Unresolvable(`copy "${name}" of more than ${iterationLimit}`);
  const turns = Array.from({ length: Math.max(0, Math.trunc(count)) }, (_, index) =>
    walk(own(loop, 'input'), copyFrame(frame, name, index), onText),
  );
  defineOwn(result, name, turns);
}

/** The value as data: what was not evaluated becomes its expression's text. */
export function plain(value: unknown, frame: Frame): unknown {
  if (value instanceof Unevaluated) return value.text;
  if (typeof value !== 'object' || value === null) return value;
  const inner = deeper(frame);
  if (Array.isArray(value)) return value.map((each) => plain(each, inner));
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) defineOwn(result, name, plain(each, inner));
  return result;
}
