/**
 * The environment of the function app, read once, strictly: every wrong variable is named in one error, with what would be
 * right. Nothing that may be a secret is ever part of a message; of a policy, what is wrong in it is.
 */
import { readFileSync } from 'node:fs';
import { type CloudSettings, cloudNames, cloudOf, withEndpoint } from './azure/cloud.ts';
import { parsePolicy } from './policy/parse.ts';
import { defaultPolicy, type Policy } from './policy/policy.ts';
import { catalogue } from './requirements/catalogue.ts';
import { hostName, httpsOrigin, secureUrl, teamsUrl } from './settings/addresses.ts';
import { type Environment, SettingsReader } from './settings/reader.ts';
import { readScopes, type Scopes } from './settings/scopes.ts';
import { readStorage, type StorageSettings } from './settings/storage.ts';
import {
  clientId,
  type DependencyReading,
  dependencyReading,
  ingestion,
  ingestionIdentity,
  readOrOff,
  serverList,
  signingSecret,
  wholeNumber,
} from './settings/values.ts';

export { settingsList } from './settings/list.ts';
export type { StorageSettings } from './settings/storage.ts';

export interface ApplicationInsightsSettings {
  readonly connectionString: string;
  /** Sends with an identity instead of with the key in the connection string. */
  readonly useIdentity: boolean;
  /** Of the user-assigned identity that sends; absent: the app's own. */
  readonly clientId?: string;
}

export interface Settings {
  readonly storage: StorageSettings;
  readonly applicationInsights?: ApplicationInsightsSettings;
  readonly scopes: Scopes;
  readonly policy: Policy;
  readonly teams?: { readonly url: string };
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly settleSeconds: number;
  readonly reminderHours: number;
  /** What is read of the dependencies that Azure lists. */
  readonly dependencies: DependencyReading;
  /** Who resolves their names; absent: the machine's own. */
  readonly dnsServers?: readonly string[];
  /** Whether the security admin rules of Virtual Network Manager are read. */
  readonly adminRules: boolean;
  readonly cloud: CloudSettings;
  /** Host name of the function app, for links to it. */
  readonly host?: string;
  /** Of the user-assigned identity that reads Azure. */
  readonly clientId?: string;
}

/** One message with a line for each variable that is wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  /** Each begins with the variable's name; none holds a value. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    const lines = problems.map((each) => `  ${each}`);
    super(['tunnelwatch cannot start; these settings are missing or wrong:', ...lines].join('\n'));
    this.problems = problems;
  }
}

function cloudNamed(text: string): CloudSettings {
  const cloud = cloudOf(text);
  if (cloud) return cloud;
  throw new Error(`is no cloud; there are ${cloudNames.join(', ')}`);
}

function readCloud(reader: SettingsReader): CloudSettings {
  const cloud = reader.read('TUNNELWATCH_CLOUD', cloudNamed) ?? cloudNamed(cloudNames[0]);
  const endpoint = reader.read('TUNNELWATCH_ARM_ENDPOINT', httpsOrigin);
  return endpoint === undefined ? cloud : withEndpoint(cloud, endpoint);
}

function readPolicy(text: string, readFile: (path: string) => string): Policy {
  const known = catalogue.map(({ id }) => id);
  let content = text;
  if (!text.startsWith('{')) {
    try {
      content = readFile(text);
    } catch {
      throw new Error('is neither JSON nor the path of a file that can be read');
    }
  }
  try {
    return parsePolicy(content, 'policy', known);
  } catch (error) {
    throw new Error(`is no valid policy: ${error instanceof Error ? error.message : 'it cannot be read'}`);
  }
}

function readApplicationInsights(
  reader: SettingsReader,
  isDevelopment: boolean,
): ApplicationInsightsSettings | undefined {
  const connectionString = reader.read('APPLICATIONINSIGHTS_CONNECTION_STRING', (text) =>
    ingestion(text, isDevelopment),
  );
  const identity = reader.read('APPLICATIONINSIGHTS_AUTHENTICATION_STRING', ingestionIdentity);
  return connectionString === undefined
    ? undefined
    : { connectionString, useIdentity: identity !== undefined, ...identity };
}

function readWebhook(reader: SettingsReader, isDevelopment: boolean): Settings['webhook'] {
  const address = 'TUNNELWATCH_WEBHOOK_URL';
  const key = 'TUNNELWATCH_WEBHOOK_SECRET';
  const url = reader.read(address, (text) => secureUrl(text, isDevelopment).href);
  const secret = reader.read(key, signingSecret);
  if (reader.isSet(address) && !reader.isSet(key)) reader.refuse(key, 'is missing; every delivery is signed with it');
  if (reader.isSet(key) && !reader.isSet(address)) reader.refuse(address, 'is missing, although its secret is set');
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

/**
 * @param readFile for the policy's path
 * @throws SettingsError with everything that is wrong
 */
export function readSettings(
  environment: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const reader = new SettingsReader(environment);
  reader.checkNames();
  const isDevelopment = reader.text('AZURE_FUNCTIONS_ENVIRONMENT')?.toLowerCase() === 'development';
  const cloud = readCloud(reader);
  const storage = readStorage(reader, { isDevelopment, isPublic: cloud.name === 'Public' });
  const applicationInsights = readApplicationInsights(reader, isDevelopment);
  const scopes = reader.read('TUNNELWATCH_SCOPES', readScopes) ?? { subscriptions: [], managementGroups: [] };
  const policy = reader.read('TUNNELWATCH_POLICY', (text) => readPolicy(text, readFile)) ?? defaultPolicy;
  const teams = reader.read('TUNNELWATCH_TEAMS_WEBHOOK_URL', (text) => teamsUrl(text, isDevelopment).href);
  const webhook = readWebhook(reader, isDevelopment);
  const settleSeconds = reader.read('TUNNELWATCH_SETTLE_SECONDS', wholeNumber(0, 3600)) ?? 10;
  const reminderHours = reader.read('TUNNELWATCH_REMINDER_HOURS', wholeNumber(1, 2160)) ?? 24;
  const dependencies = reader.read('TUNNELWATCH_DEPENDENCIES', dependencyReading) ?? 'list';
  const dnsServers = reader.read('TUNNELWATCH_DNS_SERVERS', serverList);
  const adminRules = reader.read('TUNNELWATCH_ADMIN_RULES', readOrOff) === 'read';
  const host = reader.read('WEBSITE_HOSTNAME', hostName);
  const identity = reader.read('AZURE_CLIENT_ID', clientId);
  if (reader.problems.length > 0 || !storage) throw new SettingsError(reader.problems);
  return {
    storage,
    ...(applicationInsights && { applicationInsights }),
    scopes,
    policy,
    ...(teams !== undefined && { teams: { url: teams } }),
    ...(webhook && { webhook }),
    settleSeconds,
    reminderHours,
    dependencies,
    ...(dnsServers && { dnsServers }),
    adminRules,
    cloud,
    ...(host !== undefined && { host }),
    ...(identity !== undefined && { clientId: identity }),
  };
}
