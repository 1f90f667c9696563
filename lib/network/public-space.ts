/** The public IPv4 space: what forced tunneling is about (contract, section 2; IANA's special-purpose registry). */
import { difference, fromPrefixes, type IntervalSet, wholeSpace } from '../address/interval-set.ts';

const notPublic = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
];

export const publicSpace: IntervalSet = difference(wholeSpace, fromPrefixes(notPublic));
