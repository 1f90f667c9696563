/**
 * Bundles the command line into `dist/`. Splitting keeps what a command does not need (zod, SARIF, Azure's SDKs) out of
 * its start; the service tag snapshots lie beside the bundle, where the code looks for them.
 */
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { tunnelwatch: 'cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  external: ['@azure/*'],
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
});
cpSync(`${root}lib/azure/snapshots`, `${root}dist/snapshots`, { recursive: true });
chmodSync(`${root}dist/tunnelwatch.js`, 0o755);
