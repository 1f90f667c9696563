/** Bytes of an input, as UTF-8. Nothing is parsed here. */
import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { DocumentError } from './document-error.ts';
import { isRecord, own } from './fields.ts';

export interface InputFile {
  /** As the report and messages call it. */
  readonly name: string;
  /** A path, or `-` for standard input. */
  readonly path: string;
}

/** What one Buffer read may hold; larger exports come in parts. */
const sizeLimit = 2 ** 31 - 1;
const conversionStep = 2 ** 24;

function problemOf(error: unknown): string {
  const code = isRecord(error) ? String(own(error, 'code') ?? '') : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file; check the path';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read; check its permissions';
  if (code === 'EISDIR') return 'is a directory; name a file';
  return `cannot be read (${code})`;
}

async function readBytes(file: InputFile): Promise<Buffer> {
  if (file.path === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }
  try {
    const about = await stat(file.path);
    if (about.isDirectory()) throw new DocumentError(file.name, '', 'is a directory; name a file');
    if (about.size > sizeLimit)
      throw new DocumentError(file.name, '', 'is larger than 2 GiB; split it and name each part with --file');
    return await readFile(file.path);
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    throw new DocumentError(file.name, '', problemOf(error));
  }
}

/** UTF-16 (as PowerShell writes it) to UTF-8, in steps: a text of more than 512 MB cannot be one string. */
function fromUtf16(bytes: Buffer): Buffer {
  const decoder = new TextDecoder('utf-16le');
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += conversionStep) {
    parts.push(Buffer.from(decoder.decode(bytes.subarray(at, at + conversionStep), { stream: true }), 'utf8'));
  }
  parts.push(Buffer.from(decoder.decode(), 'utf8'));
  return Buffer.concat(parts);
}

/** The place of the first byte that is not UTF-8. */
function placeOfFault(bytes: Buffer): string {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  return `line ${line}`;
}

/** UTF-8 without its mark. @throws DocumentError for bytes that are no text */
function decode(bytes: Buffer, name: string): Buffer {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return fromUtf16(bytes.subarray(2));
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return fromUtf16(Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2))).swap16());
  }
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) throw new DocumentError(name, '', 'is compressed; unpack it first');
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  if (!isUtf8(text)) throw new DocumentError(name, placeOfFault(text), 'is not UTF-8 text; save it as UTF-8');
  return text;
}

/** The text of a file or of standard input. @throws DocumentError for one that cannot be read or is no text */
export async function readText(file: InputFile): Promise<Buffer> {
  return decode(await readBytes(file), file.name);
}
