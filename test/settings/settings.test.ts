import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../lib/policy/policy.ts';
import { readSettings, type Settings, SettingsError, settingsList } from '../../lib/settings.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const id = '0b1f6471-1bf0-4dda-aec3-cb9272f09590';
const storage = { AzureWebJobsStorage: 'DefaultEndpointsProtocol=https;AccountName=state;AccountKey=c2VjcmV0' };
const secret = `whsec_${randomBytes(32).toString('base64')}`;

function read(environment: Environment): Settings {
  return readSettings({ ...storage, ...environment });
}

function problems(environment: Environment): readonly string[] {
  try {
    readSettings(environment);
  } catch (error) {
    if (error instanceof SettingsError) {
      for (const each of error.problems) expect(error.message).toContain(each);
      return error.problems;
    }
    throw error;
  }
  throw new Error('was not refused');
}

/** The one problem of a variable beside a storage that is right. */
function problem(environment: Environment): string {
  const all = problems({ ...storage, ...environment });
  expect(all).toHaveLength(1);
  return all[0] ?? '';
}

describe('the settings', () => {
  it('need storage only, and have the defaults of their list', () => {
    const settings = read({});
    expect(settings).toEqual({
      storage: { kind: 'connectionString', connectionString: storage.AzureWebJobsStorage },
      scopes: { subscriptions: [], managementGroups: [] },
      policy: defaultPolicy,
      settleSeconds: 10,
      reminderHours: 24,
      dependencies: 'list',
      adminRules: false,
      cloud: expect.objectContaining({ name: 'Public' }),
    });
    const listed = (name: string) => settingsList.find((setting) => setting.name === name)?.default;
    expect(listed('TUNNELWATCH_SETTLE_SECONDS')).toBe(String(settings.settleSeconds));
    expect(listed('TUNNELWATCH_REMINDER_HOURS')).toBe(String(settings.reminderHours));
    expect(settingsList.filter(({ need }) => need === 'required').map(({ name }) => name)).toEqual([
      'AzureWebJobsStorage',
    ]);
  });

  it('are all read', () => {
    const settings = read({
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=${id};IngestionEndpoint=https://in.example.com/`,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: `Authorization=AAD;ClientId=${id}`,
      TUNNELWATCH_SCOPES: id,
      TUNNELWATCH_POLICY: '{"tunnel":"required"}',
      TUNNELWATCH_TEAMS_WEBHOOK_URL: 'https://prod-1.westeurope.logic.azure.com/workflows/a?sig=b',
      TUNNELWATCH_WEBHOOK_URL: 'https://alerts.example.com/hook',
      TUNNELWATCH_WEBHOOK_SECRET: secret,
      TUNNELWATCH_SETTLE_SECONDS: '0',
      TUNNELWATCH_REMINDER_HOURS: '48',
      TUNNELWATCH_DEPENDENCIES: 'Resolve',
      TUNNELWATCH_ADMIN_RULES: 'Read',
      TUNNELWATCH_DNS_SERVERS: '10.0.0.4, 10.0.0.5:5353',
      TUNNELWATCH_CLOUD: 'azurechinacloud',
      WEBSITE_HOSTNAME: 'app.azurewebsites.net',
      AZURE_CLIENT_ID: id,
    });
    expect(settings).toMatchObject({
      applicationInsights: { useIdentity: true, clientId: id },
      scopes: { subscriptions: [id] },
      policy: { tunnel: 'required' },
      teams: { url: 'https://prod-1.westeurope.logic.azure.com/workflows/a?sig=b' },
      webhook: { url: 'https://alerts.example.com/hook', secret },
      settleSeconds: 0,
      reminderHours: 48,
      dependencies: 'resolve',
      adminRules: true,
      dnsServers: ['10.0.0.4', '10.0.0.5:5353'],
      cloud: { name: 'China', portal: 'https://portal.azure.cn' },
      host: 'app.azurewebsites.net',
      clientId: id,
    });
  });

  it('count as not set where they are empty', () => {
    const empty = Object.fromEntries(settingsList.map(({ name }) => [name, ' ']));
    expect(readSettings({ ...empty, ...storage })).toEqual(read({}));
  });

  it('are refused all at once, each with a value that would be right', () => {
    const wrong = {
      AzureWebJobsStorage: 'x',
      APPLICATIONINSIGHTS_CONNECTION_STRING: 'x',
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'x',
      TUNNELWATCH_SCOPES: 'x',
      TUNNELWATCH_POLICY: 'x',
      TUNNELWATCH_TEAMS_WEBHOOK_URL: 'x',
      TUNNELWATCH_WEBHOOK_URL: 'x',
      TUNNELWATCH_WEBHOOK_SECRET: 'x',
      TUNNELWATCH_SETTLE_SECONDS: 'x',
      TUNNELWATCH_REMINDER_HOURS: 'x',
      TUNNELWATCH_CLOUD: 'x',
      TUNNELWATCH_ARM_ENDPOINT: 'x',
      AZURE_CLIENT_ID: 'x',
      WEBSITE_HOSTNAME: '-',
    };
    const said = problems(wrong);
    expect(said.map((each) => each.split(' ')[0]).sort()).toEqual(Object.keys(wrong).sort());
    for (const each of said) {
      const setting = settingsList.find(({ name }) => each.startsWith(`${name} `));
      expect(each.endsWith(`; for example ${setting?.example}`)).toBe(true);
    }
  });

  it('are taken as the examples of their list have them', () => {
    const value = ({ name, example }: (typeof settingsList)[number]): [string, string] => [
      name,
      // What its example tells how to make, and addresses with gaps to fill in.
      name === 'TUNNELWATCH_WEBHOOK_SECRET' ? secret : example.replace(/<[a-z]+>/g, 'filled'),
    ];
    expect(readSettings(Object.fromEntries(settingsList.map(value)))).toMatchObject({ policy: { tunnel: 'required' } });
  });

  it('never repeat what may be a secret, in whatever variable it stands', () => {
    const canary = 'canary0secret0value';
    const shapes = [canary, `https://${canary}.webhook.office.com/${canary}`, `http://${canary}/`, `whsec_${canary}`];
    for (const { name } of settingsList) {
      for (const shape of shapes) {
        try {
          readSettings({ ...storage, [name]: shape });
        } catch (error) {
          expect(String((error as Error).stack)).not.toContain(canary);
        }
      }
    }
  });
});

