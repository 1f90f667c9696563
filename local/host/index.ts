/**
 * The Functions host of a local run: loads the very bundle that is deployed, through the real `@azure/functions` package, and serves
 * its triggers over HTTP, Event Grid, storage queues and timers as the real host does. It is for development and tests; what it does
 * not know (other triggers and bindings) it refuses at the start.
 */
import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type Clock, systemClock } from '../../lib/clock.ts';
import { resolveSettings } from './app-settings.ts';
import type { Core, LogLine, RegisteredFunction } from './core.ts';
import { eventGridDoor, eventGridPath } from './event-grid-trigger.ts';
import { readHostSettings } from './host-settings.ts';
import { type HttpFunction, httpDoor, httpFunctionOf } from './http-trigger.ts';
import { type AppOptions, loadApp } from './load-app.ts';
import { refuseUnknownBindings } from './output-bindings.ts';
import { QueueListener } from './queue-trigger.ts';
import { Runner } from './runner.ts';
import { Timers } from './timer-trigger.ts';

export interface HostOptions extends AppOptions {
  /** 0: any that is free. */
  readonly port?: number;
  /** Opens every function that asks for a key, as the real host's master key does; default: made up. */
  readonly key?: string;
  readonly onLog?: (line: LogLine) => void;
  /** Of what timers are told; they run by the machine's own clock. */
  readonly clock?: Clock;
  /** Milliseconds, in place of host.json's, so that a test need not wait. */
  readonly retryMs?: number;
  /** For how long a message that is worked on stays hidden unless it is renewed: when the host dies, until then; default 60. */
  readonly invisibleSeconds?: number;
  /** Milliseconds for which the end waits for what runs; default 15,000. */
  readonly longestStopMs?: number;
}

export interface HostedFunction {
  readonly name: string;
  readonly trigger: string;
  /** Of HTTP with its prefix, of Event Grid with its query. */
  readonly path?: string;
  readonly route?: string;
  readonly methods?: readonly string[];
  readonly authLevel?: string;
  readonly queueName?: string;
  readonly schedule?: string;
}

export interface Host {
  readonly url: string;
  readonly key: string;
  readonly functions: readonly HostedFunction[];
  /** Runs a timer's function now. @throws what it threw, and Error for a name that no timer has */
  readonly invokeTimer: (name: string) => Promise<void>;
  /** Resolves when nothing runs and the queues hold nothing that can be seen. */
  readonly idle: () => Promise<void>;
  /** Takes nothing more, waits for what runs, and leaves process and environment as they were. */
  readonly stop: () => Promise<void>;
}

/** Bytes: the real host takes no larger body. */
const largestBody = 100 * 1024 * 1024;

function ofType(core: Core, type: string): readonly RegisteredFunction[] {
  return core.functions.filter(({ trigger }) => trigger.type.toLowerCase() === type.toLowerCase());
}

/** @throws Error for a trigger that is not known */
function describeFunction(registered: RegisteredFunction, http: readonly HttpFunction[]): HostedFunction {
  const { name, trigger } = registered;
  const base = { name, trigger: trigger.type };
  switch (trigger.type.toLowerCase()) {
    case 'httptrigger': {
      const { path, methods, authLevel } = http.find((each) => each.registered === registered) ?? {};
      return { ...base, path, route: trigger.route ?? name, methods, authLevel };
    }
    case 'eventgridtrigger':
      return { ...base, path: `${eventGridPath}?functionName=${name}` };
    case 'queuetrigger':
      return { ...base, queueName: resolveSettings(trigger.queueName ?? '') };
    case 'timertrigger':
      return { ...base, schedule: resolveSettings(trigger.schedule ?? '') };
    default:
      throw new Error(`the function ${name} has a ${trigger.type}, which this host does not know`);
  }
}

async function listen(app: Hono, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server)) as Server;
    server.once('error', reject);
  });
}

/** Answers what is under way, takes nothing new, and after the time breaks off what is left. */
async function close(server: Server, longestMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  const idle = setInterval(() => server.closeIdleConnections(), 20);
  await Promise.race([closed, sleep(longestMs, undefined, { ref: false })]);
  clearInterval(idle);
  server.closeAllConnections();
  await closed;
}

/** @throws Error for an app that cannot be loaded, a port that is taken, a trigger, binding, route or schedule that is not known */
export async function startHost(options: HostOptions): Promise<Host> {
  const { port = 0, key = randomBytes(24).toString('base64url'), onLog = () => {}, longestStopMs = 15_000 } = options;
  const { core, unload } = await loadApp(options, onLog);
  let timers: Timers | undefined;
  let queues: readonly QueueListener[] = [];
  let runner: Runner | undefined;
  let server: Server | undefined;
  const end = async (): Promise<void> => {
    timers?.stop();
    const finished = Promise.all([runner?.finished(), ...queues.map((queue) => queue.stop())]);
    await Promise.all([
      server && close(server, longestStopMs),
      Promise.race([finished, sleep(longestStopMs, undefined, { ref: false })]),
    ]);
    for (const queue of queues) queue.abandon();
    await unload();
  };
  let ended: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    ended ??= end();
    return ended;
  };
  try {
    const settings = readHostSettings(join(options.root, 'host.json'));
    const { retryMs = settings.queues.retryMs, invisibleSeconds = settings.queues.invisibleSeconds } = options;
    const queueSettings = { ...settings.queues, retryMs, invisibleSeconds };
    core.functions.forEach(refuseUnknownBindings);
    const http = ofType(core, 'httpTrigger').map((each) => httpFunctionOf(each, settings.routePrefix));
    const functions = core.functions.map((each) => describeFunction(each, http));
    const running = new Runner(core, settings.queues.messageEncoding, onLog);
    runner = running;
    const clocks = new Timers(ofType(core, 'timerTrigger'), running, options.clock ?? systemClock, onLog);
    timers = clocks;
    const listeners = ofType(core, 'queueTrigger').map(
      (registered) => new QueueListener(registered, running, queueSettings, onLog),
    );
    const takeEvents = eventGridDoor(ofType(core, 'eventGridTrigger'), running);
    const answer = httpDoor(http, running, key);
    const app = new Hono();
    app.use(bodyLimit({ maxSize: largestBody, onError: (context) => context.body(null, 413) }));
    app.all('*', async (context) => (await takeEvents(context)) ?? answer(context));
    server = await listen(app, port);
    queues = listeners;
    await Promise.all(queues.map((queue) => queue.start()));
    clocks.start();
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      key,
      functions,
      invokeTimer: (name) => clocks.invoke(name),
      idle: () => untilIdle(listeners, running),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** A message may be on its way from one queue to another: all have to be seen empty, one after the other, without work between. */
async function untilIdle(queues: readonly QueueListener[], running: Runner): Promise<void> {
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
