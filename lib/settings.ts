/**
 * The environment of the function app, read once, strictly: every wrong variable is named in one error, with what would be right.
 * No value of a secret is ever part of a message.
 */
import { readFileSync } from 'node:fs';
import { type CloudSettings, cloudNames, cloudOf, withEndpoint } from './azure/cloud.ts';
import { parsePolicy } from './policy/parse.ts';
import { defaultPolicy, type Policy } from './policy/policy.ts';
import { catalogue } from './requirements/catalogue.ts';
import { nearestSetting, settingsList } from './settings/list.ts';
import { readScopes, type Scopes } from './settings/scopes.ts';
import { readStorage, type StorageSettings } from './settings/storage.ts';
import { refuseTeamsHost, webhookUrl } from './settings/webhook-url.ts';

export type { StorageSettings } from './settings/storage.ts';

export interface Settings {
  readonly storage: StorageSettings;
  readonly applicationInsights?: { readonly connectionString: string; readonly useIdentity: boolean };
  readonly scopes: Scopes;
  readonly policy: Policy;
  readonly teams?: { readonly url: string };
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly settleSeconds: number;
  readonly reminderHours: number;
  readonly cloud: CloudSettings;
  /** Host name of the function app, for links to it. */
  readonly host?: string;
  /** Of the user-assigned identity that reads Azure. */
  readonly clientId?: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One message with a line for each variable that is wrong. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `tunnelwatch cannot start; these settings are missing or wrong:\n${problems.map((each) => `  ${each}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Collects what is wrong and goes on. */
class Reader {
  readonly problems: string[] = [];
  private readonly environment: Environment;

  constructor(environment: Environment) {
    this.environment = environment;
  }

  /** A variable's text; `undefined` where it is not set, or only holds a reference that was not resolved. */
  text(name: string): string | undefined {
    const value = this.environment[name]?.trim();
    if (value === undefined || value === '') return undefined;
    return isUnresolved(value) ? undefined : value;
  }

  read<T>(name: string, read: (text: string) => T): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return this.attempt(name, () => read(text));
  }

  attempt<T>(name: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.problems.push(`${name}: ${error instanceof Error ? error.message : 'cannot be read'}`);
      return undefined;
    }
  }
}

function isUnresolved(value: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(value);
}

function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new Error(`"${text.slice(0, 20)}" is no whole number from ${least} to ${most}`);
  };
}

function signingSecret(text: string): string {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  const bytes = Buffer.from(encoded ?? '', 'base64').length;
  if (encoded !== undefined && bytes >= 24 && bytes <= 64) return text;
  throw new Error('is no signing secret; expected "whsec_" and the base64 of 24 to 64 random bytes');
}

function httpsOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:' && url.pathname === '/' && url.search === '' && url.username === '') return url.origin;
  throw new Error('is no https address of a host, such as https://management.azure.com');
}

function ingestion(text: string): string {
  if (/(^|;)\s*InstrumentationKey=[0-9a-f-]{36}/i.test(text)) return text;
  throw new Error('is no connection string of Application Insights (InstrumentationKey=...;IngestionEndpoint=...)');
}

function readCloud(reader: Reader): CloudSettings | undefined {
  const cloud = reader.attempt('TUNNELWATCH_CLOUD', () => {
    const name = reader.text('TUNNELWATCH_CLOUD') ?? cloudNames[0];
    const found = cloudOf(name);
    if (found) return found;
    throw new Error(`"${name.slice(0, 40)}" is no cloud; one of ${cloudNames.join(', ')}`);
  });
  const endpoint = reader.read('TUNNELWATCH_ARM_ENDPOINT', httpsOrigin);
  return cloud && (endpoint === undefined ? cloud : withEndpoint(cloud, endpoint));
}

function readPolicy(text: string, readFile: (path: string) => string): Policy {
  const known = catalogue.map(({ id }) => id);
  if (text.startsWith('{')) return parsePolicy(text, 'TUNNELWATCH_POLICY', known);
  let content: string;
  try {
    content = readFile(text);
  } catch {
    throw new Error(
      `there is no readable policy file at "${text.slice(0, 200)}"; a path or the JSON itself is expected`,
    );
  }
  return parsePolicy(content, text, known);
}

