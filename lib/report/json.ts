/** The report as JSON (contract, section 4), two spaces a level, a deployment a chunk. */
import type { Report } from '../audit/report.ts';

function indented(value: unknown, indent: string): string {
  return JSON.stringify(value, null, 2).replaceAll('\n', `\n${indent}`);
}

/** A list, one element a chunk. */
function* list(name: string, elements: readonly unknown[], end: string): Iterable<string> {
  if (elements.length === 0) {
    yield `  "${name}": []${end}`;
    return;
  }
  yield `  "${name}": [`;
  let separator = '\n    ';
  for (const element of elements) {
    yield `${separator}${indented(element, '    ')}`;
    separator = ',\n    ';
  }
  yield `\n  ]${end}`;
}

export function* toJson(report: Report): Iterable<string> {
  const { deployments, errors, ...head } = report;
  yield '{\n';
  for (const [name, value] of Object.entries(head)) yield `  ${JSON.stringify(name)}: ${indented(value, '  ')},\n`;
  yield* list('deployments', deployments, ',\n');
  yield* list('errors', errors, '\n');
  yield '}\n';
}
