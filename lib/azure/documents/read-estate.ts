/**
 * From files to an estate: Resource Graph results, lists, single resources, templates and newline-delimited resources,
 * told apart by content. A file is read whole, but parsed one resource at a time, so that an export of 100,000
 * deployments needs little more memory than its text and what the model keeps of it.
 */
import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import type { Estate, Source } from '../../network/model.ts';
import { classify, describeOther } from './classify.ts';
import { DocumentError } from './document-error.ts';
import { EstateBuilder } from './estate-builder.ts';
import { type Fields, isRecord, own } from './fields.ts';
import { JsonScanner } from './json-scan.ts';
import { expandTemplate, parametersOf } from './template/expand.ts';

export { DocumentError } from './document-error.ts';

export interface InputFile {
  /** As the report and messages call it. */
  readonly name: string;
  /** A path, or `-` for standard input. */
  readonly path: string;
}

export interface ReadOptions {
  /** Paths of template parameter files. */
  readonly parameters?: readonly string[];
  readonly onProgress?: (bytesRead: number, bytesTotal: number) => void;
}

async function readBytes(file: InputFile): Promise<Buffer> {
  if (file.path === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  try {
    const about = await stat(file.path);
    if (about.isDirectory()) throw new DocumentError(file.name, '', 'is a directory; name a file');
    if (about.size > 2 ** 31 - 1)
      throw new DocumentError(file.name, '', 'is larger than 2 GiB; split it and name each part with --file');
    return await readFile(file.path);
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    const code = isRecord(error) ? String(own(error, 'code') ?? '') : '';
    const problem =
      code === 'ENOENT' ? 'no such file' : code === 'EACCES' ? 'may not be read' : `cannot be read (${code})`;
    throw new DocumentError(file.name, '', problem);
  }
}

/** UTF-8 without its mark; UTF-16 (as PowerShell writes it) is turned into UTF-8. */
function decode(bytes: Buffer, name: string): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return Buffer.from(bytes.subarray(2).toString('utf16le'), 'utf8');
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  if (!isUtf8(text)) throw new DocumentError(name, '', 'is not UTF-8 text');
  return text;
}

/** One document of a file: feeds its resources to the builder. */
class DocumentReader {
  private resources = 0;
  private skipped = 0;
  private readonly builder: EstateBuilder;
  private readonly scanner: JsonScanner;
  private readonly source: number;
  private readonly options: ReadOptions;
  private readonly parameters: Fields;

  constructor(builder: EstateBuilder, scanner: JsonScanner, source: number, options: ReadOptions, parameters: Fields) {
    this.builder = builder;
    this.scanner = scanner;
    this.source = source;
    this.options = options;
    this.parameters = parameters;
  }

  /** All top-level values of the file: one, or one a line. */
  read(): void {
    if (this.scanner.next() === -1) throw new DocumentError(this.scanner.file, '', 'is empty');
    let values = 0;
    while (this.scanner.next() !== -1) {
      this.value(values++);
    }
    if (this.skipped > 0 && this.resources > 0) {
      this.builder.addError(this.scanner.file, `${this.skipped} entries that are no Azure resources are left out`);
    }
  }

  private value(index: number): void {
    const first = this.scanner.next();
    if (first === 0x5b) this.list();
    else if (first === 0x7b) this.object();
    else {
      this.scanner.skipValue();
      this.scanner.fail(
        index === 0 ? 'neither a list nor an object: not an estate' : 'something else follows the first value',
      );
    }
  }

  private list(): void {
    const before = this.resources;
    const start = this.scanner.position;
    let elements = 0;
    for (const element of this.scanner.elements()) {
      elements++;
      this.take(this.scanner.parse(element.start), element.line);
      if (elements % 1000 === 0) this.options.onProgress?.(this.scanner.position, this.scanner.bytes.length);
    }
    if (elements > 0 && this.resources === before) {
      throw new DocumentError(this.scanner.file, this.scanner.place(start), describeOther(this.sample(start)));
    }
  }

  /** The first element, to say what a list is that is no estate. */
  private sample(start: number): unknown {
    const scanner = new JsonScanner(this.scanner.bytes, this.scanner.file, start);
    for (const element of scanner.elements()) return [scanner.parse(element.start)];
    return [];
  }

