/** Every setting there is: for the documentation, for the infrastructure, and for telling a typo from a setting. */

export interface Setting {
  readonly name: string;
  readonly need: 'required' | 'optional' | 'platform';
  readonly default?: string;
  readonly secret?: boolean;
  readonly about: string;
}

export const settingsList: readonly Setting[] = [
  {
    name: 'AzureWebJobsStorage',
    need: 'required',
    secret: true,
    about: 'Storage account for state and queues, as a connection string; or by identity through the next four.',
  },
  { name: 'AzureWebJobsStorage__accountName', need: 'optional', about: 'Name of the account, reached by identity.' },
  { name: 'AzureWebJobsStorage__queueServiceUri', need: 'optional', about: 'Address of its queues, by identity.' },
  { name: 'AzureWebJobsStorage__tableServiceUri', need: 'optional', about: 'Address of its tables, by identity.' },
  { name: 'AzureWebJobsStorage__clientId', need: 'optional', about: 'Client id of the user-assigned identity for it.' },
  {
    name: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
    need: 'optional',
    about: 'Where events and metrics go. Without it there are none.',
  },
  {
    name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    need: 'optional',
    about: '`Authorization=AAD` sends them with the identity instead of a key.',
  },
  {
    name: 'TUNNELWATCH_SCOPES',
    need: 'optional',
    default: 'all that the identity may read',
    about: 'Subscription ids and `/providers/Microsoft.Management/managementGroups/<name>`, separated by commas.',
  },
  {
    name: 'TUNNELWATCH_POLICY',
    need: 'optional',
    default: 'the default policy',
    about: 'Path of a policy file in the deployed app, or the JSON itself.',
  },
  {
    name: 'TUNNELWATCH_TEAMS_WEBHOOK_URL',
    need: 'optional',
    secret: true,
    about: 'Workflows webhook of a Teams channel.',
  },
  { name: 'TUNNELWATCH_WEBHOOK_URL', need: 'optional', secret: true, about: 'Any receiver of signed CloudEvents.' },
  {
    name: 'TUNNELWATCH_WEBHOOK_SECRET',
    need: 'optional',
    secret: true,
    about: 'Signs what goes there: `whsec_` and the base64 of 24 to 64 random bytes. Needed with the address.',
  },
  {
    name: 'TUNNELWATCH_SETTLE_SECONDS',
    need: 'optional',
    default: '10',
    about: 'Wait after a change before Azure is read, so that a burst is one evaluation (0 to 3600).',
  },
  {
    name: 'TUNNELWATCH_REMINDER_HOURS',
    need: 'optional',
    default: '24',
    about: 'After so long an open drift is said again (1 to 2160).',
  },
  {
    name: 'TUNNELWATCH_CLOUD',
    need: 'optional',
    default: 'AzureCloud',
    about: 'Or AzureUSGovernment, AzureChinaCloud.',
  },
  {
    name: 'TUNNELWATCH_ARM_ENDPOINT',
    need: 'optional',
    default: "the cloud's own",
    about: 'Address of Resource Manager.',
  },
  { name: 'AZURE_CLIENT_ID', need: 'optional', about: 'Client id of the user-assigned identity that reads Azure.' },
  { name: 'WEBSITE_HOSTNAME', need: 'platform', about: 'Set by Azure: host name of the app, for links in alerts.' },
  {
    name: 'AZURE_FUNCTIONS_ENVIRONMENT',
    need: 'platform',
    about: '`Development` on your machine: webhooks may then be http on loopback.',
  },
];

/** Steps of one letter between two names. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** The known `TUNNELWATCH_` name that is most like one that is not known. */
export function nearestSetting(name: string): string {
  const own = settingsList.map((setting) => setting.name).filter((each) => each.startsWith('TUNNELWATCH_'));
  return own.reduce((best, each) => (distance(name, each) < distance(name, best) ? each : best));
}
