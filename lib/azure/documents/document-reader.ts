/**
 * One file's documents: recognises each by its content and feeds its resources to the builder one by one, so that only
 * the model of a large export is kept, never its parsed whole.
 */
import { classify, type DocumentKind, describeOther } from './classify.ts';
import { DocumentError } from './document-error.ts';
import { EstateBuilder } from './estate-builder.ts';
import { type Fields, isRecord, own } from './fields.ts';
import type { JsonScanner, Span } from './json-scan.ts';
import { expandTemplate } from './template/expand.ts';

const openBrace = 0x7b;
const openBracket = 0x5b;
/** An element of a list that is larger is looked into without parsing it whole: it may be a page of resources. */
const pageSize = 2 ** 20;
const progressStep = 1000;
/** Members of a page that name the next one. */
const nextPage = ['nextLink', 'skip_token', 'skipToken', '$skipToken'];

export type OnProgress = (bytesRead: number, bytesTotal: number) => void;

export class DocumentReader {
  private resources = 0;
  private skipped = 0;
  private readonly builder: EstateBuilder;
  private readonly scanner: JsonScanner;
  private readonly source: number;
  private readonly parameters: Fields;
  private readonly onProgress: OnProgress | undefined;

  /** @param source index of the file among the builder's sources */
  constructor(
    builder: EstateBuilder,
    scanner: JsonScanner,
    source: number,
    parameters: Fields = {},
    onProgress?: OnProgress,
  ) {
    this.builder = builder;
    this.scanner = scanner;
    this.source = source;
    this.parameters = parameters;
    this.onProgress = onProgress;
  }

  /** Reads all top-level values of the file: one, or one a line. @throws DocumentError */
  read(): void {
    const { scanner } = this;
    if (scanner.next() === -1) throw new DocumentError(scanner.file, '', 'is empty; nothing was exported into it');
    let refused: DocumentError | undefined;
    while (scanner.next() !== -1) {
      const { position } = scanner;
      const before = { resources: this.resources, skipped: this.skipped };
      const describe = this.value();
      const isRefused = this.resources === before.resources && this.skipped > before.skipped;
      if (isRefused) refused ??= new DocumentError(scanner.file, scanner.place(position), describe());
    }
    if (refused && this.resources === 0) throw refused;
    if (this.skipped > 0) {
      const entries = this.skipped === 1 ? '1 entry that is' : `${this.skipped} entries that are`;
      this.builder.addError(scanner.file, `${entries} no Azure resource: left out`);
    }
    this.onProgress?.(scanner.bytes.length, scanner.bytes.length);
  }

  /** One value; returns a way to say what it is when it held no resource. */
  private value(): () => string {
    const { scanner } = this;
    const first = scanner.next();
    const start = scanner.position;
    if (first === openBracket) {
      this.list();
      return () => describeOther(this.firstOf(start));
    }
    if (first === openBrace) return this.object();
    scanner.parse(scanner.skipValue());
    this.skipped++;
    return () => 'neither a list nor an object: not an estate';
  }

  /** @returns how many elements it has */
  private list(): number {
    const { scanner } = this;
    let elements = 0;
    for (const { start, end } of scanner.elements()) {
      elements++;
      const isSmall = end - start <= pageSize;
      const element = isSmall ? scanner.parse(start, end) : undefined;
      if (EstateBuilder.isResource(element)) {
        this.take(element, scanner.lineOf(start));
      } else {
        scanner.position = start;
        this.value();
      }
      if (elements % progressStep === 0) this.onProgress?.(end, scanner.bytes.length);
    }
    return elements;
  }

  /** A list with its first element only. */
  private firstOf(start: number): unknown {
    this.scanner.position = start;
    for (const span of this.scanner.elements()) {
      const first = this.scanner.parse(span.start, span.end);
      this.scanner.position = this.scanner.bytes.length;
      return [first];
    }
    return [];
  }

  private object(): () => string {
    const { scanner } = this;
    const start = scanner.position;
    const members = scanner.members();
    const end = scanner.position;
    const get = (name: string): unknown => {
      const span = members.get(name);
      if (!span) return undefined;
      // Only its kind is asked of a list, and a list may be most of the file.
      return scanner.bytes[span.start] === openBracket ? [] : scanner.parse(span.start, span.end);
    };
    const kind = classify((name) => members.has(name), get);
    const listed = kind === 'data' || kind === 'value' ? members.get(kind) : undefined;
    if (listed) {
      this.page(members, listed);
      scanner.position = end;
      return () => describeOther(this.firstOf(listed.start));
    }
    const document = scanner.parse(start, end);
    this.whole(document, kind, scanner.lineOf(start));
    return () => describeOther(document);
  }

  /** `{"data": [...]}` or `{"value": [...]}` with what stands beside the list. */
  private page(members: ReadonlyMap<string, Span>, listed: Span): void {
    const { scanner } = this;
    const beside = new Map<string, unknown>();
    for (const [name, span] of members) {
      if (span !== listed) beside.set(name, scanner.parse(span.start, span.end));
    }
    scanner.position = listed.start;
    const elements = this.list();
    const hasNext = nextPage.some((name) => typeof beside.get(name) === 'string' && beside.get(name) !== '');
    const total = beside.get('total_records') ?? beside.get('totalRecords');
    this.builder.notePage({ file: scanner.file, hasNext, elements, total: typeof total === 'number' ? total : 0 });
  }

  private whole(document: unknown, kind: DocumentKind, line: number): void {
    if (kind === 'template') this.template(document, line);
    else if (kind === 'table') this.table(document, line);
    else this.take(document, line);
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

  /** One parsed entry: a resource, or something to leave out. */
  private take(entry: unknown, line: number): void {
    if (EstateBuilder.isResource(entry)) {
      this.resources++;
      this.builder.add(entry, { source: this.source, line });
    } else if (this.builder.addView(entry)) this.resources++;
    else {
      this.skipped++;
    }
  }
}
