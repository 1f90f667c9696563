/** The storage account of the function app: by connection string, or by identity as the Functions host spells it. */

export type StorageSettings =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      readonly clientId?: string;
    };

function serviceUri(name: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/\/$/, '');
  throw new Error(`${name} is no address`);
}

/**
 * @param text of a variable
 * @throws Error that says which variables are missing
 */
export function readStorage(text: (name: string) => string | undefined): StorageSettings {
  const connectionString = text('AzureWebJobsStorage');
  if (connectionString !== undefined) {
    if (/(^|;)(AccountName|UseDevelopmentStorage|SharedAccessSignature)=/i.test(connectionString)) {
      return { kind: 'connectionString', connectionString };
    }
    throw new Error('is no connection string of a storage account');
  }
  const account = text('AzureWebJobsStorage__accountName');
  const queue = text('AzureWebJobsStorage__queueServiceUri');
  const table = text('AzureWebJobsStorage__tableServiceUri');
  if (account === undefined && (queue === undefined || table === undefined)) {
    throw new Error(
      'is missing; set a connection string, or AzureWebJobsStorage__accountName, or AzureWebJobsStorage__queueServiceUri and AzureWebJobsStorage__tableServiceUri',
    );
  }
  if (account !== undefined && !/^[a-z0-9]{3,24}$/.test(account)) {
    throw new Error('AzureWebJobsStorage__accountName is no name of a storage account');
  }
  const clientId = text('AzureWebJobsStorage__clientId');
  return {
    kind: 'identity',
    queueServiceUri: serviceUri(
      'AzureWebJobsStorage__queueServiceUri',
      queue ?? `https://${account}.queue.core.windows.net`,
    ),
    tableServiceUri: serviceUri(
      'AzureWebJobsStorage__tableServiceUri',
      table ?? `https://${account}.table.core.windows.net`,
    ),
    ...(clientId !== undefined && { clientId }),
  };
}