describe('a Key Vault reference that was not resolved', () => {
  const reference = '@Microsoft.KeyVault(SecretUri=https://vault.example.com/secrets/a/)';

  it.each([...settingsList.map(({ name }) => name), 'ANOTHER_SETTING'])('is the one thing said of %s', (name) => {
    const partner = name === 'TUNNELWATCH_WEBHOOK_SECRET' ? { TUNNELWATCH_WEBHOOK_URL: 'https://example.com/' } : {};
    const other = name === 'TUNNELWATCH_WEBHOOK_URL' ? { TUNNELWATCH_WEBHOOK_SECRET: secret } : partner;
    const said = problem({ ...other, [name]: reference });
    expect(said).toMatch(new RegExp(`^${name} is an unresolved Key Vault reference`));
    expect(said).not.toContain('vault.example.com');
  });

  it('is said once, although Azure hands the setting over twice', () => {
    const twice = { TUNNELWATCH_POLICY: reference, APPSETTING_TUNNELWATCH_POLICY: reference };
    expect(problem(twice)).toMatch(/^TUNNELWATCH_POLICY /);
  });
});

describe('a name that is no setting', () => {
  it.each([
    ['TUNNELWATCH_SCOPE', 'TUNNELWATCH_SCOPES'],
    ['TUNNELWATCH_TEAM_WEBHOOKS_URL', 'TUNNELWATCH_TEAMS_WEBHOOK_URL'],
    ['tunnelwatch_policy', 'TUNNELWATCH_POLICY'],
    ['TUNNEL_WATCH_POLICY', 'TUNNELWATCH_POLICY'],
  ])('is refused: %s, meant was %s', (name, meant) => {
    expect(problem({ [name]: '1' })).toBe(`${name} is no setting; did you mean ${meant}?`);
  });

  it('is refused without a guess where nothing is near', () => {
    expect(problem({ TUNNELWATCH_XYZXYZXYZXYZXYZXYZXYZXYZXYZ: '1' })).toMatch(/is no setting$/);
  });

  it("is nobody's business where it is another's", () => {
    expect(read({ PATH: '/bin', FUNCTIONS_WORKER_RUNTIME: 'node', NOT_TUNNELWATCH_AT_ALL: '1' })).toEqual(read({}));
  });
});

