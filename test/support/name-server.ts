/** A DNS server on loopback: answers A and CNAME questions out of a table (RFC 1035, section 4), and is silent where it is told to be. */
import { createSocket } from 'node:dgram';

export interface Zone {
  /** Name -> IPv4 addresses; a name that is not in it does not exist. */
  readonly [name: string]:
    | { readonly addresses?: readonly string[]; readonly alias?: string; readonly ttl?: number }
    | 'silent';
}

export interface NameServer {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  zone: Zone;
  /** Names whose addresses were asked for, the oldest first. */
  readonly asked: string[];
  readonly stop: () => Promise<void>;
}

const types = { a: 1, alias: 5 } as const;
const noSuchName = 3;

function encodeName(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function record(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function questionOf(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

export async function startNameServer(zone: Zone): Promise<NameServer> {
  const socket = createSocket('udp4');
  const server = { address: '', zone, asked: [] as string[], stop: async () => void socket.close() };
  socket.on('message', (message, { port, address }) => {
    const { name, type, end } = questionOf(message);
    if (type === types.a) server.asked.push(name);
    const entry = server.zone[name];
    if (entry === 'silent') return;
    const records: Buffer[] = [];
    if (type === types.a) {
      for (const each of entry?.addresses ?? []) {
        records.push(record(types.a, entry?.ttl ?? 60, Buffer.from(each.split('.').map(Number))));
      }
    } else if (type === types.alias && entry?.alias !== undefined) {
      records.push(record(types.alias, entry.ttl ?? 60, encodeName(entry.alias)));
    }
    const head = Buffer.alloc(12);
    message.copy(head, 0, 0, 2);
    head.writeUInt16BE(0x8180 | (entry ? 0 : noSuchName), 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    socket.send(Buffer.concat([head, message.subarray(12, end), ...records]), port, address);
  });
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}
