/**
 * A certificate for a server on 127.0.0.1, made on the spot (X.509 v3, RFC 5280; ECDSA with SHA-256), so that tests speak
 * real TLS without a key in the repository or a program beside Node.
 */
import { generateKeyPairSync, sign } from 'node:crypto';

const tags = { integer: 0x02, bits: 0x03, bytes: 0x04, utf8: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 } as const;

/** One DER value: its tag, its length in as few bytes as will do, its content. */
function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>>= 8) length.unshift(rest & 0xff);
  const head = body.length < 0x80 ? [body.length] : [0x80 | length.length, ...length];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

const sequence = (...content: readonly Uint8Array[]): Buffer => der(tags.sequence, ...content);

/** Object identifiers, encoded. */
const oid = {
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
  commonName: Buffer.from('0603550403', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
  basicConstraints: Buffer.from('0603551d13', 'hex'),
};

function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+|[-:T]/g, '');
  return der(tags.time, Buffer.from(digits.slice(2)));
}

export function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = sequence(oid.ecdsaWithSha256);
  const name = sequence(der(tags.set, sequence(oid.commonName, der(tags.utf8, Buffer.from('127.0.0.1')))));
  const day = 24 * 60 * 60 * 1000;
  const validity = sequence(time(new Date(Date.now() - day)), time(new Date(Date.now() + day)));
  const address = der(0x87, Buffer.from([127, 0, 0, 1]));
  const isAuthority = Buffer.from([0x01, 0x01, 0xff]);
  const extensions = sequence(
    sequence(oid.subjectAltName, der(tags.bytes, sequence(address))),
    sequence(oid.basicConstraints, isAuthority, der(tags.bytes, sequence(isAuthority))),
  );
  const version3 = der(0xa0, der(tags.integer, Buffer.from([2])));
  const serial = der(tags.integer, Buffer.from([1]));
  const subjectKey = publicKey.export({ type: 'spki', format: 'der' });
  const content = sequence(version3, serial, algorithm, name, validity, name, subjectKey, der(0xa3, extensions));
  const signature = der(tags.bits, Buffer.from([0]), sign('sha256', content, privateKey));
  const body = sequence(content, algorithm, signature).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`,
  };
}
