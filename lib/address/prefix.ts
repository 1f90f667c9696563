/**
 * IPv4 and IPv6 prefixes as text and as numbers. Parsing is strict: what Azure would not accept as an address is
 * refused, never repaired (no octal, no spaces, no missing parts). IPv4 is arithmetic from here on; IPv6 is carried.
 */

/** An IPv4 prefix: `start` is its first address as an unsigned number, `length` 0 to 32. */
export interface Ipv4Prefix {
  readonly start: number;
  readonly length: number;
}

const zero = 48;
const dot = 46;
const slash = 47;

/** What the last successful scan found; kept outside so that the hot path allocates nothing. */
let scannedAddress = 0;
let scannedLength = 32;

/**
 * Reads a dotted quad from the beginning of a text and leaves the address in `scannedAddress`.
 * @returns the offset after it, or -1
 */
function scanIpv4(text: string): number {
  let address = 0;
  let position = 0;
  for (let part = 0; part < 4; part++) {
    if (part > 0 && text.charCodeAt(position++) !== dot) return -1;
    // Past the end a code is NaN, which is no digit here because it becomes 0 - 48.
    let octet = (text.charCodeAt(position++) | 0) - zero;
    if (octet < 0 || octet > 9) return -1;
    let digit = (text.charCodeAt(position) | 0) - zero;
    if (digit >= 0 && digit <= 9) {
      if (octet === 0) return -1;
      octet = octet * 10 + digit;
      digit = (text.charCodeAt(++position) | 0) - zero;
      if (digit >= 0 && digit <= 9) {
        octet = octet * 10 + digit;
        position++;
        if (octet > 255) return -1;
      }
    }
    address = (address << 8) | octet;
  }
  scannedAddress = address >>> 0;
  return position;
}

/**
 * Reads an IPv4 CIDR (`a.b.c.d/n`) or a single address (read as /32) and leaves it in `scannedAddress`, host bits
 * cleared as a route table does, and `scannedLength`.
 */
function scanPrefix(text: string): boolean {
  const position = scanIpv4(text);
  if (position < 0) return false;
  scannedLength = 32;
  const end = text.length;
  if (position === end) return true;
  if (text.charCodeAt(position) !== slash) return false;
  let length = (text.charCodeAt(position + 1) | 0) - zero;
  if (length < 0 || length > 9) return false;
  if (position + 3 === end) {
    const second = (text.charCodeAt(position + 2) | 0) - zero;
    if (second < 0 || second > 9 || length === 0) return false;
    length = length * 10 + second;
    if (length > 32) return false;
  } else if (position + 2 !== end) {
    return false;
  }
  scannedLength = length;
  // A shift by 32 is a shift by 0 in JavaScript.
  scannedAddress = length === 0 ? 0 : (scannedAddress & (-1 << (32 - length))) >>> 0;
  return true;
}

/** Reads one IPv4 address; `undefined` for anything else. */
export function parseIpv4(text: string): number | undefined {
  return scanIpv4(text) === text.length ? scannedAddress : undefined;
}

const sizes = Float64Array.from({ length: 33 }, (_, length) => 2 ** (32 - length));

/** Number of addresses in a prefix of this length, 0 to 32. */
export function prefixSize(length: number): number {
  return sizes[length] as number;
}

/**
 * Reads an IPv4 CIDR or a single address and packs it into one number, `start * 64 + length`, which sorts by start and
 * then by length. Host bits are cleared.
 * @returns the packed prefix, or -1 for anything that is not one
 */
export function packIpv4Prefix(text: string): number {
  return scanPrefix(text) ? scannedAddress * 64 + scannedLength : -1;
}

/**
 * Reads many prefixes at once, into their first and last addresses.
 * @returns the index of the first text that is no IPv4 prefix, or -1 when all are read
 */
export function readPrefixes(texts: readonly string[], starts: Uint32Array, ends: Uint32Array): number {
  for (let i = 0; i < texts.length; i++) {
    if (!scanPrefix(texts[i] as string)) return i;
    starts[i] = scannedAddress;
    ends[i] = scannedLength === 0 ? 0xffffffff : scannedAddress | (scannedLength === 32 ? 0 : -1 >>> scannedLength);
  }
  return -1;
}

/** Reads an IPv4 CIDR or a single address; `undefined` for anything else. Host bits are cleared. */
export function parseIpv4Prefix(text: string): Ipv4Prefix | undefined {
  return scanPrefix(text) ? { start: scannedAddress, length: scannedLength } : undefined;
}

export function formatIpv4(address: number): string {
  return `${(address >>> 24) & 255}.${(address >>> 16) & 255}.${(address >>> 8) & 255}.${address & 255}`;
}

export function formatIpv4Prefix(start: number, length: number): string {
  return `${formatIpv4(start)}/${length}`;
}

/** An IPv6 prefix: `start` is its first address, `length` 0 to 128. */
export interface Ipv6Prefix {
  readonly start: bigint;
  readonly length: number;
}

const hexGroup = /^[0-9a-f]{1,4}$/i;

/** The groups of one side of `::`; a trailing dotted quad counts as two. `undefined` if any is malformed. */
function parseGroups(side: string): number[] | undefined {
  if (side === '') return [];
  const groups: number[] = [];
  const parts = side.split(':');
  for (const [index, part] of parts.entries()) {
    if (index === parts.length - 1 && part.includes('.')) {
      const address = parseIpv4(part);
      if (address === undefined) return undefined;
      groups.push(address >>> 16, address & 0xffff);
    } else if (hexGroup.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** Reads one IPv6 address (RFC 4291, section 2.2, all three forms; no zone). */
export function parseIpv6(text: string): bigint | undefined {
  if (!text.includes(':') || text.length > 45) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? '') : [];
  if (!head || !tail) return undefined;
  if (halves.length === 2 && (halves[0] ?? '').includes('.')) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let address = 0n;
  for (const group of [...head, ...new Array<number>(Math.max(0, missing)).fill(0), ...tail]) {
    address = (address << 16n) | BigInt(group);
  }
  return address;
}

/** Reads an IPv6 CIDR or a single address (read as /128). Host bits are cleared. */
export function parseIpv6Prefix(text: string): Ipv6Prefix | undefined {
  const [addressText = '', lengthText, ...rest] = text.split('/');
  if (rest.length > 0) return undefined;
  const address = parseIpv6(addressText);
  if (address === undefined) return undefined;
  if (lengthText === undefined) return { start: address, length: 128 };
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText)) return undefined;
  const length = Number(lengthText);
  if (length > 128) return undefined;
  const hostBits = BigInt(128 - length);
  return { start: (address >> hostBits) << hostBits, length };
}
