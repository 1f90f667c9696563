/**
 * Finds where the values of a JSON text begin and end without parsing them, so that a large export can be parsed one
 * resource at a time. Checks only what it steps over (brackets, strings, commas); the values are checked by JSON.parse.
 */
import { DocumentError } from './document-error.ts';

const quote = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const comma = 0x2c;
const colon = 0x3a;

/** Far deeper than any resource; JSON of this depth is an attack or an accident. */
export const depthLimit = 500;

/** A place in the bytes of one file. Counts lines as it goes. */
export class JsonScanner {
  position = 0;
  readonly bytes: Buffer;
  readonly file: string;

  constructor(bytes: Buffer, file: string, position = 0) {
    this.bytes = bytes;
    this.file = file;
    this.position = position;
  }

  /** Line and column, from 1, of a byte. */
  place(position: number): string {
    let line = 1;
    let lineStart = 0;
    for (let at = this.bytes.indexOf(10); at >= 0 && at < position; at = this.bytes.indexOf(10, at + 1)) {
      line++;
      lineStart = at + 1;
    }
    const column = this.bytes.toString('utf8', lineStart, Math.min(position, this.bytes.length)).length + 1;
    return `line ${line}, column ${column}`;
  }

  fail(problem: string, position = this.position): never {
    throw new DocumentError(this.file, this.place(position), problem);
  }

  /** Skips white space; returns the next byte, -1 at the end. */
  next(): number {
    const { bytes } = this;
    let { position } = this;
    for (;;) {
      const byte = bytes[position];
      if (byte === undefined) {
        this.position = position;
        return -1;
      }
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) {
        this.position = position;
        return byte;
      }
      position++;
    }
  }

  /** Steps over one value of any kind and returns where it began. */
  skipValue(): number {
    const first = this.next();
    const start = this.position;
    if (first === -1) this.fail('the file ends where a value is expected: it is truncated');
    if (first === quote) this.skipString();
    else if (first === openBrace || first === openBracket) this.skipNested();
    else this.skipScalar();
    return start;
  }

  private skipString(): void {
    const { bytes } = this;
    const start = this.position;
    let at = start + 1;
    for (;;) {
      const byte = bytes[at];
      if (byte === undefined) this.fail('the file ends inside a text: it is truncated', bytes.length);
      if (byte === quote) break;
      at += byte === backslash ? 2 : 1;
    }
    this.position = at + 1;
  }

  private skipNested(): void {
    const { bytes } = this;
    const start = this.position;
    let at = start;
    let depth = 0;
    const end = bytes.length;
    while (at < end) {
      const byte = bytes[at++] as number;
      if (byte === quote) {
        let inside = bytes[at] as number;
        while (inside !== quote) {
          at += inside === backslash ? 2 : 1;
          if (at >= end) this.fail('the file ends inside a text: it is truncated', end);
          inside = bytes[at] as number;
        }
        at++;
      } else if (byte === openBrace || byte === openBracket) {
        if (++depth > depthLimit) this.fail(`nested deeper than ${depthLimit} levels`, at - 1);
      } else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) {
        this.position = at;
        return;
      }
    }
    this.fail('the file ends before the value does: it is truncated', end);
  }

  private skipScalar(): void {
    const { bytes } = this;
    const start = this.position;
    while (this.position < bytes.length) {
      const byte = bytes[this.position] as number;
      if (byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20) break;
      this.position++;
    }
    if (this.position === start) this.fail(`unexpected "${String.fromCharCode(bytes[start] as number)}"`);
  }

  /** Parses the bytes from `start` to the current position. */
  parse(start: number): unknown {
    const text = this.bytes.toString('utf8', start, this.position);
    try {
      return JSON.parse(text);
    } catch (error) {
      const message = error instanceof Error ? error.message : 'not JSON';
      const at = /position (\d+)/.exec(message)?.[1];
      const offset = at === undefined ? 0 : Buffer.byteLength(text.slice(0, Number(at)));
      return this.fail(
        `not valid JSON (${message.replace(/,? ?\.\.\.".*$|in JSON at position.*$/s, '').trim()})`,
        start + offset,
      );
    }
  }

  /** Visits the elements of the list that begins here: `visit(start)` is called with the position at each one's end. */
  *elements(): Generator<{ readonly start: number; readonly line: number }> {
    if (this.next() !== openBracket) this.fail('a list is expected');
    let line = 1;
    let counted = 0;
    this.position++;
    if (this.next() === closeBracket) {
      this.position++;
      return;
    }
    for (;;) {
      const start = this.skipValue();
      for (let at = this.bytes.indexOf(10, counted); at >= 0 && at < start; at = this.bytes.indexOf(10, at + 1)) line++;
      counted = start;
      const end = this.position;
      yield { start, line };
      this.position = end;
      const separator = this.next();
      if (separator === closeBracket) {
        this.position++;
        return;
      }
      if (separator === -1) this.fail('the file ends inside a list: it is truncated');
      if (separator !== comma) this.fail('a comma is missing between two elements of a list');
      this.position++;
      if (this.next() === closeBracket) this.fail('a list ends with a comma');
    }
  }

  /** The members of the object that begins here: name -> where its value begins. Leaves the position after the object. */
  members(): Map<string, { readonly start: number; readonly end: number }> {
    const found = new Map<string, { start: number; end: number }>();
    if (this.next() !== openBrace) this.fail('an object is expected');
    this.position++;
    if (this.next() === closeBrace) {
      this.position++;
      return found;
    }
    for (;;) {
      if (this.next() === -1) this.fail('the file ends inside an object: it is truncated');
      if (this.bytes[this.position] !== quote) this.fail('the name of a member is expected');
      const nameStart = this.position;
      this.skipString();
      const name = this.parse(nameStart);
      if (this.next() !== colon)
        this.fail(this.next() === -1 ? 'the file ends inside an object: it is truncated' : 'a colon is missing');
      this.position++;
      const start = this.skipValue();
      found.set(String(name), { start, end: this.position });
      const separator = this.next();
      if (separator === closeBrace) {
        this.position++;
        return found;
      }
      if (separator === -1) this.fail('the file ends inside an object: it is truncated');
      if (separator !== comma) this.fail('a comma is missing between two members of an object');
      this.position++;
    }
  }
}
