import { describe, expect, it } from 'vitest';
import { complement, formatRanges, fromPrefixes, wholeSpace } from '../../lib/address/interval-set.ts';
import { parseServiceTags } from '../../lib/address/service-tags.ts';
import { type AddressNames, expandAddresses, expandAddressesAndGroups } from '../../lib/network/address-list.ts';

const tags = parseServiceTags(
  JSON.stringify({
    changeNumber: 1,
    cloud: 'Public',
    values: [
      { name: 'Storage', properties: { addressPrefixes: ['20.60.0.0/16', '2603::/48'] } },
      { name: 'Storage.WestEurope', properties: { addressPrefixes: ['20.60.8.0/24'] } },
    ],
  }),
  'tags.json',
);
const virtualNetwork = fromPrefixes(['10.0.0.0/16', '10.8.0.0/16']);
const everything = formatRanges(wholeSpace);

function expand(entries: readonly string[], names: AddressNames = { tags, virtualNetwork }) {
  const { certain, possible, notSeen } = expandAddresses(entries, names);
  return { certain: formatRanges(certain), possible: formatRanges(possible), notSeen };
}

function exact(ranges: string) {
  return { certain: ranges, possible: ranges, notSeen: [] };
}

describe('an address list', () => {
  it.each([
    ['*', everything],
    ['Any', everything],
    ['0.0.0.0/0', everything],
    ['10.1.2.0/24', '10.1.2.0-10.1.2.255'],
    ['10.1.2.3', '10.1.2.3-10.1.2.3'],
    ['10.1.2.3-10.1.3.1', '10.1.2.3-10.1.3.1'],
    ['storage', '20.60.0.0-20.60.255.255'],
    ['STORAGE.westeurope', '20.60.8.0-20.60.8.255'],
    ['AzureLoadBalancer', '168.63.129.16-168.63.129.16'],
    ['AZURE_LOADBALANCER', '168.63.129.16-168.63.129.16'],
    ['VirtualNetwork', formatRanges(virtualNetwork)],
    ['VIRTUAL_NETWORK', formatRanges(virtualNetwork)],
    ['Internet', formatRanges(complement(virtualNetwork))],
    ['INTERNET', formatRanges(complement(virtualNetwork))],
    ['::/0', ''],
    ['2603:1000::/32', ''],
    ['2603::1', ''],
    ['2603::1-2603::9', ''],
  ])('reads %s exactly', (text, ranges) => {
    expect(expand([text])).toEqual(exact(ranges));
  });

  it.each([
    ['Foo', 'service tag "Foo"'],
    ['Storage.Atlantis', 'service tag "Storage.Atlantis"'],
    ["[parameters('clients')]", 'expression "[parameters(\'clients\')]"'],
    ['10.0.0.0/33', '"10.0.0.0/33", which is not an address prefix'],
    ['1.2.3.256', '"1.2.3.256", which is not an address prefix'],
    ['10.0.0.9-10.0.0.1', '"10.0.0.9-10.0.0.1", which is not an address prefix'],
    ['10.0.0.0/8,10.1.0.0/16', '"10.0.0.0/8,10.1.0.0/16", which is not an address prefix'],
    ['2603::/129', '"2603::/129", which is not an address prefix'],
    ['', '"", which is not an address prefix'],
  ])('leaves open what %s stands for, and names it', (text, reason) => {
    expect(expand([text])).toEqual({ certain: '', possible: everything, notSeen: [reason] });
  });

  it('joins what it holds, however many entries say it', () => {
    expect(expand(['10.1.0.0/24', '10.1.1.0/24', '::/0', 'Storage.WestEurope', '10.1.0.7'])).toEqual(
      exact('10.1.0.0-10.1.1.255, 20.60.8.0-20.60.8.255'),
    );
  });

  it('stays certain of the entries that are seen', () => {
    expect(expand(['10.1.0.0/24', 'Foo', 'Bar'])).toEqual({
      certain: '10.1.0.0-10.1.0.255',
      possible: everything,
      notSeen: ['service tag "Foo"', 'service tag "Bar"'],
    });
  });

  it('is undecided when it is empty', () => {
    expect(expand([])).toEqual({ certain: '', possible: everything, notSeen: ['no address is given'] });
  });

  it('follows the virtual network that it is read for, with the same text before it', () => {
    const list = ['VirtualNetwork', 'Storage.WestEurope'];
    expect(expand(list).certain).toContain('10.8.0.0');
    expect(expand(list, { tags, virtualNetwork: fromPrefixes(['10.9.0.0/16']) })).toEqual(
      exact('10.9.0.0-10.9.255.255, 20.60.8.0-20.60.8.255'),
    );
  });

  it('follows the tag list that it is read with', () => {
    const values = [{ name: 'Storage', properties: { addressPrefixes: ['20.61.0.0/16'] } }];
    const other = parseServiceTags(JSON.stringify({ changeNumber: 2, values }), 'other.json');
    expect(expand(['Storage'])).toEqual(exact('20.60.0.0-20.60.255.255'));
    expect(expand(['Storage'], { tags: other })).toEqual(exact('20.61.0.0-20.61.255.255'));
  });

  it('does not know VirtualNetwork or Internet where Azure accepts neither', () => {
    expect(expand(['Internet'], { tags }).notSeen).toEqual(['service tag "Internet"']);
    expect(expand(['VirtualNetwork'], { tags }).notSeen).toEqual(['service tag "VirtualNetwork"']);
  });

  it('takes any of the possible members of an application security group for one', () => {
    const groups = ['/subscriptions/s/providers/Microsoft.Network/applicationSecurityGroups/web'];
    const list = expandAddressesAndGroups([], groups, virtualNetwork, { tags, virtualNetwork });
    expect(list).toEqual({
      certain: fromPrefixes([]),
      possible: virtualNetwork,
      notSeen: ['application security group "web"'],
    });
  });
});
