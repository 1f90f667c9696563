/** The clouds of Azure and where each has its doors (the `endpoints` of `az cloud list`). */
import type { Cloud } from '../address/region.ts';

export interface CloudSettings {
  readonly name: Cloud;
  /** Of Resource Manager: scheme and host. */
  readonly armEndpoint: string;
  /** For whom a token is asked. */
  readonly audience: string;
  /** Where it is asked. */
  readonly authorityHost: string;
  readonly portal: string;
}

const clouds: Readonly<Record<Cloud, CloudSettings>> = {
  Public: {
    name: 'Public',
    armEndpoint: 'https://management.azure.com',
    audience: 'https://management.azure.com',
    authorityHost: 'https://login.microsoftonline.com',
    portal: 'https://portal.azure.com',
  },
  AzureGovernment: {
    name: 'AzureGovernment',
    armEndpoint: 'https://management.usgovcloudapi.net',
    audience: 'https://management.usgovcloudapi.net',
    authorityHost: 'https://login.microsoftonline.us',
    portal: 'https://portal.azure.us',
  },
  China: {
    name: 'China',
    armEndpoint: 'https://management.chinacloudapi.cn',
    audience: 'https://management.chinacloudapi.cn',
    authorityHost: 'https://login.chinacloudapi.cn',
    portal: 'https://portal.azure.cn',
  },
};

/** Names that the same cloud has elsewhere: `az cloud list`, tag files, SDKs. */
const namesOf: Readonly<Record<Cloud, readonly string[]>> = {
  Public: ['public', 'azurecloud', 'azurepubliccloud', 'azurepublic'],
  AzureGovernment: ['azuregovernment', 'azureusgovernment', 'azuregovernmentcloud', 'usgovernment'],
  China: ['china', 'azurechinacloud', 'azurechina'],
};

export const cloudNames = ['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'] as const;

/** @returns `undefined` for a cloud of another name */
export function cloudOf(name: string): CloudSettings | undefined {
  const wanted = name.toLowerCase();
  return Object.values(clouds).find((cloud) => namesOf[cloud.name].includes(wanted));
}

/** The same cloud behind another door. @param endpoint an https origin */
export function withEndpoint(cloud: CloudSettings, endpoint: string): CloudSettings {
  return { ...cloud, armEndpoint: endpoint, audience: endpoint };
}
