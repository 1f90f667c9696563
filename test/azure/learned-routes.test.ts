/** Learned routes as they are read live: the long-running operations of Resource Manager, and an audit that reads Azure itself. */
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { DefaultAzureCredential } from '@azure/identity';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { auditEstate } from '../../lib/audit/audit.ts';
import { Copies, withCopies } from '../../lib/azure/arm/copies.ts';
import { openArm } from '../../lib/azure/arm/source.ts';
import { bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';
import { readLiveEstate } from '../../lib/azure/live.ts';
import { systemClock } from '../../lib/clock.ts';
import { defaultPolicy } from '../../lib/policy/policy.ts';
import { toTable } from '../../lib/report/table.ts';
import { type SimulatedAzure, startAzure } from '../../local/azure/index.ts';
import { selfSigned } from '../../local/certificate.ts';
import { gateway, learned, withGateway } from '../support/learning-estate.ts';

const before = { ...process.env };
const path = `${gateway}/getLearnedRoutes`;
let azure: SimulatedAzure;

beforeEach(async () => {
  const certificate = selfSigned();
  setDefaultCACertificates([...rootCertificates, certificate.cert]);
  azure = await startAzure({ resources: withGateway(), certificate });
  Object.assign(process.env, azure.environment);
  azure.learnedRoutes.set(path, { value: [learned('0.0.0.0/0')] });
});

afterEach(async () => {
  await azure.stop();
  setDefaultCACertificates([...rootCertificates]);
  process.env = { ...before };
});

function ask() {
  const credential = new DefaultAzureCredential();
  return openArm({ endpoint: azure.endpoint, credential, clock: systemClock, retryMilliseconds: 5 }).action(path);
}

describe('an action that takes its time', () => {
  it.each(['location', 'operation'] as const)('is waited for by %s', async (way) => {
    azure.learnedRoutes.way = way;
    expect(await ask()).toMatchObject({ kind: 'found', body: { value: [{ network: '0.0.0.0/0' }] } });
    expect(azure.requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET']);
  });

  it('that fails may do so in passing, and is no empty answer', async () => {
    azure.learnedRoutes.way = 'failed';
    expect(await ask()).toMatchObject({ kind: 'unreadable', isPassing: true });
    azure.faults.add({ match: /^POST/, kind: 'status', status: 500 });
    expect(await ask()).toMatchObject({ kind: 'unreadable', isPassing: true });
  });

  it('that may not be asked names the action, and is not tried again', async () => {
    azure.faults.deny(path);
    const reason = expect.stringContaining('Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action');
    expect(await ask()).toMatchObject({ kind: 'unreadable', isPassing: false, reason });
    expect(azure.requests).toHaveLength(1);
  });
});

describe('what several evaluations want at the same time', () => {
  it('is asked once, but for who needs it younger', async () => {
    const credential = new DefaultAzureCredential();
    const source = openArm({ endpoint: azure.endpoint, credential, clock: systemClock });
    const copies = new Copies();
    const posts = () => azure.requests.filter(({ method }) => method === 'POST').length;
    const any = () => withCopies(source, copies, systemClock, () => 0).action?.(path);
    const [one, other] = await Promise.all([any(), any()]);
    expect(one).toMatchObject({ kind: 'found' });
    expect(other).toEqual(one);
    expect(posts()).toBe(1);
    const later = Date.now() + 1;
    const late = withCopies(source, copies, systemClock, () => later).action?.(path);
    await Promise.all([late, any()]);
    expect(posts()).toBe(2);
  });
});

describe('an audit that reads Azure', () => {
  const audit = async () => {
    const scope = { subscriptions: [], managementGroups: [] };
    const estate = await readLiveEstate(scope, { endpoint: azure.endpoint, retryMilliseconds: 5 });
    return auditEstate(estate, { tagsFor: bundledTagsFor, policy: defaultPolicy, now: new Date() });
  };

  it('counts what the gateway has learned, and says who brought it', async () => {
    const report = await audit();
    const [deployment] = report.deployments;
    expect(deployment?.tunnel).toMatchObject({
      state: 'partial',
      learnedFrom: [{ resource: gateway, routes: 1, defaultRoute: true }],
    });
    const context = { colour: false, width: 120, toolVersion: '', locate: () => undefined };
    const table = [...toTable(report, context)].join('');
    expect(table).toContain('gateway gw-one serves it: 1 route, the default among them');
  });

  it('is unknown where the gateway may not be asked', async () => {
    azure.faults.deny(path);
    const report = await audit();
    expect(report.deployments[0]?.tunnel).toMatchObject({ state: 'unknown', learnedFrom: [{ routes: 0 }] });
    expect(report.errors.map(({ message }) => message).join()).toContain('getLearnedRoutes/action is not permitted');
  });
});
