/** Loads an app into this process: its settings, its entry, the functions that it registers. One app at a time, whatever is asked. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Core, type LogLine } from './core.ts';

export interface AppOptions {
  /** Folder of host.json and package.json. */
  readonly root: string;
  /** The app's entry, an ES or CommonJS module or a .ts file; default: `main` of package.json. */
  readonly entry?: string;
  /** Set while the host runs, put back when it stops. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface LoadedApp {
  readonly core: Core;
  /** Runs the hooks of the end, and puts back the environment. */
  readonly unload: () => Promise<void>;
}

function entryOf({ root, entry }: AppOptions): string {
  if (entry !== undefined) return resolve(root, entry);
  const { main } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { main?: string };
  if (main === undefined) throw new Error('package.json names no "main": the host does not know what to load');
  return join(root, main);
}

/** Sets variables. @returns what puts back those that were there */
function setEnvironment(variables: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, variables);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

let loads = 0;

/** Every start loads the entry anew, in either kind of module: it may have other settings. */
async function importAnew(entry: string): Promise<void> {
  delete createRequire(import.meta.url).cache[entry];
  const url = pathToFileURL(entry);
  url.searchParams.set('host', String(++loads));
  await import(url.href);
}

async function loadNow(options: AppOptions, onLog: (line: LogLine) => void): Promise<LoadedApp> {
  const restore = setEnvironment(options.environment ?? {});
  const core = new Core(onLog);
  const unload = async (): Promise<void> => {
    try {
      await core.stop();
    } finally {
      restore();
    }
  };
  try {
    const entry = entryOf(options);
    await importAnew(entry);
    if (core.functions.length === 0) {
      throw new Error(
        `${entry} registered no function; of an app in several files that this process had loaded before, only a bundle loads again`,
      );
    }
    await core.start();
    return { core, unload };
  } catch (error) {
    await unload().catch(() => {});
    throw error;
  }
}

let last: Promise<unknown> = Promise.resolve();

/** @throws Error for an app that cannot be loaded or registers nothing, and what its start throws */
export function loadApp(options: AppOptions, onLog: (line: LogLine) => void): Promise<LoadedApp> {
  // What an app registers goes to the newest core, and it reads the environment of the process: two must not load at once.
  const loading = last.then(() => loadNow(options, onLog));
  last = loading.catch(() => {});
  return loading;
}
