/** What azd runs before and after a deployment: against the simulated Resource Manager and a running watcher, as a process of its own. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exchange } from '../../local/azure/recording.ts';
import { type LocalWatcher, startLocalWatcher } from '../../local/watcher.ts';
import { brokenEstate } from '../support/broken-estate.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const subscription = '22222222-2222-2222-2222-222222222222';
const other = '33333333-3333-3333-3333-333333333333';
const group = `/subscriptions/${subscription}/resourceGroups/rg-tunnelwatch-events`;
const topicId = `${group}/providers/Microsoft.EventGrid/systemTopics/evgt-tunnelwatch`;
const appId = `/subscriptions/${subscription}/resourceGroups/rg-tunnelwatch/providers/Microsoft.Web/sites/func-one`;
const storageId = `/subscriptions/${subscription}/resourceGroups/rg-tunnelwatch/providers/Microsoft.Storage/storageAccounts/stone`;
const key = 'a-key-of-the-app';

const topic = (id: string, identity: string | undefined) => ({
  id,
  name: id.split('/').at(-1),
  type: 'Microsoft.EventGrid/systemTopics',
  location: 'global',
  ...(identity !== undefined && { identity: { type: identity } }),
  properties: { topicType: 'microsoft.resources.subscriptions', source: `/subscriptions/${id.split('/')[2]}` },
});
const eventSubscription = (name: string) => ({
  id: `${topicId}/eventSubscriptions/${name}`,
  name,
  type: 'Microsoft.EventGrid/systemTopics/eventSubscriptions',
  properties: {},
});
const answer = (method: string, path: string, body: unknown): Exchange => ({
  request: { method, uri: `https://management.azure.com${path}` },
  response: { status: 200, body },
});
const deploymentPath = `${group}/providers/Microsoft.Resources/deployments/tunnelwatch-trigger-evgt-tunnelwatch`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the hooks', () => {
  let watcher: LocalWatcher;
  const folder = mkdtempSync(join(tmpdir(), 'tunnelwatch-'));

  function run(script: string, environment: Record<string, string>): Promise<Ended> {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [`scripts/${script}.ts`], {
      cwd: root,
      env: {
        PATH,
        HOME,
        NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
        ...watcher.azure.environment,
        AZURE_SUBSCRIPTION_ID: subscription,
        ...environment,
      },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => {
      out += String(data);
    });
    child.stderr.on('data', (data) => {
      err += String(data);
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  }

  const afterDeploy = (environment: Record<string, string> = {}): Promise<Ended> =>
    run('after-deploy', {
      TUNNELWATCH_APP_ID: appId,
      TUNNELWATCH_STORAGE_ID: storageId,
      TUNNELWATCH_TOPIC_IDS: JSON.stringify([topicId]),
      AZURE_LOCATION: 'westeurope',
      TUNNELWATCH_URL: watcher.host.url,
      ...environment,
    });

  beforeAll(async () => {
    const foreign = `/subscriptions/${other}/resourceGroups/rg-other/providers/Microsoft.EventGrid/systemTopics/theirs`;
    watcher = await startLocalWatcher({
      resources: [
        ...brokenEstate([]).resources,
        topic(topicId, 'SystemAssigned'),
        eventSubscription('network-changes'),
        topic(foreign, undefined),
      ],
      key,
      delivery: 'queue',
      recording: [
        answer('POST', `${appId}/host/default/listkeys`, { masterKey: 'never', functionKeys: { default: key } }),
        answer('GET', deploymentPath, { properties: { provisioningState: 'Running' } }),
        answer('GET', deploymentPath, { properties: { provisioningState: 'Succeeded' } }),
      ],
    });
    writeFileSync(join(folder, 'ca.pem'), watcher.azure.certificate);
  });
  afterAll(async () => {
    await watcher?.stop();
    rmSync(folder, { recursive: true });
  });

  it('prove that a change reaches the watcher, and leave nothing behind', async () => {
    const { code, out, err } = await afterDeploy();
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`${subscription}: its changes reach the watcher`));
    expect(watcher.azure.store.all().filter(({ name }) => String(name).startsWith('tunnelwatch-proof'))).toEqual([]);
    expect(out).not.toContain(key);
  });

  it('bring the event subscription to the function when that is asked for, and take the one of the queue away', async () => {
    const { code, err } = await afterDeploy({ TUNNELWATCH_DELIVERY: 'function' });
    expect(err).toBe('');
    expect(code).toBe(0);
    const asked = watcher.azure.requests.map(({ method, path }) => `${method} ${path}`);
    const deployed = asked.indexOf(`PUT ${deploymentPath}`);
    const removed = asked.indexOf(`DELETE ${topicId}/eventSubscriptions/network-changes`);
    expect(deployed).toBeGreaterThan(-1);
    expect(removed).toBeGreaterThan(asked.lastIndexOf(`GET ${deploymentPath}`));
    const names = watcher.azure.store.all().map(({ id }) => String(id));
    expect(names).not.toContain(`${topicId}/eventSubscriptions/network-changes`);
  });

  it('fail when no change arrives, and name the subscription', async () => {
    const deaf = await startLocalWatcher({ resources: brokenEstate([]).resources, key, trouble: { drops: 1 } });
    try {
      writeFileSync(join(folder, 'ca.pem'), deaf.azure.certificate);
      const { code, err } = await afterDeploy({
        ...deaf.azure.environment,
        TUNNELWATCH_URL: deaf.host.url,
        TUNNELWATCH_KEY: key,
        TUNNELWATCH_PATIENCE_SECONDS: '2',
      });
      expect(code).toBe(1);
      expect(err).toContain(`${subscription}: no change reached the watcher`);
    } finally {
      writeFileSync(join(folder, 'ca.pem'), watcher.azure.certificate);
      await deaf.stop();
    }
  });

  it('say what is missing, and how to give it', async () => {
    const { code, err } = await run('after-deploy', { AZURE_LOCATION: 'westeurope' });
    expect(code).toBe(2);
    expect(err).toContain('TUNNELWATCH_APP_ID');
    expect(err).toContain('Usage');
  });

  it('find nothing in the way of a deployment whose topic is its own', async () => {
    const { code, out } = await run('before-deploy', {});
    expect({ code, out }).toEqual({ code: 0, out: 'Nothing stands in the way of the deployment.\n' });
  });

  it('tell of a topic that is there already, with the parameter that takes it', async () => {
    const { code, err } = await run('before-deploy', { TUNNELWATCH_WATCHED: `${subscription},${other}` });
    expect(code).toBe(1);
    expect(err).toContain('a second is refused');
    expect(err).toContain(`{"subscriptionId":"${other}","resourceGroup":"rg-other","name":"theirs"}`);
  });

  it('tell of a topic that is given and has no identity', async () => {
    const given = JSON.stringify([{ subscriptionId: other, resourceGroup: 'RG-Other', name: 'theirs' }]);
    const { code, err } = await run('before-deploy', {
      TUNNELWATCH_WATCHED: other,
      TUNNELWATCH_EXISTING_TOPICS: given,
    });
    expect(code).toBe(1);
    expect(err).toContain('no system-assigned identity');
    expect(err).toContain('az eventgrid system-topic update --resource-group rg-other --name theirs');
  });

  it('tell of a topic that is given and is not there', async () => {
    const given = JSON.stringify([
      { subscriptionId: '22222222-2222-2222-2222-222222222299', resourceGroup: 'r', name: 'n' },
    ]);
    const { code, err } = await run('before-deploy', {
      TUNNELWATCH_WATCHED: '22222222-2222-2222-2222-222222222299',
      TUNNELWATCH_EXISTING_TOPICS: given,
    });
    expect(code).toBe(1);
    expect(err).toMatch(/is not there/);
  });
});

describe('.funcignore', () => {
  it('leaves only what is deployed', () => {
    const ignored = readFileSync(join(root, '.funcignore'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('/'))
      .map((line) => line.slice(1));
    const kept = readdirSync(root).filter((name) => !ignored.includes(name) && !name.startsWith('.'));
    expect(kept.sort()).toEqual(['dist', 'host.json', 'package.json']);
    expect(ignored).toContain('.*');
  });
});

describe('azure.yaml', () => {
  const text = readFileSync(join(root, 'azure.yaml'), 'utf8');

  it('runs scripts that are there', () => {
    const scripts = [...text.matchAll(/node (scripts\/[\w-]+\.ts)/g)].map((match) => match[1] ?? '');
    expect(new Set(scripts)).toEqual(new Set(['scripts/before-deploy.ts', 'scripts/after-deploy.ts']));
    for (const script of scripts) expect(() => readFileSync(join(root, script))).not.toThrow();
  });

  it('names the service as the template tags the app', () => {
    const [, service] = /^services:\n {2}(\w+):/m.exec(text) ?? [];
    expect(readFileSync(join(root, 'infra/main.json'), 'utf8')).toContain(`'azd-service-name', '${service}'`);
  });
});
