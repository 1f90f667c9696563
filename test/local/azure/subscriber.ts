/** A webhook on loopback that Event Grid delivers to, for the tests beside this file. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivered {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const servers: Server[] = [];

/** To be called after each test. */
export async function stopSubscribers(): Promise<void> {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** A subscriber that passes both handshakes and answers deliveries as it is told, then with 200. */
export async function subscriber(
  ...statuses: number[]
): Promise<{ readonly url: string; readonly deliveries: Delivered[] }> {
  const deliveries: Delivered[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'OPTIONS') {
        response.setHeader('WebHook-Allowed-Origin', request.headers['webhook-request-origin'] ?? '').end();
        return;
      }
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      if (request.headers['aeg-event-type'] === 'SubscriptionValidation') {
        const [event] = body as { data: { validationCode: string } }[];
        response.end(JSON.stringify({ validationResponse: event?.data.validationCode }));
        return;
      }
      deliveries.push({ headers: request.headers, body });
      response.writeHead(statuses.shift() ?? 200).end();
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`, deliveries };
}
