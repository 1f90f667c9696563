/** docs/permissions.md, from which roles are made, against what is really asked of Azure. */
import { readFileSync } from 'node:fs';
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { openArm } from '../../lib/azure/arm/source.ts';
import { readClosure } from '../../lib/azure/closure.ts';
import { systemClock } from '../../lib/clock.ts';
import { startAzure } from '../../local/azure/index.ts';
import { actionOf } from '../../local/azure/problems.ts';
import { selfSigned } from '../../local/certificate.ts';
import { ids } from '../support/broken-estate.ts';
import {
  bgpConnection,
  hubProvider,
  routeServerPeer,
  withGateway,
  withHub,
  withRouteServer,
} from '../support/learning-estate.ts';

const before = { ...process.env };
afterAll(() => {
  setDefaultCACertificates([...rootCertificates]);
  process.env = { ...before };
});

it.each([
  ['a gateway', withGateway()],
  ['a Route Server', withRouteServer(bgpConnection(routeServerPeer))],
  ['a virtual hub', withHub(hubProvider)],
])('the page of permissions names every action that reading a deployment behind %s needs', async (_, resources) => {
  const certificate = selfSigned();
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  const azure = await startAzure({ resources, certificate });
  Object.assign(process.env, azure.environment);
  const { DefaultAzureCredential } = await import('@azure/identity');
  const source = openArm({ endpoint: azure.endpoint, credential: new DefaultAzureCredential(), clock: systemClock });
  azure.networkStatus.leaveOut('westeurope', 'list');
  for (const way of ['location', 'operation'] as const) {
    azure.learnedRoutes.way = way;
    await readClosure(source, { service: ids.service }, { outbound: {} });
  }
  const page = readFileSync(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
  const needed = new Set(azure.requests.map(({ method, path }) => actionOf(method, path)));
  await azure.stop();
  expect(needed.size).toBeGreaterThan(10);
  for (const action of needed) expect(page).toContain(`| \`${action}\` |`);
});
