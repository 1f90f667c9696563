/**
 * Where a running local watcher can be found: a file that `npm start` writes and `npm run drift` reads. It holds addresses on
 * loopback and the keys made up for this run, and goes when the watcher stops.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const sessionSchema = z.object({
  pid: z.number(),
  /** Of the functions. */
  url: z.string(),
  key: z.string(),
  /** Of the simulated Resource Manager. */
  armEndpoint: z.string(),
  /** PEM. */
  certificate: z.string(),
  /** What a process needs for signing in. */
  environment: z.record(z.string(), z.string()),
});

export type Session = z.infer<typeof sessionSchema>;

function folder(): string {
  return join(tmpdir(), `tunnelwatch-${process.getuid?.() ?? 'user'}`);
}

function fileOf(port: number): string {
  return join(folder(), `local-${port}.json`);
}

export function writeSession(port: number, session: Session): void {
  mkdirSync(folder(), { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(port), JSON.stringify(session), { mode: 0o600 });
}

export function removeSession(port: number): void {
  rmSync(fileOf(port), { force: true });
}

/** @returns `undefined` where no local watcher was started on the port */
export function readSession(port: number): Session | undefined {
  try {
    return sessionSchema.parse(JSON.parse(readFileSync(fileOf(port), 'utf8')));
  } catch {
    return undefined;
  }
}

/** @throws for a PORT that is no port */
export function portOf(environment: Readonly<Record<string, string | undefined>>): number {
  const text = environment.PORT ?? '7071';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT is "${text}"; a port number is expected`);
  return port;
}
