/** Template parameter files. */
import { DocumentError } from '../document-error.ts';
import { type Fields, isRecord, own } from '../fields.ts';
import { Unevaluated } from './expression.ts';

/**
 * The values of a parameter file, `{"parameters": {"name": {"value": ...}}}`, or of the object inside it. One that is a
 * reference to a secret has a value that only Azure knows.
 * @throws DocumentError when it is neither
 */
export function parametersOf(document: unknown, file: string): Fields {
  const parameters = isRecord(document) ? (own(document, 'parameters') ?? document) : undefined;
  if (!isRecord(parameters)) {
    throw new DocumentError(file, '', 'is no parameter file (expected {"parameters": {"name": {"value": ...}}})');
  }
  const values: [string, unknown][] = [];
  for (const [name, entry] of Object.entries(parameters)) {
    if (!isRecord(entry)) continue;
    if (Object.hasOwn(entry, 'value')) values.push([name, own(entry, 'value')]);
    else if (Object.hasOwn(entry, 'reference')) values.push([name, new Unevaluated(`[parameters('${name}')]`)]);
  }
  return Object.fromEntries(values);
}