  private object(): void {
    const start = this.scanner.position;
    const members = this.scanner.members();
    const end = this.scanner.position;
    const get = (name: string): unknown => {
      const member = members.get(name);
      if (!member) return undefined;
      // Only its kind is asked of a list, and a list may be most of the file.
      if (this.scanner.bytes[member.start] === 0x5b) return [];
      this.scanner.position = member.end;
      const value = this.scanner.parse(member.start);
      this.scanner.position = end;
      return value;
    };
    const kind = classify((name) => members.has(name), get);
    const member = members.get(kind);
    if ((kind === 'data' || kind === 'value') && member) {
      this.scanner.position = member.start;
      this.list();
      this.scanner.position = end;
      return;
    }
    this.scanner.position = end;
    const document = this.scanner.parse(start);
    this.whole(document, kind, start);
    this.scanner.position = end;
  }

  private whole(document: unknown, kind: string, start: number): void {
    const line = Number(/\d+/.exec(this.scanner.place(start))?.[0] ?? 1);
    if (kind === 'template') this.template(document, line);
    else if (kind === 'table') this.table(document, line);
    else if (EstateBuilder.isResource(document)) this.take(document, line);
    else
      throw new DocumentError(this.scanner.file, start === 0 ? '' : this.scanner.place(start), describeOther(document));
  }

  private template(document: unknown, line: number): void {
    const source = this.builder.sources[this.source];
    if (source) this.builder.sources[this.source] = { kind: 'template', name: source.name };
    const { resources, errors } = expandTemplate(document, this.parameters);
    for (const resource of resources) this.take(resource, line);
    for (const error of errors) this.builder.addError(error.resource, error.message);
  }

  /** The older form of a Resource Graph result: columns and rows. */
  private table(document: unknown, line: number): void {
    const data = isRecord(document) ? own(document, 'data') : undefined;
    if (!isRecord(data)) return;
    const columns = own(data, 'columns');
    const rows = own(data, 'rows');
    const names = Array.isArray(columns)
      ? columns.map((column: unknown) => (isRecord(column) ? String(own(column, 'name')) : ''))
      : [];
    for (const row of Array.isArray(rows) ? rows : []) {
      this.take(Array.isArray(row) ? Object.fromEntries(names.map((name, index) => [name, row[index]])) : row, line);
    }
  }

  /** One entry of a list: a resource, a page of resources, or something to leave out. */
  private take(entry: unknown, line: number): void {
    if (EstateBuilder.isResource(entry)) {
      this.resources++;
      this.builder.add(entry, { source: this.source, line });
      return;
    }
    const page = Array.isArray(entry)
      ? entry
      : isRecord(entry)
        ? (own(entry, 'value') ?? own(entry, 'data'))
        : undefined;
    if (Array.isArray(page)) for (const each of page) this.take(each, line);
    else this.skipped++;
  }
}

async function readParameters(paths: readonly string[]): Promise<Fields> {
  let parameters: Fields = {};
  for (const path of paths) {
    const bytes = decode(await readBytes({ name: path, path }), path);
    const scanner = new JsonScanner(bytes, path);
    if (scanner.next() === -1) throw new DocumentError(path, '', 'is empty');
    const start = scanner.skipValue();
    parameters = { ...parameters, ...parametersOf(scanner.parse(start), path) };
  }
  return parameters;
}

/**
 * Reads files into one estate.
 * @throws DocumentError for a file that cannot be read or is no estate
 */
export async function readEstate(files: readonly InputFile[], options: ReadOptions = {}): Promise<Estate> {
  const builder = new EstateBuilder();
  const parameters = await readParameters(options.parameters ?? []);
  for (const file of files) {
    const source = builder.addSource({ kind: 'file', name: file.name });
    const scanner = new JsonScanner(decode(await readBytes(file), file.name), file.name);
    new DocumentReader(builder, scanner, source, options, parameters).read();
  }
  return builder.build();
}

/** An estate out of a text that is already at hand, such as the body of a request. */
export function estateFromText(text: string, source: Source): Estate {
  const builder = new EstateBuilder();
  const index = builder.addSource(source);
  new DocumentReader(builder, new JsonScanner(Buffer.from(text, 'utf8'), source.name), index, {}, {}).read();
  return builder.build();
}

/** An estate out of resources that are already parsed, such as the pages of Resource Graph. */
export function estateFromResources(resources: Iterable<unknown>, source: Source): Estate {
  const builder = new EstateBuilder();
  const index = builder.addSource(source);
  for (const resource of resources) if (EstateBuilder.isResource(resource)) builder.add(resource, { source: index });
  return builder.build();
}
