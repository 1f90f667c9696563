/** Where a report goes: standard output, or a file that is there whole or not at all. */
import { closeSync, openSync, realpathSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { UsageError } from './exit.ts';

/** Colour only on a terminal; NO_COLOR and FORCE_COLOR are obeyed (no-color.org). */
export function wantsColour(toTerminal: boolean): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '0') return true;
  return toTerminal && TERM !== 'dumb';
}

/** Columns to fill: the terminal's within reason, 100 where there is none. */
export function terminalWidth(): number {
  return Math.min(160, Math.max(80, process.stdout.columns ?? 100));
}

/** Characters that are gathered before they are written: reports come in many small chunks. */
const batch = 1 << 20;

function* gather(chunks: Iterable<string>): Iterable<string> {
  let gathered = '';
  for (const chunk of chunks) {
    gathered += chunk;
    if (gathered.length < batch) continue;
    yield gathered;
    gathered = '';
  }
  yield gathered;
}

async function toStandardOutput(chunks: Iterable<string>): Promise<void> {
  for (const text of gather(chunks)) {
    if (process.stdout.write(text)) continue;
    await new Promise<void>((resolve) => {
      process.stdout.once('drain', resolve);
    });
  }
}

function writeAll(chunks: Iterable<string>, path: string, flags: 'wx' | 'w'): void {
  const file = openSync(path, flags);
  try {
    for (const text of gather(chunks)) writeSync(file, text);
  } finally {
    closeSync(file);
  }
}

/** Devices and pipes (`/dev/stdout`) are written to as they are; nothing can be put in their place. */
function isSpecial(path: string): boolean {
  const about = statSync(path, { throwIfNoEntry: false });
  return about !== undefined && !about.isFile() && !about.isDirectory();
}

/** Beside the file first, then in its place; a link stays one. */
function replaceFile(chunks: Iterable<string>, path: string): void {
  const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined;
  const target = isThere ? realpathSync(path) : path;
  const temporary = `${target}.${process.pid}.part`;
  try {
    writeAll(chunks, temporary, 'wx');
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EISDIR: 'it is a folder',
  EACCES: 'no permission',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

/** @throws UsageError when the file cannot be written */
function toFile(chunks: Iterable<string>, path: string): void {
  try {
    if (isSpecial(path)) writeAll(chunks, path, 'w');
    else replaceFile(chunks, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    if (code === undefined) throw error;
    throw new UsageError(`${path}: cannot be written (${reasons[code] ?? code})`);
  }
}

export async function writeOut(chunks: Iterable<string>, path: string | undefined): Promise<void> {
  if (path === undefined) await toStandardOutput(chunks);
  else toFile(chunks, path);
}
