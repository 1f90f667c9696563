import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pack, TooLargeError, unpack } from '../../lib/drift/packed.ts';

describe('a packed value', () => {
  it('is read back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(unpack(pack(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('lies in as many properties as Azure Tables demands: none above 64 KB', () => {
    const large = randomBytes(300_000).toString('base64');
    const properties = pack(large);
    expect(Object.values(properties).every((bytes) => bytes.length <= 65_536)).toBe(true);
    expect(Object.keys(properties).length).toBeGreaterThan(4);
    expect(unpack(properties)).toBe(large);
  });

  it('is refused where no entity could hold it', () => {
    expect(() => pack(randomBytes(1_500_000).toString('base64'))).toThrow(TooLargeError);
  });
});
