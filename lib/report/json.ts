/** The report as JSON (contract, section 4), two spaces a level, a deployment a chunk. */
import type { StreamedReport } from '../audit/audit.ts';

/** A value as it stands inside `depth` levels of two spaces: printed inside as many lists, which are cut off again. */
function indented(value: unknown, depth: number): string {
  let nested = value;
  for (let level = 0; level < depth; level++) nested = [nested];
  // Level n opens with a bracket, a line break and 2n spaces, and closes with a line break, 2(n-1) spaces and a bracket.
  const before = depth * (depth + 3);
  const after = depth * (depth + 1);
  const text = JSON.stringify(nested, null, 2);
  return text.slice(before, text.length - after);
}

/** A list, one element a chunk. */
function* list(name: string, elements: Iterable<unknown>, print: (element: unknown) => string): Iterable<string> {
  let before = `  "${name}": [\n    `;
  let isEmpty = true;
  for (const element of elements) {
    yield `${before}${print(element)}`;
    before = ',\n    ';
    isEmpty = false;
  }
  yield isEmpty ? `  "${name}": [],\n` : '\n  ],\n';
}

/**
 * The summary comes last: it is known when every deployment was evaluated, which may be while this is written. Of a
 * report that is still being evaluated each deployment takes one line: so many are for programs, and for grep.
 */
export function* toJson(report: StreamedReport): Iterable<string> {
  const { deployments, errors, summary, ...head } = report;
  const print = (element: unknown): string => indented(element, 2);
  yield '{\n';
  for (const [name, value] of Object.entries(head)) yield `  ${JSON.stringify(name)}: ${indented(value, 1)},\n`;
  yield* list('deployments', deployments, Array.isArray(deployments) ? print : (element) => JSON.stringify(element));
  yield* list('errors', errors, print);
  yield `  "summary": ${indented(summary, 1)}\n}\n`;
}
