/**
 * From files to an estate: Resource Graph results, lists, single resources, templates and newline-delimited resources,
 * told apart by content. A file is read whole, but parsed one resource at a time, so that an export of 100,000
 * deployments needs little more memory than its text and what the model keeps of it.
 */
import type { Estate, Source } from '../../network/model.ts';
import { DocumentError } from './document-error.ts';
import { DocumentReader, type OnProgress } from './document-reader.ts';
import { EstateBuilder } from './estate-builder.ts';
import type { Fields } from './fields.ts';
import { type InputFile, readText } from './input.ts';
import { JsonScanner } from './json-scan.ts';
import { parametersOf } from './template/parameters.ts';

export { DocumentError } from './document-error.ts';
export type { InputFile } from './input.ts';

export interface ReadOptions {
  /** Paths of template parameter files. */
  readonly parameters?: readonly string[];
  readonly onProgress?: OnProgress;
}

async function readParameters(paths: readonly string[]): Promise<Fields> {
  let parameters: Fields = {};
  for (const path of paths) {
    const scanner = new JsonScanner(await readText({ name: path, path }), path);
    if (scanner.next() === -1) throw new DocumentError(path, '', 'is empty');
    const start = scanner.skipValue();
    parameters = { ...parameters, ...parametersOf(scanner.parse(start), path) };
    if (scanner.next() !== -1) scanner.fail('something else follows the parameters');
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
    const scanner = new JsonScanner(await readText(file), file.name);
    new DocumentReader(builder, scanner, source, parameters, options.onProgress).read();
  }
  return builder.build();
}

/**
 * An estate out of a text that is already at hand, such as the body of a request.
 * @throws DocumentError, naming the source, for a text that is no estate
 */
export function estateFromText(text: string, source: Source): Estate {
  const builder = new EstateBuilder();
  const index = builder.addSource(source);
  const bytes = Buffer.from(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, 'utf8');
  new DocumentReader(builder, new JsonScanner(bytes, source.name), index).read();
  return builder.build();
}

/**
 * An estate out of a document of any of the shapes that is already parsed.
 * @throws DocumentError, naming the source, for one that is no estate
 */
export function estateFromDocument(document: unknown, source: Source): Estate {
  return estateFromText(textOf(document, source), source);
}

function textOf(document: unknown, source: Source): string {
  try {
    return JSON.stringify(document) ?? 'null';
  } catch (error) {
    const problem = error instanceof RangeError ? 'is nested too deep' : 'is no JSON document';
    throw new DocumentError(source.name, '', problem);
  }
}

/** An estate out of resources that are already parsed, such as the pages of Resource Graph. */
export function estateFromResources(resources: Iterable<unknown>, source: Source): Estate {
  const builder = new EstateBuilder();
  const index = builder.addSource(source);
  for (const resource of resources) {
    if (EstateBuilder.isResource(resource)) builder.add(resource, { source: index });
    else if (!builder.addView(resource)) builder.addError(source.name, 'an entry that is no Azure resource: left out');
  }
  return builder.build();
}
