/**
 * The expression language of ARM templates: text to a tree. Source: Microsoft Learn, "Syntax and expressions in ARM
 * templates". Evaluation is in `evaluate.ts`.
 */
export type Expression =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'property'; readonly target: Expression; readonly name: Expression; readonly optional: boolean };

/** The expression was not evaluated; `message` says why. */
export class Unresolvable extends Error {
  override readonly name = 'Unresolvable';
}

/** Stands in a value for a part that was not evaluated, so that nothing can be computed from it by mistake. */
export class Unevaluated {
  /** The expression, in its brackets. */
  readonly text: string;
  /** A text that is the same wherever the expression means the same, for use in names. */
  readonly identity: () => string;

  constructor(text: string, identity: () => string = () => placeholder(text)) {
    this.text = text;
    this.identity = identity;
  }

  toJSON(): never {
    throw new Unresolvable(`${this.text} is not known`);
  }
}

/** Part of a name that stands for something unknown: what names it, without what could be taken for a separator. */
export function placeholder(text: string): string {
  return `{${text.replace(/^\[|\]$/g, '').replace(/[/{}]/g, '_')}}`;
}

const depthLimit = 100;
/** Resource Manager's own limit for the length of an expression. */
const lengthLimit = 24_576;

class Parser {
  private position = 0;
  private depth = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  parse(): Expression {
    const expression = this.expression();
    this.space();
    if (this.position < this.text.length) throw new Unresolvable(`unexpected "${this.text[this.position]}"`);
    return expression;
  }

  private space(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  private take(wanted: string): boolean {
    this.space();
    if (!this.text.startsWith(wanted, this.position)) return false;
    this.position += wanted.length;
    return true;
  }

  private match(pattern: RegExp): string | undefined {
    this.space();
    const found = pattern.exec(this.text.slice(this.position))?.[0];
    if (found !== undefined) this.position += found.length;
    return found;
  }

  private expression(): Expression {
    if (++this.depth > depthLimit) throw new Unresolvable('nested too deep');
    const expression = this.postfix(this.primary());
    this.depth--;
    return expression;
  }

  private primary(): Expression {
    const text = this.match(/^'(?:[^']|'')*'/);
    if (text !== undefined) return { kind: 'literal', value: text.slice(1, -1).replaceAll("''", "'") };
    const number = this.match(/^[+-]?\d+(?:\.\d+)?/);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const name = this.match(/^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?=\s*\()/);
    if (name === undefined)
      throw new Unresolvable(`cannot be read at "${this.text.slice(this.position, this.position + 20)}"`);
    this.take('(');
    return { kind: 'call', name: name.toLowerCase(), args: this.args() };
  }

  private args(): Expression[] {
    const args: Expression[] = [];
    if (this.take(')')) return args;
    do args.push(this.expression());
    while (this.take(','));
    if (!this.take(')')) throw new Unresolvable('a closing parenthesis is missing');
    return args;
  }

  private postfix(first: Expression): Expression {
    let target = first;
    for (;;) {
      if (this.take('.')) {
        const optional = this.take('?');
        const name = this.match(/^[A-Za-z_][A-Za-z0-9_-]*/);
        if (name === undefined) throw new Unresolvable('a property name is missing');
        target = { kind: 'property', target, name: { kind: 'literal', value: name }, optional };
      } else if (this.take('[')) {
        const optional = this.take('?');
        const name = this.expression();
        if (!this.take(']')) throw new Unresolvable('a closing bracket is missing');
        target = { kind: 'property', target, name, optional };
      } else {
        return target;
      }
    }
  }
}

/** The tree of an expression (without its outer brackets). @throws Unresolvable */
export function parseExpression(text: string): Expression {
  if (text.length > lengthLimit) throw new Unresolvable(`longer than ${lengthLimit} characters`);
  return new Parser(text).parse();
}

/** A template text that is an expression; `[[` at the beginning escapes. */
export function isTemplateExpression(text: string): boolean {
  return text.startsWith('[') && !text.startsWith('[[') && text.endsWith(']');
}
