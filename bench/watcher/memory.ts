/** A worker that runs for weeks must not grow: what it holds after 100,000 events against what it held after 10,000. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startStorage } from '../../local/storage.ts';
import type { Claim, Result } from '../claim.ts';

const run = promisify(execFile);
const child = fileURLToPath(new URL('./memory-child.ts', import.meta.url));

async function measure(): Promise<Result[]> {
  const storage = await startStorage();
  try {
    const { stdout } = await run(process.execPath, ['--expose-gc', child], {
      env: {
        PATH: process.env.PATH ?? '',
        AzureWebJobsStorage: storage.connectionString,
        AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
      },
    });
    const { early, late } = JSON.parse(stdout) as { early: number; late: number };
    const change = late / early - 1;
    return [
      {
        claim: `heap after 100,000 events against after 10,000 (${(late / 1e6).toFixed(1)} and ${(early / 1e6).toFixed(1)} MB)`,
        bar: 'at most 10 % more',
        measured: `${change >= 0 ? '+' : ''}${(change * 100).toFixed(1)} %`,
        holds: change <= 0.1,
      },
    ];
  } finally {
    await storage.stop();
  }
}

export const memory: Claim = { name: 'memory', run: measure };
