/**
 * Bundles what runs. The command line goes to `dist/`, split so that what a command does not need (zod, SARIF, Azure's SDKs)
 * stays out of its start. The function app goes to `dist/functions/`, whole: nothing of node_modules is deployed with it, and
 * what is heavy is in pieces of its own that the function which needs them loads. The service tag snapshots lie beside each
 * bundle, where the code looks for them.
 */
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
rmSync(`${root}dist`, { recursive: true, force: true });

/** CommonJS packages inside an ES module look for these. */
const commonJs = `import { createRequire as __createRequire } from 'node:module';
import { dirname as __directory } from 'node:path';
import { fileURLToPath as __toPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __toPath(import.meta.url);
const __dirname = __directory(__filename);`;

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
  banner: { js: commonJs },
};

await Promise.all([
  build({
    ...shared,
    entryPoints: { tunnelwatch: 'cli/main.ts' },
    outdir: 'dist',
    target: 'node20',
    external: ['@azure/*'],
  }),
  build({
    ...shared,
    entryPoints: { main: 'functions/main.ts' },
    outdir: 'dist/functions',
    target: 'node22',
    minifyWhitespace: true,
    // Given by the Functions worker, not by a package.
    external: ['@azure/functions-core'],
  }),
]);

for (const folder of ['dist', 'dist/functions']) {
  cpSync(`${root}lib/azure/snapshots`, `${root}${folder}/snapshots`, { recursive: true });
}
writeFileSync(`${root}dist/functions/package.json`, `${JSON.stringify({ type: 'module', main: 'main.js' })}\n`);
chmodSync(`${root}dist/tunnelwatch.js`, 0o755);
