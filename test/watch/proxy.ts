/** Stands between the function app and what it writes to, so that a test can see each write and act before or after it. */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Phase = 'before' | 'after';

/** @returns false: the caller gets no answer */
export type Watch = (signature: string, phase: Phase) => boolean;

/** What is written where, without the names of single things. */
export function signatureOf(method: string, url: string): string {
  const path = decodeURIComponent(url.split('?')[0] ?? '')
    .replace(/^\/devstoreaccount1/, '')
    .replace(/PartitionKey='[^']*',/, '')
    .replace(/outbox-(\w+)-[^']*/, 'outbox-$1')
    .replace(/history-[^']*/, 'history')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '*')
    .replace(/RowKey='[0-9a-f]{32}'/, "RowKey='*'");
  return `${method} ${path}`;
}

export class WriteProxy {
  watch: Watch = () => true;
  private readonly server: Server;
  private readonly target: URL;

  constructor(target: string) {
    this.target = new URL(target);
    this.server = createServer((incoming, outgoing) => void this.pass(incoming, outgoing));
  }

  /** @returns the address that stands for the target's */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${this.target.pathname.replace(/\/$/, '')}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = 'GET', url = '/' } = incoming;
    const isWrite = method !== 'GET' && method !== 'HEAD';
    const signature = signatureOf(method, url);
    if (isWrite && !this.watch(signature, 'before')) return void incoming.socket.destroy();
    const forwarded = request(
      { host: this.target.hostname, port: this.target.port, path: url, method, headers: incoming.headers },
      (answer) => {
        if (isWrite && !this.watch(signature, 'after')) return void incoming.socket.destroy();
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    forwarded.end(Buffer.concat(chunks));
  }
}
