/** The storage account of the function app: by connection string, or by identity as the Functions host spells it. */
import { serviceUri } from './addresses.ts';
import type { SettingsReader } from './reader.ts';
import { clientId, connectionFields } from './values.ts';

export type StorageSettings =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly queueServiceUri: string;
      readonly tableServiceUri: string;
      /** Of the user-assigned identity; absent: the app's own. */
      readonly clientId?: string;
    };

const prefix = 'AzureWebJobsStorage';
const accountName = `${prefix}__accountName`;
const queueServiceUri = `${prefix}__queueServiceUri`;
const tableServiceUri = `${prefix}__tableServiceUri`;

function connectionString(text: string): string {
  const fields = connectionFields(text);
  const has = (...names: string[]) => names.every((name) => fields.get(name) !== undefined);
  const isComplete =
    fields.get('usedevelopmentstorage')?.toLowerCase() === 'true' ||
    has('accountname', 'accountkey') ||
    has('accountname', 'sharedaccesssignature') ||
    has('sharedaccesssignature', 'queueendpoint', 'tableendpoint');
  if (isComplete) return text;
  throw new Error('is no connection string of a storage account');
}

/** The host makes addresses in the public cloud out of an account's name, whatever the cloud. */
function account(isPublic: boolean): (text: string) => string {
  return (text) => {
    if (!isPublic) throw new Error(`works in the public cloud only; set ${queueServiceUri} and ${tableServiceUri}`);
    if (/^[a-z0-9]{3,24}$/.test(text)) return text;
    throw new Error('is no name of a storage account: 3 to 24 lower-case letters and digits');
  };
}

function managedIdentity(text: string): string {
  if (text.toLowerCase() === 'managedidentity') return text;
  throw new Error('is not "managedidentity", the only sign-in there is');
}

/** @returns `undefined` where the reader has noted what is wrong */
export function readStorage(
  reader: SettingsReader,
  { isDevelopment, isPublic }: { readonly isDevelopment: boolean; readonly isPublic: boolean },
): StorageSettings | undefined {
  if (reader.isSet(prefix)) {
    const text = reader.read(prefix, connectionString);
    return text === undefined ? undefined : { kind: 'connectionString', connectionString: text };
  }
  const before = reader.problems.length;
  const uri = (text: string) => serviceUri(text, isDevelopment);
  const name = reader.read(accountName, account(isPublic));
  const queue = reader.read(queueServiceUri, uri) ?? (name && `https://${name}.queue.core.windows.net`);
  const table = reader.read(tableServiceUri, uri) ?? (name && `https://${name}.table.core.windows.net`);
  reader.read(`${prefix}__credential`, managedIdentity);
  const id = reader.read(`${prefix}__clientId`, clientId);
  const isNamed = reader.isSet(accountName);
  const missing = [queueServiceUri, tableServiceUri].filter((each) => !isNamed && !reader.isSet(each));
  if (missing.length === 2) reader.refuse(prefix, `is missing, and so is its form by identity (${accountName})`);
  else for (const each of missing) reader.refuse(each, 'is missing; both addresses are needed');
  if (reader.problems.length > before || queue === undefined || table === undefined) return undefined;
  return {
    kind: 'identity',
    queueServiceUri: queue,
    tableServiceUri: table,
    ...(id !== undefined && { clientId: id }),
  };
}
