/**
 * `npm start`: the watcher on your machine, with no Azure account. Brings everything up, runs the first audit, says what runs where and
 * what to try, and then tells each alert as it goes out.
 */
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import type { LogLine } from './host/core.ts';
import type { Received } from './receiver.ts';
import { portOf, removeSession, writeSession } from './session.ts';
import { type LocalWatcher, readResources, root, startLocalWatcher } from './watcher.ts';

const help = `Usage: npm start [-- --file <export.json>] [--policy <policy.json>] [--verbose]

Runs the watcher on this machine: storage (Azurite), a simulated Resource Manager that holds the estate, the functions,
and a receiver for the alerts. Nothing leaves the machine.

  --file     an estate of your own: what "az graph query" prints, or a list of resources; default: the samples
  --policy   a policy file; default: the samples' policy, with --file none
  --verbose  every line that the functions log

PORT names the port of the functions (default 7071).
`;

interface Choices {
  readonly file: string;
  readonly policy: string | undefined;
  readonly verbose: boolean;
}

function choicesOf(): Choices | undefined {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      policy: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const policy = values.policy ?? (values.file === undefined ? `${root}samples/policy.json` : undefined);
  return { file: values.file ?? `${root}samples/estate.json`, policy, verbose: values.verbose };
}

function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

const channelNames = { webhook: 'webhook', teams: 'Teams', applicationInsights: 'App Insights' } as const;

/** Alerts, not the figures that go out with every evaluation. */
function tell({ channel, type, summary, at }: Received): void {
  const isAlert = channel !== 'applicationInsights' || /^TunnelDrift(Opened|Changed|Resolved|Reminder)$/.test(type);
  if (!isAlert) return;
  const colour = /resolved/i.test(`${type} ${summary}`) ? pc.green : pc.red;
  const what =
    channel === 'webhook' ? `${type}, signature verified: ${summary}` : channel === 'teams' ? `card: ${summary}` : type;
  say(`${pc.dim(at.slice(11, 19))} ${colour(channelNames[channel].padEnd(12))} ${what}`);
}

/** What went wrong, always; the rest on demand. */
function log(line: LogLine, isVerbose: boolean): void {
  if (!isVerbose && line.level !== 'error' && line.level !== 'critical') return;
  process.stderr.write(`${pc.dim(`${line.level} ${line.function}: ${line.message}`)}\n`);
}

interface Summary {
  readonly deployments: number;
  readonly compliant: number;
  readonly nonCompliant: number;
  readonly unknown: number;
  readonly outOfScope: number;
}

async function summaryOf({ host }: LocalWatcher): Promise<Summary> {
  const response = await fetch(`${host.url}/api/status`, { headers: { 'x-functions-key': host.key } });
  const { summary } = (await response.json()) as { summary: Summary };
  return summary;
}

function describe({ azure, storage, receiver, host }: LocalWatcher): void {
  const code = `code=${host.key}`;
  say(pc.bold('Running, all on this machine:'));
  say(`  status           ${host.url}/api/status?${code}`);
  say(`  audit            ${host.url}/api/audit?format=html&${code}`);
  say(`  trace            ${host.url}/api/trace?${code}`);
  say(`  health           ${host.url}/api/health`);
  say(`  events           ${host.url}/runtime/webhooks/eventgrid?functionName=onResourceChange`);
  say(`  alerts received  ${receiver.url}/`);
  say(`  Azure            ${azure.endpoint} (simulated)`);
  say(`  storage          ${storage.tableUrl} (Azurite)`);
}

async function run({ file, policy, verbose }: Choices, port: number): Promise<LocalWatcher> {
  process.stderr.write(pc.dim('starting storage, simulated Azure and the functions ...\n'));
  const watcher = await startLocalWatcher({
    resources: readResources(file),
    port,
    settleSeconds: 2,
    ...(policy !== undefined && { policy }),
    onLog: (line) => log(line, verbose),
    onReceived: tell,
  });
  const { host, azure } = watcher;
  const { environment, endpoint: armEndpoint, certificate } = azure;
  writeSession(port, {
    pid: process.pid,
    url: host.url,
    key: host.key,
    armEndpoint,
    certificate,
    environment: { ...environment },
  });
  describe(watcher);
  say();
  say(pc.bold('First audit:'));
  await host.invokeTimer('sweep');
  await watcher.idle();
  const { deployments, compliant, nonCompliant, unknown, outOfScope } = await summaryOf(watcher);
  say(
    `  ${deployments} deployments: ${nonCompliant} non-compliant, ${unknown} unknown, ${compliant} compliant, ${outOfScope} out of scope`,
  );
  say();
  say(`${pc.bold('Now, in another terminal:')} npm run drift                 deletes a route; an alert opens`);
  say('                           npm run drift -- --restore    puts it back; the alert resolves');
  say(pc.dim('Ctrl+C ends it.'));
  say();
  return watcher;
}

try {
  const choices = choicesOf();
  if (!choices) process.stdout.write(help);
  else {
    const port = portOf(process.env);
    const watcher = await run(choices, port);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        removeSession(port);
        void watcher.stop().finally(() => process.exit(0));
      });
    }
  }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const advice = isTaken ? `port ${process.env.PORT ?? 7071} is taken; name another: PORT=7072 npm start` : message;
  process.stderr.write(`tunnelwatch: ${advice}\n`);
  process.exit(2);
}
