/** Exit codes, and errors as one line on standard error. */
import { oneLine } from '../lib/report/text.ts';

export const exitCode = { ok: 0, findings: 1, usage: 2 } as const;

/** A wrong way of calling the program; the message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const expected = new Set([
  'UsageError',
  'DocumentError',
  'ServiceTagsError',
  'PolicyError',
  'TraceError',
  'LiveReadError',
]);

/** Whether an error is one that users can mend; anything else is a fault of the program. */
function isExpected(error: unknown): error is Error {
  return error instanceof Error && expected.has(error.name);
}

/** One line, whatever the message holds: names out of files may hold line breaks and escape sequences. */
export function warn(message: string): void {
  process.stderr.write(`tunnelwatch: ${oneLine(message)}\n`);
}

/** One line; for what was not expected also the stack, with `DEBUG=tunnelwatch`. */
export function printError(error: unknown): void {
  if (isExpected(error)) {
    warn(error.message);
    return;
  }
  warn(`internal error: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env.DEBUG === 'tunnelwatch' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}
