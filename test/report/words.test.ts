import { expect, it } from 'vitest';
import { shareText } from '../../lib/report/html/words.ts';

it.each([
  [2 ** 32, '100 %'],
  [2 ** 32 - 1, 'over 99.9 %'],
  [0.997 * 2 ** 32, '99.7 %'],
  [2 ** 31, '50 %'],
  [2 ** 24, '0.39 %'],
  [1, 'under 0.01 %'],
])('%i addresses are %s of the IPv4 space', (addresses, text) => {
  expect(shareText(addresses)).toBe(text);
});
