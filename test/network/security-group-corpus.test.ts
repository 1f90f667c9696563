/** The real network security groups of the corpus against a naive evaluator; skipped where the corpus is not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromPrefixes, wholeSpace } from '../../lib/address/interval-set.ts';
import type { SecurityRule } from '../../lib/network/model.ts';
import type { FlowSet } from '../../lib/network/security-group.ts';
import { compare, readWorld, samplesOf } from './naive-security-group.ts';

const subnetText = '10.0.1.0/27';
const subnet = fromPrefixes([subnetText]);
const corpus = new URL('../../../shared/corpus/', import.meta.url);
const labelled = new URL('labelled/', corpus);

interface ExportedRule {
  readonly name: string;
  readonly properties: Record<string, unknown>;
}

/** A rule of an export, read as plainly as can be: singular and plural members joined. */
function readRule({ name, properties }: ExportedRule): SecurityRule {
  const texts = (singular: string, plural: string): string[] => {
    const many = Array.isArray(properties[plural]) ? (properties[plural] as unknown[]) : [];
    const one = properties[singular];
    return [...(one === undefined || one === null || one === '' ? [] : [one]), ...many].map(String);
  };
  return {
    name,
    priority: Number(properties.priority),
    direction: String(properties.direction),
    access: String(properties.access),
    protocol: String(properties.protocol),
    sourceAddressPrefixes: texts('sourceAddressPrefix', 'sourceAddressPrefixes'),
    sourcePortRanges: texts('sourcePortRange', 'sourcePortRanges'),
    sourceApplicationSecurityGroupIds: [],
    destinationAddressPrefixes: texts('destinationAddressPrefix', 'destinationAddressPrefixes'),
    destinationPortRanges: texts('destinationPortRange', 'destinationPortRanges'),
    destinationApplicationSecurityGroupIds: [],
  };
}

const list = new URL('service-tags/ServiceTags_Public_20251013.json', corpus);
const isThere = existsSync(labelled) && existsSync(list);
const exports = isThere ? readdirSync(labelled).filter((name) => /^\d/.test(name)) : [];
const world = readWorld(
  isThere ? readFileSync(list, 'utf8') : '{"values":[{"name":"None","properties":{"addressPrefixes":[]}}]}',
  ['10.0.0.0/16'],
);

describe.skipIf(!isThere)('the network security groups of the corpus', () => {
  it('are compared with the real tag list', () => {
    expect(world.compiled.find('Storage.WestEurope')).toBeDefined();
    expect(exports).toHaveLength(11);
  });

  it.each(exports)('answer for %s as a naive evaluator does', (file) => {
    const text = readFileSync(new URL(file, labelled), 'utf8');
    const { data } = JSON.parse(text) as {
      data: { id: string; type: string; properties: { securityRules?: ExportedRule[] } }[];
    };
    const found = data.filter((resource) => resource.type.toLowerCase() === 'microsoft.network/networksecuritygroups');
    expect(found).toHaveLength(1);
    for (const { id, properties } of found) {
      const securityRules = (properties.securityRules ?? []).map(readRule);
      const samples = samplesOf(securityRules, world, subnetText, 4);
      for (const direction of ['Inbound', 'Outbound'] as const) {
        for (const port of [80, 443, 1433, 3443, 6390]) {
          const flow: FlowSet = { direction, protocol: 'Tcp', port, remote: wholeSpace, local: subnet };
          compare({ id, name: 'nsg', securityRules }, flow, samples, world);
        }
      }
    }
  });
});
