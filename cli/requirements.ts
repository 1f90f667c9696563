/** `tunnelwatch requirements`: the catalogue, for people or for programs. */
import Table from 'cli-table3';
import { catalogue } from '../lib/requirements/catalogue.ts';
import { helpOf } from '../lib/requirements/requirement.ts';
import { terminalWidth, writeOut } from './output.ts';

function toJson(): string {
  const list = catalogue.map(({ id, severity, needsTunnel, title, demand, impact }) => {
    return { id, severity, needsTunnel, title, demand, impact, help: helpOf(id) };
  });
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** Widths of the columns but the last, which takes the rest of the line. */
const columns = [29, 10, 8];
const borders = columns.length + 2;

function toText(width: number): string {
  const rest = width - columns.reduce((sum, each) => sum + each, borders);
  const table = new Table({
    head: ['requirement', 'severity', 'when', 'passes when'],
    colWidths: [...columns, rest],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { id, severity, needsTunnel, demand } of catalogue)
    table.push([id, severity, needsTunnel ? 'tunnel' : 'always', demand]);
  return `${table.toString()}\n`;
}

export async function runRequirements(format: 'table' | 'json'): Promise<void> {
  await writeOut([format === 'json' ? toJson() : toText(terminalWidth())], undefined);
}