describe('storage', () => {
  it.each([
    'UseDevelopmentStorage=true',
    'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9v==;EndpointSuffix=core.windows.net',
    'SharedAccessSignature=sv=1;QueueEndpoint=https://a.queue.core.windows.net;TableEndpoint=https://a.table.core.windows.net',
  ])('is taken as %s', (connectionString) => {
    expect(readSettings({ AzureWebJobsStorage: connectionString }).storage).toEqual({
      kind: 'connectionString',
      connectionString,
    });
  });

  it.each(['AccountName=a', 'AccountKey=a', 'https://a.queue.core.windows.net', 'UseDevelopmentStorage=false'])(
    'is not taken as %s',
    (connectionString) => {
      expect(problems({ AzureWebJobsStorage: connectionString })[0]).toContain('is no connection string');
    },
  );

  it("is reached by identity under an account's name", () => {
    const environment = {
      AzureWebJobsStorage__accountName: 'state',
      AzureWebJobsStorage__credential: 'managedidentity',
      AzureWebJobsStorage__clientId: id,
    };
    expect(readSettings(environment).storage).toEqual({
      kind: 'identity',
      queueServiceUri: 'https://state.queue.core.windows.net',
      tableServiceUri: 'https://state.table.core.windows.net',
      clientId: id,
    });
  });

  it('is reached by identity under two addresses, in any cloud', () => {
    const environment = {
      AzureWebJobsStorage__queueServiceUri: 'https://state.queue.core.usgovcloudapi.net/',
      AzureWebJobsStorage__tableServiceUri: 'https://state.table.core.usgovcloudapi.net',
      TUNNELWATCH_CLOUD: 'AzureUSGovernment',
    };
    expect(readSettings(environment).storage).toEqual({
      kind: 'identity',
      queueServiceUri: 'https://state.queue.core.usgovcloudapi.net',
      tableServiceUri: 'https://state.table.core.usgovcloudapi.net',
    });
  });

  it.each<[string, Environment, string]>([
    ['is missing', {}, 'AzureWebJobsStorage is missing'],
    [
      'lacks the tables',
      { AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net' },
      'AzureWebJobsStorage__tableServiceUri is missing',
    ],
    ['has no name', { AzureWebJobsStorage__accountName: 'Not_A_Name' }, 'AzureWebJobsStorage__accountName is no name'],
    [
      'is named in a cloud where the host makes no address of a name',
      { AzureWebJobsStorage__accountName: 'state', TUNNELWATCH_CLOUD: 'AzureUSGovernment' },
      'AzureWebJobsStorage__accountName works in the public cloud only',
    ],
    [
      'is signed in to otherwise',
      { AzureWebJobsStorage__accountName: 'state', AzureWebJobsStorage__credential: 'password' },
      'AzureWebJobsStorage__credential is not',
    ],
    [
      'has an address with a signature',
      {
        AzureWebJobsStorage__queueServiceUri: 'https://a.queue.core.windows.net/?sig=a',
        AzureWebJobsStorage__tableServiceUri: 'https://a.table.core.windows.net',
      },
      'AzureWebJobsStorage__queueServiceUri must not hold a signature',
    ],
  ])('that %s is refused', (_, environment, said) => {
    expect(problems(environment)).toEqual([expect.stringContaining(said)]);
  });
});

describe('scopes', () => {
  it('are subscriptions and management groups, once each, however they are separated', () => {
    const text = `${id.toUpperCase()}, /subscriptions/${id}\n/providers/Microsoft.Management/managementGroups/Land.Zones managementGroup:Hub`;
    expect(read({ TUNNELWATCH_SCOPES: text }).scopes).toEqual({
      subscriptions: [id],
      managementGroups: ['Land.Zones', 'Hub'],
    });
  });

  it('are refused by their places', () => {
    expect(problem({ TUNNELWATCH_SCOPES: `a,${id},/subscriptions/${id}/resourceGroups/g` })).toContain(
      'entries 1, 3 are neither',
    );
    expect(problem({ TUNNELWATCH_SCOPES: `${id},a` })).toContain('entry 2 is neither');
  });
});

describe('the policy', () => {
  it('may stand in a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    try {
      const path = join(folder, 'policy.json');
      writeFileSync(path, '{"tunnel":"required"}');
      expect(read({ TUNNELWATCH_POLICY: path }).policy.tunnel).toBe('required');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['/no/such/policy.json', 'is neither JSON nor the path of a file'],
    ['{"tunnel":"maybe"}', 'is no valid policy: policy: tunnel: '],
    ['{"requirements":{"kms-rout":{}}}', 'did you mean "kms-route"'],
    ['{"tunnel":', 'is no valid policy: policy'],
  ])('%s is refused with what is wrong', (text, said) => {
    expect(problem({ TUNNELWATCH_POLICY: text })).toContain(said);
  });
});

