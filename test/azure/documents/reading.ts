/** Ways for the document tests to get at an estate, and to compare two without the places they were read from. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DocumentError,
  estateFromDocument,
  estateFromText,
  readEstate,
} from '../../../lib/azure/documents/read-estate.ts';
import type { Estate } from '../../../lib/network/model.ts';

export type Json = Record<string, unknown>;

const group = '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers';
export const apimId = `${group}/Microsoft.ApiManagement/service/apim`;
export const vnetId = `${group}/Microsoft.Network/virtualNetworks/vnet`;
export const subnetId = `${vnetId}/subnets/apim`;
export const tableId = `${group}/Microsoft.Network/routeTables/rt`;
export const nsgId = `${group}/Microsoft.Network/networkSecurityGroups/nsg`;
export const policyId = `${group}/Microsoft.Network/firewallPolicies/fwp`;

export const service: Json = {
  id: apimId,
  name: 'apim',
  type: 'Microsoft.ApiManagement/service',
  location: 'West Europe',
  sku: { name: 'Premium', capacity: 1 },
  properties: {
    virtualNetworkType: 'Internal',
    virtualNetworkConfiguration: { subnetResourceId: subnetId },
    additionalLocations: null,
    platformVersion: 'stv2',
  },
};

export const subnet: Json = {
  id: subnetId,
  name: 'apim',
  type: 'Microsoft.Network/virtualNetworks/subnets',
  properties: {
    addressPrefix: '10.0.0.0/24',
    routeTable: { id: tableId },
    networkSecurityGroup: { id: nsgId },
    serviceEndpoints: [{ service: 'Microsoft.Storage', locations: ['westeurope'], provisioningState: 'Succeeded' }],
  },
};

export const network: Json = {
  id: vnetId,
  name: 'vnet',
  type: 'Microsoft.Network/virtualNetworks',
  location: 'westeurope',
  properties: { addressSpace: { addressPrefixes: ['10.0.0.0/16'] }, subnets: [subnet] },
};

export const table: Json = {
  id: tableId,
  name: 'rt',
  type: 'Microsoft.Network/routeTables',
  location: 'westeurope',
  properties: {
    disableBgpRoutePropagation: true,
    routes: [
      {
        name: 'all',
        properties: { addressPrefix: '0.0.0.0/0', nextHopType: 'VirtualAppliance', nextHopIpAddress: '10.1.0.4' },
      },
      { name: 'apim', properties: { addressPrefix: 'ApiManagement', nextHopType: 'Internet' } },
    ],
  },
};

export const securityGroup: Json = {
  id: nsgId,
  name: 'nsg',
  type: 'Microsoft.Network/networkSecurityGroups',
  location: 'westeurope',
  properties: {
    securityRules: [
      {
        name: 'management',
        properties: {
          priority: 100,
          direction: 'Inbound',
          access: 'Allow',
          protocol: 'Tcp',
          sourceAddressPrefix: 'ApiManagement',
          sourcePortRange: '*',
          destinationAddressPrefix: 'VirtualNetwork',
          destinationPortRange: '3443',
        },
      },
    ],
  },
};

export const resources: readonly Json[] = [service, network, table, securityGroup];

/** A resource with some of its properties changed; `undefined` takes one out. */
export function withProperties(resource: Json, change: Json): Json {
  const properties = { ...(resource.properties as Json), ...change };
  return { ...resource, properties: JSON.parse(JSON.stringify(properties)) };
}

export function read(document: unknown): Estate {
  return estateFromDocument(document, { kind: 'file', name: 'estate.json' });
}

export function readText(text: string): Estate {
  return estateFromText(text, { kind: 'file', name: 'estate.json' });
}

/** The one line with which a document is refused. */
export function refusal(action: () => unknown): DocumentError {
  try {
    action();
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

/** Reads files of these contents, written to a folder that does not outlive the call. */
export async function readFiles(
  contents: Readonly<Record<string, string | Buffer>>,
  parameters: Readonly<Record<string, string>> = {},
): Promise<Estate> {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  const write = ([name, content]: [string, string | Buffer]): { name: string; path: string } => {
    writeFileSync(join(folder, name), content);
    return { name, path: join(folder, name) };
  };
  try {
    const files = Object.entries(contents).map(write);
    return await readEstate(files, { parameters: Object.entries(parameters).map((each) => write(each).path) });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** An estate as plain data, without sources and lines. */
export function comparable(estate: Estate): unknown {
  const { sources: _, ...rest } = estate;
  return JSON.parse(
    JSON.stringify(rest, (key, value: unknown) =>
      key === 'origin' ? undefined : value instanceof Map ? [...value] : value,
    ),
  );
}

export function messages(estate: Estate): string[] {
  return estate.errors.map((error) => error.message);
}
