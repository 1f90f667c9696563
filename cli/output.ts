/** Where a report goes: standard output, or a file that is there whole or not at all. */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { UsageError } from './exit.ts';

/** Colour only on a terminal; NO_COLOR and FORCE_COLOR are obeyed (no-color.org). */
export function wantsColour(toTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return toTerminal && TERM !== 'dumb';
}

async function toStandardOutput(chunks: Iterable<string>): Promise<void> {
  for (const chunk of chunks) {
    if (process.stdout.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      process.stdout.once('drain', resolve);
    });
  }
}

/** Characters that are gathered before they are written: reports come in many small chunks. */
const batch = 1 << 20;

function writeAll(chunks: Iterable<string>, path: string): void {
  const file = openSync(path, 'wx');
  try {
    let gathered = '';
    for (const chunk of chunks) {
      gathered += chunk;
      if (gathered.length < batch) continue;
      writeSync(file, gathered);
      gathered = '';
    }
    writeSync(file, gathered);
  } finally {
    closeSync(file);
  }
}

/** @throws UsageError when the file cannot be written */
function toFile(chunks: Iterable<string>, path: string): void {
  const temporary = `${path}.${process.pid}.part`;
  try {
    writeAll(chunks, temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw new UsageError(`${path}: cannot be written (${code === 'ENOENT' ? 'its folder does not exist' : code})`);
  }
}

export async function writeOut(chunks: Iterable<string>, path: string | undefined): Promise<void> {
  if (path === undefined) await toStandardOutput(chunks);
  else toFile(chunks, path);
}
