/**
 * Cold start: from the start of a process to the first event handled, with the bundle that is deployed and with the same code over
 * the packages of node_modules. Storage is real; the worker around the app is the same for both.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { startStorage } from '../../local/storage.ts';
import { root } from '../../local/watcher.ts';
import { type Claim, middle, type Result, times } from '../claim.ts';

const runs = 7;
const run = promisify(execFile);
const child = fileURLToPath(new URL('./cold-start-child.ts', import.meta.url));

/** Files of this code as plain JavaScript in one file each, packages left where they are. @returns where they are */
async function buildUnbundled(): Promise<{ readonly app: string; readonly child: string }> {
  const folder = `${root}dist/unbundled`;
  await build({
    absWorkingDir: root,
    entryPoints: { app: 'functions/main.ts', child },
    outdir: folder,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    logLevel: 'warning',
  });
  return { app: `${folder}/app.js`, child: `${folder}/child.js` };
}

async function coldStart(): Promise<Result[]> {
  const storage = await startStorage();
  const unbundled = await buildUnbundled();
  try {
    const environment = {
      PATH: process.env.PATH ?? '',
      AzureWebJobsStorage: storage.connectionString,
      AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    };
    const measure = async (entry: string): Promise<{ readonly total: number; readonly app: number }> => {
      const { stdout } = await run(process.execPath, [unbundled.child, entry], { env: environment });
      return JSON.parse(stdout) as { total: number; app: number };
    };
    const bundled: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round <= runs; round++) {
      const [one, other] = [await measure(`${root}dist/functions/main.js`), await measure(unbundled.app)];
      if (round === 0) continue;
      bundled.push(one.total);
      plain.push(other.total);
    }
    const ratio = middle(bundled) / middle(plain);
    return [
      {
        claim: `process start to first event handled, bundled against unbundled (${middle(bundled).toFixed(0)} and ${middle(plain).toFixed(0)} ms)`,
        bar: '<= 0.5 x',
        measured: times(ratio),
        holds: ratio <= 0.5,
      },
    ];
  } finally {
    rmSync(`${root}dist/unbundled`, { recursive: true, force: true });
    await storage.stop();
  }
}

export const coldStartClaim: Claim = { name: 'cold-start', run: coldStart };
