/**
 * Where a JSON text stops being JSON, to the byte. Used only when a text has already been refused: `JSON.parse` does not
 * always say where, and a bracket that is missing early shows itself only at the end of a file.
 */
export interface JsonFault {
  /** Offset of the byte that cannot stand there; the length of the text when it ends too early. */
  readonly position: number;
  readonly problem: string;
}

class Fault extends Error implements JsonFault {
  readonly position: number;
  readonly problem: string;
  constructor(position: number, problem: string) {
    super(problem);
    this.position = position;
    this.problem = problem;
  }
}

const depthLimit = 1000;
const numberEnd = /[^0-9eE.+-]/;
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

class Checker {
  private readonly bytes: Buffer;
  private at: number;
  private depth = 0;

  constructor(bytes: Buffer, start: number) {
    this.bytes = bytes;
    this.at = start;
  }

  private next(): number {
    let byte = this.bytes[this.at];
    while (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) byte = this.bytes[++this.at];
    return byte ?? -1;
  }

  private fail(wanted: string): never {
    const byte = this.next();
    if (byte === -1) throw new Fault(this.bytes.length, 'the file ends too early: it is truncated');
    const character = this.bytes.toString('utf8', this.at, this.at + 4).slice(0, 1);
    throw new Fault(this.at, `not valid JSON: ${wanted} is expected, not ${JSON.stringify(character)}`);
  }

  value(): void {
    if (++this.depth > depthLimit) throw new Fault(this.at, `nested deeper than ${depthLimit} levels`);
    const byte = this.next();
    if (byte === 0x22) this.text();
    else if (byte === 0x7b) this.sequence(0x7d, 'a comma or "}"', () => this.member());
    else if (byte === 0x5b) this.sequence(0x5d, 'a comma or "]"', () => this.value());
    else this.scalar();
    this.depth--;
  }

  private sequence(close: number, wanted: string, one: () => void): void {
    this.at++;
    if (this.next() !== close) {
      one();
      while (this.next() === 0x2c) {
        this.at++;
        one();
      }
      if (this.next() !== close) this.fail(wanted);
    }
    this.at++;
  }

  private member(): void {
    if (this.next() !== 0x22) this.fail('a name in double quotes');
    this.text();
    if (this.next() !== 0x3a) this.fail('a colon');
    this.at++;
    this.value();
  }

  private text(): void {
    for (this.at++; ; this.at++) {
      const byte = this.bytes[this.at];
      if (byte === undefined) throw new Fault(this.bytes.length, 'the file ends inside a text: it is truncated');
      if (byte === 0x22) break;
      if (byte < 0x20) throw new Fault(this.at, 'not valid JSON: a text is not closed on its line');
      if (byte === 0x5c) this.escape();
    }
    this.at++;
  }

  private escape(): void {
    const escaped = this.bytes.toString('latin1', this.at + 1, this.at + 6);
    if (escaped.length > 0 && !/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(escaped)) {
      if (this.at + 6 >= this.bytes.length && /^u[0-9a-fA-F]*$/.test(escaped)) return;
      throw new Fault(this.at, 'not valid JSON: a backslash begins no known escape');
    }
    this.at++;
  }

  private scalar(): void {
    const rest = this.bytes.toString('latin1', this.at, this.at + 400);
    const literal = /^(?:true|false|null)(?![A-Za-z0-9_])/.exec(rest)?.[0];
    const found = literal ?? rest.slice(0, numberEnd.exec(rest)?.index ?? rest.length);
    const ends = this.at + found.length >= this.bytes.length;
    if (literal === undefined && !number.test(found)) {
      const isCut = this.at + rest.length >= this.bytes.length && /^(?:-|t|tr|tru|f|fa|fal|fals|n|nu|nul)$/.test(rest);
      if (isCut || (ends && found !== '')) {
        throw new Fault(this.bytes.length, 'the file ends inside a value: it is truncated');
      }
      this.fail('a value');
    }
    this.at += found.length;
  }
}

/** The first fault of the value that begins at `start`; `undefined` when it is well formed. */
export function findFault(bytes: Buffer, start: number): JsonFault | undefined {
  try {
    new Checker(bytes, start).value();
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
