/**
 * Every setting there is: for the reading itself, for docs/settings.md, for the infrastructure, and for telling a typo from a
 * setting. Nothing is read here.
 */

export interface Setting {
  readonly name: string;
  /** `platform`: set or read by the Functions host; nobody sets it by hand for the watcher's sake. */
  readonly need: 'required' | 'optional' | 'platform';
  /** What holds where it is not set, in words. */
  readonly default?: string;
  /** Its value is never shown; it belongs in a key vault. */
  readonly secret?: boolean;
  readonly about: string;
  /** A value that would be right. */
  readonly example: string;
}

const exampleId = '11111111-2222-3333-4444-555555555555';

export const settingsList: readonly Setting[] = [
  {
    name: 'AzureWebJobsStorage',
    need: 'required',
    secret: true,
    about:
      "The function app's storage account, for state and queues, as a connection string. By identity: leave it out and set the next ones instead.",
    example: 'DefaultEndpointsProtocol=https;AccountName=<name>;AccountKey=<key>;EndpointSuffix=core.windows.net',
  },
  {
    name: 'AzureWebJobsStorage__accountName',
    need: 'optional',
    about: 'Name of the account that is reached by identity; in the public cloud only.',
    example: 'sttunnelwatch',
  },
  {
    name: 'AzureWebJobsStorage__queueServiceUri',
    need: 'optional',
    default: 'from the account name',
    about: 'Address of its queues, by identity.',
    example: 'https://sttunnelwatch.queue.core.windows.net',
  },
  {
    name: 'AzureWebJobsStorage__tableServiceUri',
    need: 'optional',
    default: 'from the account name',
    about: 'Address of its tables, by identity.',
    example: 'https://sttunnelwatch.table.core.windows.net',
  },
  {
    name: 'AzureWebJobsStorage__blobServiceUri',
    need: 'platform',
    default: 'from the account name',
    about: "Address of its blobs, by identity: the host's locks and keys.",
    example: 'https://sttunnelwatch.blob.core.windows.net',
  },
  {
    name: 'AzureWebJobsStorage__credential',
    need: 'platform',
    about: 'How the host signs in to it.',
    example: 'managedidentity',
  },
  {
    name: 'AzureWebJobsStorage__clientId',
    need: 'optional',
    default: "the app's own identity",
    about: 'Client id of the user-assigned identity for it.',
    example: exampleId,
  },
  {
    name: 'APPLICATIONINSIGHTS_CONNECTION_STRING',
    need: 'optional',
    default: 'no events and metrics',
    about: 'Where custom events and metrics go.',
    example: `InstrumentationKey=${exampleId};IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/`,
  },
  {
    name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
    need: 'optional',
    default: 'the key in the connection string',
    about: 'Sends them with an identity: the own one, or with `;ClientId=` a user-assigned one.',
    example: 'Authorization=AAD',
  },
  {
    name: 'TUNNELWATCH_SCOPES',
    need: 'optional',
    default: 'all that the identity may read',
    about:
      'Subscriptions and management groups, by id (`managementGroup:<name>` is short for one), separated by commas.',
    example: `${exampleId},/providers/Microsoft.Management/managementGroups/landing-zones`,
  },
  {
    name: 'TUNNELWATCH_POLICY',
    need: 'optional',
    default: 'the default policy',
    about: 'Path of a policy file in the deployed app, or the JSON itself.',
    example: '{"tunnel":"required"}',
  },
  {
    name: 'TUNNELWATCH_TEAMS_WEBHOOK_URL',
    need: 'optional',
    default: 'no cards',
    secret: true,
    about: 'Workflows webhook of a Teams channel.',
    example: 'https://<host>/workflows/<id>/triggers/manual/paths/invoke?<signature>',
  },
  {
    name: 'TUNNELWATCH_WEBHOOK_URL',
    need: 'optional',
    default: 'no webhook',
    secret: true,
    about: 'Any receiver of signed CloudEvents.',
    example: 'https://alerts.example.com/tunnelwatch',
  },
  {
    name: 'TUNNELWATCH_WEBHOOK_SECRET',
    need: 'optional',
    secret: true,
    about: 'Signs what goes there (Standard Webhooks): the base64 of 24 to 64 random bytes. Required with the address.',
    example: 'what "echo whsec_$(openssl rand -base64 32)" prints',
  },
  {
    name: 'TUNNELWATCH_SETTLE_SECONDS',
    need: 'optional',
    default: '10',
    about: 'Wait after a change before Azure is read, so that a burst of changes is one evaluation; 0 to 3600.',
    example: '10',
  },
  {
    name: 'TUNNELWATCH_REMINDER_HOURS',
    need: 'optional',
    default: '24',
    about: 'After so long an open drift is said again; 1 to 2160.',
    example: '24',
  },
  {
    name: 'TUNNELWATCH_DEPENDENCIES',
    need: 'optional',
    default: 'list',
    about:
      'What is read of the dependencies that Azure lists for each service: the `list`, the list with what its names `resolve` to, or `off`.',
    example: 'resolve',
  },
  {
    name: 'TUNNELWATCH_DNS_SERVERS',
    need: 'optional',
    default: "the platform's own",
    about: 'IPv4 addresses of the DNS servers that resolve these names, separated by commas.',
    example: '10.0.0.4,10.0.0.5',
  },
  {
    name: 'TUNNELWATCH_ADMIN_RULES',
    need: 'optional',
    default: 'off',
    about:
      'Whether the security admin rules of Azure Virtual Network Manager, which come before security groups, are `read`, by one request for each network, or `off`.',
    example: 'read',
  },
  {
    name: 'TUNNELWATCH_CLOUD',
    need: 'optional',
    default: 'AzureCloud',
    about: 'Or `AzureUSGovernment` or `AzureChinaCloud`.',
    example: 'AzureUSGovernment',
  },
  {
    name: 'TUNNELWATCH_ARM_ENDPOINT',
    need: 'optional',
    default: "the cloud's own",
    about: 'Resource Manager, where it is none of a cloud that is known. Tokens are asked for the same address.',
    example: 'https://management.azure.com',
  },
  {
    name: 'AZURE_CLIENT_ID',
    need: 'optional',
    default: "the app's own identity",
    about: 'Client id of the user-assigned identity that reads Azure.',
    example: exampleId,
  },
  {
    name: 'WEBSITE_HOSTNAME',
    need: 'platform',
    about: 'Host name of the app, for links in alerts. Azure sets it.',
    example: 'func-tunnelwatch.azurewebsites.net',
  },
  {
    name: 'AZURE_FUNCTIONS_ENVIRONMENT',
    need: 'platform',
    default: 'Production',
    about: '`Development` on a machine of your own: addresses may then be http on loopback.',
    example: 'Development',
  },
];
