/** Small templates, the fixtures, and the names that their resources get. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Estate } from '../../../lib/network/model.ts';
import type { Json } from './reading.ts';

export const schema = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#';
export const group = '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/resource-group/providers';
export const networkType = 'Microsoft.Network/virtualNetworks';
export const tableType = 'Microsoft.Network/routeTables';
export const deploymentType = 'Microsoft.Resources/deployments';

export function fixture(name: string): string {
  return readFileSync(new URL(`../../fixtures/documents/${name}.json`, import.meta.url), 'utf8');
}

export function template(resources: unknown, more: Json = {}): Json {
  return { $schema: schema, contentVersion: '1.0.0.0', resources, ...more };
}

function names(map: ReadonlyMap<string, { readonly name: string }>): string[] {
  return [...map.values()].map(({ name }) => name);
}

export function tables(estate: Estate): string[] {
  return names(estate.routeTables);
}

export function onlyTable(estate: Estate) {
  const [found, ...others] = estate.routeTables.values();
  expect(others).toEqual([]);
  return found;
}
