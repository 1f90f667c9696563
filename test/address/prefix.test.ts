import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatIpv4,
  formatIpv4Prefix,
  parseIpv4,
  parseIpv4Prefix,
  parseIpv6,
  parseIpv6Prefix,
} from '../../lib/address/prefix.ts';

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));

describe('IPv4 prefixes', () => {
  it('are read as a person reads them', () => {
    fc.assert(
      fc.property(octets, fc.nat(32), (parts, length) => {
        const address = parts.reduce((sum, part) => sum * 256 + part, 0);
        const size = 2 ** (32 - length);
        expect(parseIpv4(parts.join('.'))).toBe(address);
        expect(parseIpv4Prefix(`${parts.join('.')}/${length}`)).toEqual({
          start: Math.floor(address / size) * size,
          length,
        });
        expect(formatIpv4(address)).toBe(parts.join('.'));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });

  it('print as they were read', () => {
    expect(formatIpv4Prefix(0, 0)).toBe('0.0.0.0/0');
    expect(formatIpv4Prefix(0xffffffff, 32)).toBe('255.255.255.255/32');
  });

  it.each([
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4/',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/032',
    '1.2.3.4/8 ',
    ' 1.2.3.4',
    '1.2.3.4/8/8',
    '1..3.4',
    '.1.2.3',
    '1.2.3.4/a',
    '0x1.2.3.4',
    '1.2.3.4\n',
    '١.٢.٣.٤',
    'ApiManagement',
    '::1',
    '::ffff:1.2.3.4/120',
    '1.2.3.4-1.2.3.9',
    '*',
    '1e1.2.3.4',
    '1.2.3.4/1e1',
    '1000.2.3.4',
  ])('refuse %j', (text) => {
    expect(parseIpv4Prefix(text)).toBeUndefined();
  });

  it('never read a text that a slow reading by the book refuses', () => {
    const byTheBook =
      /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|\d)){3}(\/(3[0-2]|[12]\d|\d))?$/;
    const odd = fc.string({ unit: fc.constantFrom(...'0123456789./ -x'), maxLength: 20 });
    const near = fc
      .tuple(octets, fc.string({ unit: fc.constantFrom(...'0123456789/. '), maxLength: 4 }))
      .map(([parts, tail]) => parts.join('.') + tail);
    fc.assert(
      fc.property(fc.oneof(odd, near), (text) => {
        expect(parseIpv4Prefix(text) !== undefined).toBe(byTheBook.test(text));
      }),
      { seed: 2, numRuns: 5000 },
    );
  });
});

describe('IPv6 prefixes', () => {
  it.each([
    ['::', 0n],
    ['::1', 1n],
    ['2001:db8::', 0x20010db8_00000000_00000000_00000000n],
    ['1:2:3:4:5:6:7:8', 0x00010002_00030004_00050006_00070008n],
    ['::ffff:1.2.3.4', 0xffff_01020304n],
    ['FE80::A', 0xfe80_0000_0000_0000_0000_0000_0000_000an],
  ])('%s is %d', (text, address) => {
    expect(parseIpv6(text)).toBe(address);
  });

  it.each([
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    'g::',
    '12345::',
    '::1%eth0',
    '1.2.3.4',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
    '::/129',
    '::1/',
    '::1/01',
    '::1/8/8',
    '::256.1.1.1',
  ])('refuse %j', (text) => {
    expect(parseIpv6Prefix(text)).toBeUndefined();
  });

  it('clear host bits', () => {
    expect(parseIpv6Prefix('::ffff:1.2.3.4/120')).toEqual({ start: 0xffff_01020300n, length: 120 });
    expect(parseIpv6Prefix('2001:db8::1')).toEqual({ start: 0x20010db8_00000000_00000000_00000001n, length: 128 });
    expect(parseIpv6Prefix('::/0')).toEqual({ start: 0n, length: 0 });
  });

  it('are read the same however they are shortened', () => {
    const group = fc.oneof(fc.constant(0), fc.nat(0xffff));
    const groups = fc.array(group, { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, fc.nat(8), fc.nat(8), fc.nat(128), (drawn, from, to, length) => {
        const all = drawn.map((each, index) => (index >= from && index < to ? 0 : each));
        const hex = all.map((each) => each.toString(16));
        const text = from < to ? `${hex.slice(0, from).join(':')}::${hex.slice(to).join(':')}` : hex.join(':');
        const value = all.reduce((sum, each) => sum * 65_536n + BigInt(each), 0n);
        const size = 2n ** BigInt(128 - length);
        expect(parseIpv6(text)).toBe(value);
        expect(parseIpv6(hex.map((each) => each.padStart(4, '0').toUpperCase()).join(':'))).toBe(value);
        expect(parseIpv6Prefix(`${text}/${length}`)).toEqual({ start: (value / size) * size, length });
      }),
      { seed: 8, numRuns: 2000 },
    );
  });
});
