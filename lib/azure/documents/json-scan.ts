/**
 * Finds where the values of a JSON text begin and end without parsing them, so that a large export can be parsed one
 * resource at a time. Checks only what it steps over (brackets, strings, commas); the values are checked by JSON.parse.
 */
import { DocumentError } from './document-error.ts';
import { findFault } from './json-fault.ts';

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

/** From `start` to `end` (exclusive) in the bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place in the bytes of one file. */
export class JsonScanner {
  position = 0;
  readonly bytes: Buffer;
  readonly file: string;
  /** Lines are counted on from the last place asked for: files are read forwards. */
  private counted = { position: 0, line: 1 };

  constructor(bytes: Buffer, file: string, position = 0) {
    this.bytes = bytes;
    this.file = file;
    this.position = position;
  }

  /** The line, from 1, of a byte. */
  lineOf(position: number): number {
    if (position < this.counted.position) this.counted = { position: 0, line: 1 };
    let { line } = this.counted;
    for (let at = this.bytes.indexOf(10, this.counted.position); at >= 0 && at < position; ) {
      line++;
      at = this.bytes.indexOf(10, at + 1);
    }
    this.counted = { position, line };
    return line;
  }

  /** Line and column, from 1, of a byte, in words. */
  place(position: number): string {
    const at = Math.min(position, this.bytes.length);
    const lineStart = at === 0 ? 0 : this.bytes.lastIndexOf(10, at - 1) + 1;
    // A column is for people to find; where a file is one long line, it counts bytes.
    const column = at - lineStart > 1_000_000 ? at - lineStart : this.bytes.toString('utf8', lineStart, at).length;
    return `line ${this.lineOf(at)}, column ${column + 1}`;
  }

  fail(problem: string, position = this.position): never {
    throw new DocumentError(this.file, this.place(position), problem);
  }

  /** Says what is wrong with the value that begins at `start`, at the very byte where that can be told. */
  failIn(start: number, problem: string, position = this.position): never {
    const fault = findFault(this.bytes, start);
    if (fault === undefined) return this.fail(problem, position);
    return this.fail(fault.problem, fault.position);
  }

  /** Skips white space; returns the next byte, -1 at the end. */
  next(): number {
    const { bytes } = this;
    let { position } = this;
    let byte = bytes[position];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = bytes[++position];
    this.position = position;
    return byte ?? -1;
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
    let at = this.position + 1;
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
          if (at >= end) this.failIn(start, 'the file ends inside a text: it is truncated', end);
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
    this.failIn(start, 'the file ends before the value does: it is truncated', end);
  }

  private skipScalar(): void {
    const { bytes } = this;
    const start = this.position;
    while (this.position < bytes.length) {
      const byte = bytes[this.position] as number;
      if (byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20) break;
      this.position++;
    }
    if (this.position === start) this.failIn(start, 'a value is expected');
  }

  /** Parses the bytes of one value, by default up to the current position. */
  parse(start: number, end = this.position): unknown {
    const text = this.bytes.toString('utf8', start, end);
    try {
      return JSON.parse(text);
    } catch {
      return this.failIn(start, 'not valid JSON', start);
    }
  }

  /** Visits the elements of the list that begins here; the position may be moved while one is looked at. */
  *elements(): Generator<Span> {
    if (this.next() !== openBracket) this.fail('a list is expected');
    this.position++;
    if (this.next() === closeBracket) {
      this.position++;
      return;
    }
    for (;;) {
      const start = this.skipValue();
      const end = this.position;
      yield { start, end };
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

  /** The members of the object that begins here: name -> where its value is. Leaves the position after the object. */
  members(): Map<string, Span> {
    const found = new Map<string, Span>();
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
      const name = String(this.parse(nameStart));
      if (found.has(name)) this.fail(`"${name}" is given twice in one object`, nameStart);
      if (this.next() !== colon)
        this.fail(this.next() === -1 ? 'the file ends inside an object: it is truncated' : 'a colon is missing');
      this.position++;
      const start = this.skipValue();
      found.set(name, { start, end: this.position });
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
