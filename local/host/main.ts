/**
 * The local host as a process of its own, with the environment that it is given: `node local/host/main.ts --entry <file> --port <n>`.
 * Says where it listens in one line of JSON. NODE_EXTRA_CA_CERTS names certificates that it shall trust. SIGTERM ends it when what
 * runs is done.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Host, startHost } from './index.ts';

const { values } = parseArgs({
  options: {
    root: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
    port: { type: 'string', default: '0' },
    entry: { type: 'string' },
    key: { type: 'string' },
    'retry-ms': { type: 'string' },
    'invisible-seconds': { type: 'string' },
  },
});

let host: Host | undefined;

async function end(): Promise<void> {
  await host?.stop();
  process.exit(0);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end());

try {
  host = await startHost({
    root: resolve(values.root),
    port: Number(values.port),
    ...(values.entry !== undefined && { entry: resolve(values.entry) }),
    ...(values.key !== undefined && { key: values.key }),
    ...(values['retry-ms'] !== undefined && { retryMs: Number(values['retry-ms']) }),
    ...(values['invisible-seconds'] !== undefined && { invisibleSeconds: Number(values['invisible-seconds']) }),
    onLog: ({ level, function: name, message }) => process.stderr.write(`${level} ${name}: ${message}\n`),
  });
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url, key: host.key })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
