/**
 * The function app is killed (SIGKILL) before or after each kind of write that it makes between a change and its alerts, started
 * again, and has to come to the same end: the state that an audit finds, and every alert delivered under one id.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, expect } from 'vitest';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';
import { type Receiver, startReceiver } from '../../local/receiver.ts';
import { type LocalStorage, startStorage } from '../../local/storage.ts';
import { root } from '../../local/watcher.ts';
import { brokenEstate, ids } from '../support/broken-estate.ts';
import { webhookAlerts } from './alerts.ts';
import { auditOf, Colleague, openIn } from './colleague.ts';
import { type Phase, WriteProxy } from './proxy.ts';
import { openInStatus, untilQuiet } from './quiet.ts';

const sound = brokenEstate([]);
const key = 'key-of-this-test';
const secret = `whsec_${randomBytes(32).toString('base64')}`;
const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-crash-'));
const certificate = selfSigned();

let storage: LocalStorage;
let azure: SimulatedAzure;
let receiver: Receiver;
let proxies: WriteProxy[] = [];
let environment: Record<string, string>;
let child: ChildProcess | undefined;
let url = '';

/** Starts the function app as a process of its own. */
async function startApp(port: string): Promise<string> {
  const started = spawn(
    process.execPath,
    [`${root}local/host/main.ts`, '--port', port, '--key', key, '--retry-ms', '1000', '--invisible-seconds', '2'],
    { env: { PATH: process.env.PATH ?? '', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child = started;
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const line = /^\{"ready".*\}$/m.exec(output)?.[0];
      if (line !== undefined) resolve((JSON.parse(line) as { url: string }).url);
    };
    started.stdout.on('data', read);
    started.stderr.on('data', read);
    started.once('exit', (code) => reject(new Error(`the app ended with ${code}: ${output}`)));
  });
}

/** Puts a proxy before each of the storage's services and the receivers. */
async function throughProxies(): Promise<Record<string, string>> {
  const targets = [storage.tableUrl, storage.queueUrl, receiver.url];
  proxies = targets.map((target) => new WriteProxy(target));
  const [table = '', queue = '', receivers = ''] = await Promise.all(proxies.map((proxy) => proxy.start()));
  return {
    AzureWebJobsStorage: storage.connectionString.replace(storage.tableUrl, table).replace(storage.queueUrl, queue),
    TUNNELWATCH_WEBHOOK_URL: `${receivers}/webhook`,
    TUNNELWATCH_TEAMS_WEBHOOK_URL: `${receivers}/teams`,
  };
}

beforeAll(async () => {
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  writeFileSync(join(folder, 'ca.pem'), certificate.cert);
  [storage, azure, receiver] = await Promise.all([
    startStorage(),
    startAzure({ resources: sound.resources, certificate }),
    startReceiver({ secret, certificate }),
  ]);
  environment = {
    ...(await throughProxies()),
    ...azure.environment,
    AZURE_FUNCTIONS_ENVIRONMENT: 'Development',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    APPLICATIONINSIGHTS_CONNECTION_STRING: receiver.connectionString,
    TUNNELWATCH_WEBHOOK_SECRET: secret,
    TUNNELWATCH_SETTLE_SECONDS: '0',
    TUNNELWATCH_POLICY: JSON.stringify({ clients: ['20.10.0.0/24'] }),
  };
  url = await startApp('0');
  await azure.events.subscribe({
    endpoint: `${url}/runtime/webhooks/eventgrid?functionName=onResourceChange`,
    retryMs: Array.from({ length: 60 }, () => 300),
  });
  // The first event of a service makes it known; the sweep is a timer, which here nobody waits for.
  const service = sound.resources.find(({ id }) => id === ids.service) ?? {};
  await new Colleague(azure).put(service);
  await azure.events.idle();
  await untilQuiet({ url, key });
});

afterAll(async () => {
  child?.removeAllListeners('exit');
  child?.kill('SIGKILL');
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  await Promise.all([azure?.stop(), receiver?.stop(), storage?.stop()]);
  setDefaultCACertificates([...rootCertificates]);
  rmSync(folder, { recursive: true, force: true });
});

const route = {
  id: `${ids.table}/routes/control-plane`,
  name: 'control-plane',
  properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' },
};
let isBroken = false;

/** The route is deleted, or put back: in turn. */
async function toggle(): Promise<string> {
  const colleague = new Colleague(azure);
  isBroken = !isBroken;
  await (isBroken ? colleague.remove(route.id) : colleague.put(route));
  return isBroken ? 'opened' : 'resolved';
}

/** Every kind of write of one whole flow, in its order. */
async function writesOfOneFlow(): Promise<string[]> {
  const seen = new Set<string>();
  for (const proxy of proxies) {
    proxy.watch = (signature) => {
      seen.add(signature);
      return true;
    };
  }
  await toggle();
  await azure.events.idle();
  await untilQuiet({ url, key });
  for (const proxy of proxies) proxy.watch = () => true;
  return [...seen];
}

/** Kills the app at the first such write, once. @returns when it is dead */
function killAt(signature: string, phase: Phase): Promise<void> {
  return new Promise((resolve) => {
    let isDead = false;
    const strike = (seen: string, when: Phase): boolean => {
      if (isDead) return false;
      if (seen !== signature || when !== phase) return true;
      isDead = true;
      child?.removeAllListeners('exit');
      child?.once('exit', () => resolve());
      child?.kill('SIGKILL');
      return false;
    };
    for (const proxy of proxies) proxy.watch = strike;
  });
}

async function crashAt(signature: string, phase: Phase): Promise<void> {
  const where = `${phase} ${signature}`;
  const from = receiver.received.length;
  const dead = killAt(signature, phase);
  const expected = await toggle();
  await dead;
  for (const proxy of proxies) proxy.watch = () => true;
  await startApp(new URL(url).port);
  await azure.events.idle();
  const status = await untilQuiet({ url, key });
  expect(openInStatus(status), where).toEqual(openIn(auditOf(azure, sound.policy)));
  const received = receiver.received.slice(from);
  const alerts = webhookAlerts(received).filter(({ subject }) => subject.endsWith('control-plane-route'));
  expect(new Set(alerts.map(({ id }) => id)).size, where).toBe(1);
  expect(new Set(alerts.map(({ kind }) => kind)), where).toEqual(new Set([expected]));
  expect(
    received.some(({ channel }) => channel === 'teams'),
    where,
  ).toBe(true);
  const event = expected === 'opened' ? 'TunnelDriftOpened' : 'TunnelDriftResolved';
  expect(
    received.some(({ type }) => type === event),
    where,
  ).toBe(true);
  expect(azure.events.raised.length).toBeGreaterThan(0);
}

/** Kills the app at every kind of write in turn: before it is done, or after it, unanswered. */
export async function crashAtEveryWrite(phase: Phase): Promise<void> {
  const writes = await writesOfOneFlow();
  // Event to mark to message, state, outbox, three channels, and the end of each: fewer would mean that not all is seen.
  expect(writes.length).toBeGreaterThanOrEqual(10);
  for (const signature of writes) await crashAt(signature, phase);
  expect(receiver.forged()).toBe(0);
}
