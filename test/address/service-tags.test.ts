import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isEqual, toPrefixes } from '../../lib/address/interval-set.ts';
import { cloudOfRegion, normaliseRegion } from '../../lib/address/region.ts';
import { fromSnapshot, parseServiceTags, ServiceTagsError, toSnapshot } from '../../lib/address/service-tags.ts';
import { bundledServiceTags, bundledTagsFor } from '../../lib/azure/bundled-service-tags.ts';

function list(overrides: object = {}): string {
  return JSON.stringify({
    changeNumber: 7,
    cloud: 'Public',
    values: [
      {
        name: 'Storage',
        id: 'Storage',
        properties: { addressPrefixes: ['20.0.0.0/24', '20.0.1.0/24', '2603:1000::/40'] },
      },
      { name: 'Storage.WestUS2', properties: { addressPrefixes: ['20.0.1.0/25'] } },
    ],
    ...overrides,
  });
}

describe('service tags', () => {
  it('are read from the download and from the API alike', () => {
    expect(parseServiceTags(list(), 'tags.json')).toMatchObject({ changeNumber: 7, cloud: 'Public', origin: 'file' });
    expect(parseServiceTags(list({ changeNumber: '91', nextLink: null }), 'tags.json').changeNumber).toBe('91');
  });

  it('are found without regard to case and carry their IPv6 prefixes', () => {
    const tags = parseServiceTags(list(), 'tags.json');
    const storage = tags.get('sToRaGe');
    expect(storage.name).toBe('Storage');
    expect(toPrefixes(storage.set)).toEqual(['20.0.0.0/23']);
    expect(storage.ipv6Prefixes).toEqual(['2603:1000::/40']);
  });

  it('are found for a region however it is written, the global one where there is none', () => {
    const tags = parseServiceTags(list(), 'tags.json');
    expect(tags.findForRegion('Storage', 'West US 2')?.name).toBe('Storage.WestUS2');
    expect(tags.findForRegion('storage', 'westus2')?.name).toBe('Storage.WestUS2');
    expect(tags.findForRegion('Storage', 'eastus')?.name).toBe('Storage');
    expect(tags.findRegional('Storage', 'eastus')).toBeUndefined();
    expect(normaliseRegion('eastus2(stage)')).toBe('eastus2stage');
  });

  it('that are not in the list are an error that names them, never an empty set', () => {
    const tags = parseServiceTags(list(), 'tags.json');
    expect(tags.find('NoSuchTag')).toBeUndefined();
    expect(() => tags.get('NoSuchTag')).toThrow(
      new ServiceTagsError('the service tag list (Public, 7) has no "NoSuchTag"'),
    );
  });

  it.each([
    ['{"values"', 'tags.json: not JSON'],
    ['[]', 'tags.json: no service tag list'],
    ['{"values":[]}', 'tags.json: the service tag list is empty'],
    ['{"values":[{"name":"A"}]}', 'tags.json: values[0]: expected "name"'],
    [
      '{"values":[{"name":"A","properties":{"addressPrefixes":[1]}}]}',
      'values[0].properties.addressPrefixes[0]: not text',
    ],
    ['{"values":[{"name":"A","properties":{"addressPrefixes":["10.0.0.0/33"]}}]}', 'service tag A: "10.0.0.0/33"'],
  ])('%s is refused with its place', (text, message) => {
    expect(() => parseServiceTags(text, 'tags.json')).toThrow(message);
  });

  it('survive the compact form', () => {
    const tags = parseServiceTags(list(), 'tags.json');
    const back = fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(tags, '2026-01-02'))));
    expect(back).toMatchObject({ cloud: 'Public', changeNumber: 7, asOf: '2026-01-02', origin: 'bundled' });
    for (const name of tags.names()) {
      expect([...back.get(name).packed]).toEqual([...tags.get(name).packed]);
      expect(back.get(name).ipv6Prefixes).toEqual(tags.get(name).ipv6Prefixes);
    }
  });
});

const downloads = {
  Public: 'ServiceTags_Public_20251013.json',
  AzureGovernment: 'ServiceTags_AzureGovernment_20260720.json',
  China: 'ServiceTags_China_20260720.json',
} as const;

describe('the bundled lists', () => {
  it('are chosen by region', () => {
    expect(cloudOfRegion('USGov Virginia')).toBe('AzureGovernment');
    expect(cloudOfRegion('usdodeast')).toBe('AzureGovernment');
    expect(cloudOfRegion('China North 3')).toBe('China');
    expect(bundledTagsFor('West Europe').cloud).toBe('Public');
  });

  it.each(Object.keys(downloads) as (keyof typeof downloads)[])('hold every tag that %s needs', (cloud) => {
    const tags = bundledServiceTags(cloud);
    expect(tags.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    for (const name of [
      'ApiManagement',
      'Storage',
      'Sql',
      'AzureKeyVault',
      'EventHub',
      'AzureMonitor',
      'AzureActiveDirectory',
      'AzureTrafficManager',
    ]) {
      expect(tags.get(name).packed.length).toBeGreaterThan(0);
    }
  });

  const folder = new URL('../../../shared/corpus/service-tags/', import.meta.url);
  const isThere = existsSync(folder);
  if (!isThere)
    process.stderr.write(
      'test/address/service-tags: comparison with the downloads skipped, ../shared/corpus is not here\n',
    );
  it.skipIf(!isThere).each(Object.entries(downloads))('are what Microsoft published (%s)', (cloud, file) => {
    const published = parseServiceTags(readFileSync(new URL(file, folder), 'utf8'), file);
    const bundled = bundledServiceTags(cloud as keyof typeof downloads);
    expect(bundled.names()).toEqual(published.names());
    expect(bundled.changeNumber).toBe(published.changeNumber);
    for (const name of published.names()) {
      expect(isEqual(bundled.get(name).set, published.get(name).set)).toBe(true);
      expect(bundled.get(name).ipv6Prefixes).toEqual(published.get(name).ipv6Prefixes);
    }
  });
});
