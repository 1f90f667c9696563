/**
 * The local host as a process of its own, with the environment that it is given: `node local/host/main.ts --port 0`. Says where it
 * listens in one line of JSON. NODE_EXTRA_CA_CERTS names certificates that it shall trust.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startHost } from './index.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    entry: { type: 'string' },
    key: { type: 'string' },
    'retry-ms': { type: 'string' },
    'invisible-seconds': { type: 'string' },
  },
});

try {
  const host = await startHost({
    root,
    port: Number(values.port),
    ...(values.entry !== undefined && { entry: values.entry }),
    ...(values.key !== undefined && { key: values.key }),
    ...(values['retry-ms'] !== undefined && { retryMs: Number(values['retry-ms']) }),
    ...(values['invisible-seconds'] !== undefined && { invisibleSeconds: Number(values['invisible-seconds']) }),
    onLog: ({ level, function: name, message }) => process.stderr.write(`${level} ${name}: ${message}\n`),
  });
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url, key: host.key })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void host.stop().then(() => process.exit(0)));
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
