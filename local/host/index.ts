/**
 * The Functions host of a local run: loads the very bundle that is deployed, through the real `@azure/functions` package, and serves
 * its triggers over HTTP, Event Grid, storage queues and timers as the real host does. It is for development and tests; what it does
 * not know (other triggers, output bindings) it refuses at the start.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { QueueServiceClient } from '@azure/storage-queue';
import { serve } from '@hono/node-server';
import { Cron } from 'croner';
import { Hono } from 'hono';
import { Core, type LogLine, type RegisteredFunction } from './core.ts';
import { eventGridPath, serveEventGrid } from './event-grid-trigger.ts';
import { readHostSettings } from './host-settings.ts';
import { serveHttp } from './http-trigger.ts';
import { describe, QueueListener } from './queue-trigger.ts';

export interface HostOptions {
  /** Folder of host.json and package.json. */
  readonly root: string;
  /** The app's entry; default: `main` of package.json. */
  readonly entry?: string;
  /** Set while the host runs, put back when it stops. */
  readonly environment?: Readonly<Record<string, string>>;
  /** 0: any that is free. */
  readonly port?: number;
  /** Of functions with a key; default: made up. */
  readonly key?: string;
  readonly onLog?: (line: LogLine) => void;
  /** Milliseconds, in place of host.json's, so that a test need not wait. */
  readonly retryMs?: number;
  /** For how long a message that is worked on stays hidden unless it is renewed: when the host dies, until then; default 60. */
  readonly invisibleSeconds?: number;
}

export interface HostedFunction {
  readonly name: string;
  readonly trigger: string;
  readonly path?: string;
  readonly authLevel?: string;
  readonly queueName?: string;
  readonly schedule?: string;
}

export interface Host {
  readonly url: string;
  readonly key: string;
  readonly functions: readonly HostedFunction[];
  /** Runs a timer's function now. */
  readonly invokeTimer: (name: string) => Promise<void>;
  /** Resolves when nothing runs and the queues hold nothing that can be seen. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const longestStopMs = 15_000;

function entryOf({ root, entry }: HostOptions): string {
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

/** Every start loads the app anew: it may have other settings. */
async function load(entry: string): Promise<void> {
  const url = pathToFileURL(entry);
  url.searchParams.set('host', String(++loads));
  await import(url.href);
}

/** The real host creates timer data with these names; the library makes them camelCase. */
function timerData(schedule: string): { readonly json: string } {
  const next = new Cron(schedule, { paused: true }).nextRun()?.toISOString();
  const at = new Date().toISOString();
  return {
    json: JSON.stringify({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: { Last: at, LastUpdated: at, Next: next },
      IsPastDue: false,
    }),
  };
}

/** Counts what runs. */
class Running {
  count = 0;
  readonly track = async <T>(work: Promise<T>): Promise<T> => {
    this.count++;
    try {
      return await work;
    } finally {
      this.count--;
    }
  };
}

async function listen(app: Hono, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server)) as Server;
    server.once('error', reject);
  });
}

function ofType(core: Core, type: string): readonly RegisteredFunction[] {
  return core.functions.filter(({ trigger }) => trigger.type.toLowerCase() === type.toLowerCase());
}

function openQueues(core: Core, options: HostOptions, onLog: (line: LogLine) => void): readonly QueueListener[] {
  const settings = readHostSettings(join(options.root, 'host.json')).queues;
  const { retryMs = settings.retryMs, invisibleSeconds = settings.invisibleSeconds } = options;
  const quicker = { ...settings, retryMs, invisibleSeconds };
  return ofType(core, 'queueTrigger').map((registered) => {
    const name = registered.trigger.connection ?? 'AzureWebJobsStorage';
    const connectionString = process.env[name];
    if (!connectionString) throw new Error(`the function ${registered.name} needs the setting ${name}`);
    return new QueueListener(
      QueueServiceClient.fromConnectionString(connectionString),
      core,
      registered,
      quicker,
      onLog,
    );
  });
}

/** @throws Error for an app that cannot be loaded, a port that is taken, a trigger that is not known */
export async function startHost(options: HostOptions): Promise<Host> {
  const { port = 0, key = randomBytes(24).toString('base64url'), onLog = () => {} } = options;
  const restore = setEnvironment(options.environment ?? {});
  const core = new Core(onLog);
  const running = new Running();
  const timers: Cron[] = [];
  let queues: readonly QueueListener[] = [];
  let server: Server | undefined;
  const stop = async (): Promise<void> => {
    for (const timer of timers) timer.stop();
    await Promise.race([
      Promise.all(queues.map((queue) => queue.stop())),
      sleep(longestStopMs, undefined, { ref: false }),
    ]);
    server?.closeAllConnections();
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    await core.stop();
    restore();
  };
  try {
    await load(entryOf(options));
    await core.start();
    const app = new Hono();
    const { routePrefix } = readHostSettings(join(options.root, 'host.json'));
    const functions = core.functions.map((registered): HostedFunction => {
      const { name, trigger } = registered;
      const base = { name, trigger: trigger.type };
      switch (trigger.type.toLowerCase()) {
        case 'httptrigger': {
          const path = serveHttp(app, core, registered, routePrefix, key, running.track, onLog);
          return { ...base, path, authLevel: trigger.authLevel ?? 'anonymous' };
        }
        case 'eventgridtrigger':
          return { ...base, path: `${eventGridPath}?functionName=${name}` };
        case 'queuetrigger':
          return { ...base, queueName: trigger.queueName ?? '' };
        case 'timertrigger':
          return { ...base, schedule: trigger.schedule ?? '' };
        default:
          throw new Error(`the function ${name} has a ${trigger.type}, which this host does not know`);
      }
    });
    serveEventGrid(app, core, ofType(core, 'eventGridTrigger'), running.track, onLog);
    server = await listen(app, port);
    queues = openQueues(core, options, onLog);
    await Promise.all(queues.map((queue) => queue.start()));
    const runTimer = async (registered: RegisteredFunction): Promise<void> => {
      await running.track(core.invoke(registered, timerData(registered.trigger.schedule ?? '')));
    };
    for (const registered of ofType(core, 'timerTrigger')) {
      const report = (error: unknown): void =>
        onLog({ level: 'error', function: registered.name, invocationId: '', message: describe(error) });
      timers.push(
        new Cron(registered.trigger.schedule ?? '', { protect: true }, () => runTimer(registered).catch(report)),
      );
      if (registered.trigger.runOnStartup === true) void runTimer(registered).catch(report);
    }
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      key,
      functions,
      invokeTimer: async (name) => {
        const registered = ofType(core, 'timerTrigger').find((each) => each.name === name);
        if (!registered) throw new Error(`there is no timer function ${name}`);
        await runTimer(registered);
      },
      idle: () => untilIdle(queues, running),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** A message may be on its way from one queue to another: all have to be seen empty, one after the other, without work between. */
async function untilIdle(queues: readonly QueueListener[], running: Running): Promise<void> {
  for (;;) {
    const before = queues.map(({ state }) => state.looks);
    const isBusy = (): boolean => running.count > 0 || queues.some(({ state }) => state.busy);
    let wasBusy = isBusy();
    // Two whole looks at each queue, so that one that had begun before the other's work ended does not count.
    while (!wasBusy && queues.some(({ state }, index) => state.looks < (before[index] ?? 0) + 2)) {
      await sleep(10);
      wasBusy ||= isBusy();
    }
    if (!wasBusy) return;
    await sleep(10);
  }
}
