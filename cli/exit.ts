/** Exit codes, and errors as one line on standard error. */
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
export function isExpected(error: unknown): boolean {
  return error instanceof Error && expected.has(error.name);
}

/** One line, whatever the message holds. */
export function printError(error: unknown): void {
  const message =
    error instanceof Error ? (isExpected(error) ? error.message : `internal error: ${error.message}`) : String(error);
  process.stderr.write(`tunnelwatch: ${message.replace(/\s*[\r\n]+\s*/g, ' ')}\n`);
}

export function warn(message: string): void {
  process.stderr.write(`tunnelwatch: ${message}\n`);
}