describe('webhooks', () => {
  const variables = ['TUNNELWATCH_TEAMS_WEBHOOK_URL', 'TUNNELWATCH_WEBHOOK_URL'] as const;
  const withSecret = (name: string) =>
    name === 'TUNNELWATCH_WEBHOOK_URL' ? { TUNNELWATCH_WEBHOOK_SECRET: secret } : {};

  describe.each(variables)('%s', (name) => {
    it.each([
      ['http://alerts.example.com/', 'must begin with https://'],
      ['ftp://alerts.example.com/', 'must begin with https://'],
      ['https://me:password@alerts.example.com/', 'must not hold a user name'],
      ['https://alerts.example.com/#here', 'must not hold a fragment'],
      ['alerts.example.com', 'is no address'],
    ])('is refused as %s', (url, said) => {
      expect(problem({ ...withSecret(name), [name]: url })).toContain(`${name} ${said}`);
    });

    it('may be http on this machine in development, and nowhere else', () => {
      const local = { ...withSecret(name), [name]: 'http://127.0.0.1:8080/hook' };
      expect(problem(local)).toContain('must begin with https://');
      expect(() => read({ ...local, AZURE_FUNCTIONS_ENVIRONMENT: 'Development' })).not.toThrow();
      const remote = { ...withSecret(name), [name]: 'http://192.0.2.1/', AZURE_FUNCTIONS_ENVIRONMENT: 'Development' };
      expect(problem(remote)).toContain('must begin with https://');
    });
  });

  it.each([
    'https://contoso.webhook.office.com/webhookb2/a',
    'https://CONTOSO.webhook.office.com./webhookb2/a',
    'https://outlook.office.com/webhook/a',
    'https://outlook.office365.com/webhook/a',
  ])('of the retired connectors are refused for Teams: %s', (url) => {
    expect(problem({ TUNNELWATCH_TEAMS_WEBHOOK_URL: url })).toMatch(/retired.*Workflows webhook/);
  });

  it.each([
    'https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke?sig=b',
    'https://default1.2.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/a?sig=b',
    'https://webhook.office.com.example.com/a',
  ])('of others are taken for Teams: %s', (url) => {
    expect(() => read({ TUNNELWATCH_TEAMS_WEBHOOK_URL: url })).not.toThrow();
  });

  it('come with their secret, and it with them', () => {
    expect(problem({ TUNNELWATCH_WEBHOOK_URL: 'https://example.com/' })).toMatch(
      /^TUNNELWATCH_WEBHOOK_SECRET is missing/,
    );
    expect(problem({ TUNNELWATCH_WEBHOOK_SECRET: secret })).toMatch(/^TUNNELWATCH_WEBHOOK_URL is missing/);
  });

  it.each([24, 25, 32, 64])('take a secret of %i bytes that the signing library takes', (length) => {
    const key = `whsec_${randomBytes(length).toString('base64')}`;
    expect(() => new Webhook(key)).not.toThrow();
    expect(() =>
      read({ TUNNELWATCH_WEBHOOK_URL: 'https://example.com/', TUNNELWATCH_WEBHOOK_SECRET: key }),
    ).not.toThrow();
  });

  it.each([
    ['too short', `whsec_${Buffer.alloc(23).toString('base64')}`],
    ['too long', `whsec_${Buffer.alloc(65).toString('base64')}`],
    ['without its prefix', Buffer.alloc(32).toString('base64')],
    ['without its padding', `whsec_${Buffer.alloc(32).toString('base64').replace('=', '')}`],
    ['of other letters', `whsec_${Buffer.alloc(33, 255).toString('base64url')}`],
  ])('refuse a secret that is %s', (_, key) => {
    const environment = { TUNNELWATCH_WEBHOOK_URL: 'https://example.com/', TUNNELWATCH_WEBHOOK_SECRET: key };
    expect(problem(environment)).toContain('TUNNELWATCH_WEBHOOK_SECRET is no signing secret');
  });
});

