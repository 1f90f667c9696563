/** What was thrown, in one line of a log: its name and the first line of its message, never a stack. */
export function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message.split('\n')[0] ?? ''}` : String(error);
}
