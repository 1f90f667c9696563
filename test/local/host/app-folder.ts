/** Small function apps for the tests of the local host: each in a folder of its own, made of a source text as a deployment would be. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from '../../../local/watcher.ts';

export type Kind = 'ES bundle' | 'CommonJS bundle' | 'TypeScript file' | 'ES file' | 'CommonJS file';

export interface AppFolderOptions {
  readonly kind?: Kind;
  /** `extensions` of host.json. */
  readonly extensions?: unknown;
}

const mains: Readonly<Record<Kind, string>> = {
  'ES bundle': 'dist/app.mjs',
  'CommonJS bundle': 'dist/app.cjs',
  'TypeScript file': 'app.ts',
  'ES file': 'app.mjs',
  'CommonJS file': 'app.cjs',
};

const folders: string[] = [];

/** @returns the folder of the app, ready to be started; the source finds `app` of `@azure/functions`, and `seen`, which is its own */
export async function appFolder(source: string, { kind = 'ES bundle', extensions = {} }: AppFolderOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-app-'));
  folders.push(folder);
  const main = mains[kind];
  mkdirSync(join(folder, 'dist'));
  // A file that is not bundled finds the library where a deployed one would.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module', main }));
  writeFileSync(join(folder, 'host.json'), JSON.stringify({ version: '2.0', extensions }));
  const isCommon = kind.startsWith('CommonJS');
  const contents = [
    isCommon
      ? "const { app, input, output } = require('@azure/functions');"
      : "import { app, input, output } from '@azure/functions';",
    `const seen = (globalThis.hostTest ??= {})[${JSON.stringify(folder)}] ??= [];`,
    source,
  ].join('\n');
  if (!kind.endsWith('bundle')) {
    writeFileSync(join(folder, main), contents);
    return folder;
  }
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile: join(folder, main),
    bundle: true,
    format: isCommon ? 'cjs' : 'esm',
    platform: 'node',
    external: ['@azure/functions-core'],
    ...(!isCommon && {
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    }),
  });
  return folder;
}

/** What the functions of an app wrote down. */
export function seenBy(folder: string): Record<string, unknown>[] {
  const all = (globalThis as unknown as { hostTest?: Record<string, Record<string, unknown>[]> }).hostTest;
  return all?.[folder] ?? [];
}

export function removeAppFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
