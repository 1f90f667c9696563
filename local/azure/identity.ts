/**
 * The managed identity of an App Service, as its processes see it: an address that gives tokens to whoever knows the secret header
 * (Microsoft Learn, "How to use managed identities for App Service", section "REST endpoint reference").
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

const lifetimeSeconds = 24 * 3600;

export class Identity {
  /** Secret of `X-IDENTITY-HEADER`. */
  readonly header = randomUUID();
  readonly app = new Hono();
  /** For whom tokens were asked. */
  readonly resources: string[] = [];
  private readonly tokens = new Set<string>();

  constructor() {
    this.app.get('/msi/token', (context) => {
      if (context.req.header('x-identity-header') !== this.header) return context.json({ error: 'unauthorized' }, 401);
      const resource = context.req.query('resource') ?? '';
      this.resources.push(resource);
      const token = `local.${randomUUID()}`;
      this.tokens.add(token);
      const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      return context.json({ access_token: token, expires_on: String(expires), resource, token_type: 'Bearer' });
    });
  }

  /** Whether an `Authorization` header holds a token that was given out here. */
  isKnown(authorization: string | undefined): boolean {
    return this.tokens.has(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
  }
}

interface SignIn {
  readonly identity: Identity;
  /** `IDENTITY_ENDPOINT` of the processes. */
  readonly endpoint: string;
}

let signIn: Promise<SignIn> | undefined;

/** The one of this process, as a machine has one: Azure's sign-in library remembers its address for good. */
export function localIdentity(): Promise<SignIn> {
  signIn ??= new Promise((resolve, reject) => {
    const identity = new Identity();
    const server = createServer(getRequestListener(identity.app.fetch));
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      server.unref();
      resolve({ identity, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token` });
    });
  });
  return signIn;
}