function readWebhook(reader: Reader, isDevelopment: boolean): Settings['webhook'] {
  const url = reader.read('TUNNELWATCH_WEBHOOK_URL', (text) => webhookUrl(text, isDevelopment));
  const secret = reader.read('TUNNELWATCH_WEBHOOK_SECRET', signingSecret);
  const has = (name: string): boolean => reader.text(name) !== undefined;
  if (has('TUNNELWATCH_WEBHOOK_URL') && !has('TUNNELWATCH_WEBHOOK_SECRET')) {
    reader.problems.push('TUNNELWATCH_WEBHOOK_SECRET: is missing; every delivery is signed with it (whsec_...)');
  }
  if (!has('TUNNELWATCH_WEBHOOK_URL') && has('TUNNELWATCH_WEBHOOK_SECRET')) {
    reader.problems.push('TUNNELWATCH_WEBHOOK_URL: is missing, although there is a secret for it');
  }
  return url === undefined || secret === undefined ? undefined : { url, secret };
}

/** References that were not resolved, and names that nobody knows. */
function checkNames(environment: Environment, reader: Reader): void {
  const known = new Set(settingsList.map(({ name }) => name));
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    if (known.has(name) && isUnresolved(value.trim())) {
      reader.problems.push(
        `${name}: the Key Vault reference is not resolved; check that the app's identity may read the secret`,
      );
    }
    if (name.startsWith('TUNNELWATCH_') && !known.has(name)) {
      reader.problems.push(`${name.slice(0, 60)}: is not known; did you mean ${nearestSetting(name)}?`);
    }
  }
}

/**
 * @param readFile for the policy's path
 * @throws SettingsError with everything that is wrong
 */
export function readSettings(
  environment: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): Settings {
  const reader = new Reader(environment);
  checkNames(environment, reader);
  const isDevelopment = environment.AZURE_FUNCTIONS_ENVIRONMENT?.toLowerCase() === 'development';
  const storage = reader.attempt('AzureWebJobsStorage', () => readStorage((name) => reader.text(name)));
  const cloud = readCloud(reader);
  const scopes = reader.read('TUNNELWATCH_SCOPES', readScopes) ?? { subscriptions: [], managementGroups: [] };
  const policy = reader.read('TUNNELWATCH_POLICY', (text) => readPolicy(text, readFile)) ?? defaultPolicy;
  const connectionString = reader.read('APPLICATIONINSIGHTS_CONNECTION_STRING', ingestion);
  const useIdentity = /Authorization=AAD/i.test(reader.text('APPLICATIONINSIGHTS_AUTHENTICATION_STRING') ?? '');
  const teamsUrl = reader.read('TUNNELWATCH_TEAMS_WEBHOOK_URL', (text) =>
    refuseTeamsHost(webhookUrl(text, isDevelopment)),
  );
  const webhook = readWebhook(reader, isDevelopment);
  const settleSeconds = reader.read('TUNNELWATCH_SETTLE_SECONDS', wholeNumber(0, 3600)) ?? 10;
  const reminderHours = reader.read('TUNNELWATCH_REMINDER_HOURS', wholeNumber(1, 24 * 90)) ?? 24;
  const host = reader.text('WEBSITE_HOSTNAME');
  const clientId = reader.text('AZURE_CLIENT_ID');
  if (reader.problems.length > 0 || !storage || !cloud) throw new SettingsError(reader.problems);
  return {
    storage,
    ...(connectionString !== undefined && { applicationInsights: { connectionString, useIdentity } }),
    scopes,
    policy,
    ...(teamsUrl !== undefined && { teams: { url: teamsUrl } }),
    ...(webhook && { webhook }),
    settleSeconds,
    reminderHours,
    cloud,
    ...(host !== undefined && { host }),
    ...(clientId !== undefined && { clientId }),
  };
}
