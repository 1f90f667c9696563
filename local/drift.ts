/**
 * `npm run drift`: breaks the estate of the running local watcher (deletes the route for the control plane of one healthy
 * service), as a colleague would: through Resource Manager. `--restore` puts the route back. Then waits to see what becomes of it.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setDefaultCACertificates } from 'node:tls';
import { parseArgs } from 'node:util';
import { DefaultAzureCredential } from '@azure/identity';
import pc from 'picocolors';
import { z } from 'zod';
import { portOf, readSession, type Session } from './session.ts';

const routeSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  properties: z.looseObject({ addressPrefix: z.string(), nextHopType: z.string() }),
});
const tableSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  properties: z.looseObject({ routes: z.array(routeSchema).default([]) }),
});
const statusSchema = z.looseObject({
  deployments: z.array(
    z.looseObject({
      key: z.string(),
      name: z.string(),
      region: z.string(),
      verdict: z.string(),
      routeTable: z.string().nullable(),
      open: z.array(z.looseObject({ requirement: z.string(), message: z.string() })),
    }),
  ),
});
type Deployment = z.infer<typeof statusSchema>['deployments'][number];

/** What was deleted, so that it can be put back. */
const brokenSchema = z.object({ deployment: z.string(), route: routeSchema });

const requirement = 'control-plane-route';
const apiVersion = '2024-05-01';
const patienceMs = 60_000;

function brokenFile(port: number): string {
  return join(tmpdir(), `tunnelwatch-${process.getuid?.() ?? 'user'}`, `broken-${port}.json`);
}

async function arm(session: Session, method: string, id: string, body?: unknown): Promise<unknown> {
  const credential = new DefaultAzureCredential();
  const { token } = await credential.getToken(`${session.armEndpoint}/.default`);
  const response = await fetch(`${session.armEndpoint}${id}?api-version=${apiVersion}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${id} was answered with ${response.status}`);
  const text = await response.text();
  return text === '' ? undefined : JSON.parse(text);
}

async function deploymentsOf(session: Session): Promise<Deployment[]> {
  const response = await fetch(`${session.url}/api/status`, {
    headers: { 'x-functions-key': session.key, Accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`the watcher's status was answered with ${response.status}`);
  return statusSchema.parse(await response.json()).deployments;
}

/** The route for the control plane of the first healthy deployment that has one. */
async function findRoute(session: Session): Promise<z.infer<typeof brokenSchema> | undefined> {
  const candidates = (await deploymentsOf(session)).sort(
    (a, b) => Number(b.verdict === 'compliant') - Number(a.verdict === 'compliant'),
  );
  for (const { key, routeTable, open } of candidates) {
    if (routeTable === null || open.some((drift) => drift.requirement === requirement)) continue;
    const table = tableSchema.parse(await arm(session, 'GET', routeTable));
    const route = table.properties.routes.find(
      ({ properties }) =>
        properties.addressPrefix.toLowerCase() === 'apimanagement' && properties.nextHopType === 'Internet',
    );
    if (route) return { deployment: key, route };
  }
  return undefined;
}

/** @returns what the watcher says, once it says what is waited for */
async function waitFor(session: Session, deployment: string, isOpen: boolean): Promise<string | undefined> {
  const end = Date.now() + patienceMs;
  while (Date.now() < end) {
    const found = (await deploymentsOf(session)).find(({ key }) => key === deployment);
    const drift = found?.open.find((each) => each.requirement === requirement);
    if (found && (drift !== undefined) === isOpen) return drift?.message ?? found.verdict;
    await sleep(300);
  }
  return undefined;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function breakIt(session: Session, port: number): Promise<void> {
  const found = await findRoute(session);
  if (!found) {
    throw new Error(
      'there is no route for ApiManagement to delete; "npm run drift -- --restore" puts back what was deleted',
    );
  }
  mkdirSync(join(brokenFile(port), '..'), { recursive: true, mode: 0o700 });
  writeFileSync(brokenFile(port), JSON.stringify(found), { mode: 0o600 });
  say(`DELETE ${found.route.id}`);
  const startedAt = Date.now();
  await arm(session, 'DELETE', found.route.id);
  const message = await waitFor(session, found.deployment, true);
  if (message === undefined) throw new Error(`the watcher has not seen it within ${patienceMs / 1000} s`);
  say(`${pc.red('drift opened')} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${message}`);
  say('The terminal of "npm start" shows the alert on each channel. Now: npm run drift -- --restore');
}

async function restore(session: Session, port: number): Promise<void> {
  let broken: z.infer<typeof brokenSchema>;
  try {
    broken = brokenSchema.parse(JSON.parse(readFileSync(brokenFile(port), 'utf8')));
  } catch {
    throw new Error('nothing was broken by "npm run drift" yet');
  }
  const { id, name, properties } = broken.route;
  say(`PUT ${id}`);
  const startedAt = Date.now();
  await arm(session, 'PUT', id, { name, properties });
  const verdict = await waitFor(session, broken.deployment, false);
  if (verdict === undefined) throw new Error(`the watcher has not seen it within ${patienceMs / 1000} s`);
  rmSync(brokenFile(port), { force: true });
  say(`${pc.green('drift resolved')} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s: ${verdict}`);
}

const help = `Usage: npm run drift [-- --restore]

Breaks the estate of the local watcher that "npm start" runs: deletes the route for the control plane of one healthy
service. With --restore the route is put back. PORT names the watcher's port (default 7071).
`;

try {
  const { values } = parseArgs({ options: { restore: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  const port = portOf(process.env);
  const session = readSession(port);
  if (values.help === true) process.stdout.write(help);
  else if (!session) throw new Error(`no local watcher runs on port ${port}: start one with "npm start"`);
  else {
    setDefaultCACertificates([session.certificate]);
    Object.assign(process.env, session.environment);
    await (values.restore === true ? restore(session, port) : breakIt(session, port));
  }
} catch (error) {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const gone = message === 'fetch failed' ? 'the local watcher does not answer: start one with "npm start"' : message;
  process.stderr.write(
    `tunnelwatch: ${gone}${cause instanceof Error && gone === message ? ` (${cause.message})` : ''}\n`,
  );
  process.exitCode = 2;
}