describe('numbers', () => {
  it.each([
    ['TUNNELWATCH_SETTLE_SECONDS', ['-1', '3601', '1.5', '1e2', '0x10', 'ten', '٣']],
    ['TUNNELWATCH_REMINDER_HOURS', ['0', '2161', '-24', '24h', 'NaN']],
  ])('of %s are whole and within bounds', (name, wrong) => {
    for (const text of wrong) expect(problem({ [name]: text })).toContain(`${name} is no whole number from`);
  });
});

describe('the dependencies that Azure lists', () => {
  it('are read in one of three ways', () => {
    for (const text of ['on', 'lists', 'true']) {
      expect(problem({ TUNNELWATCH_DEPENDENCIES: text })).toContain('is none of list, resolve, off');
    }
  });

  it.each(['dns.example.com', '10.0.0', '10.0.0.4:0', '10.0.0.4:99999', '10.0.0.4:53:1', ','])(
    'are not resolved by "%s"',
    (text) => {
      expect(problem({ TUNNELWATCH_DNS_SERVERS: text })).toMatch(/^ *TUNNELWATCH_DNS_SERVERS (is no list|names no)/m);
    },
  );
});

describe('Application Insights', () => {
  const name = 'APPLICATIONINSIGHTS_CONNECTION_STRING';

  it('is sent to with the key where no identity is named', () => {
    const connectionString = `InstrumentationKey=${id}`;
    expect(read({ [name]: connectionString }).applicationInsights).toEqual({ connectionString, useIdentity: false });
  });

  it('is sent to over https alone', () => {
    const plain = { [name]: `InstrumentationKey=${id};IngestionEndpoint=http://127.0.0.1:1/` };
    expect(problem(plain)).toContain('its IngestionEndpoint must begin with https://');
    expect(() => read({ ...plain, AZURE_FUNCTIONS_ENVIRONMENT: 'Development' })).not.toThrow();
  });
});
