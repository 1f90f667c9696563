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
const apiVersion = '2019-08-01';
/** Of Resource Manager in public Azure: clients that are told of another endpoint may still ask for this one. */
const publicAudiences = ['https://management.azure.com', 'https://management.core.windows.net'];

export class Identity {
  /** Secret of `X-IDENTITY-HEADER`. */
  readonly header = randomUUID();
  readonly app = new Hono();
  /** For whom tokens were asked. */
  readonly resources: string[] = [];
  /** Token -> for whom it is. */
  private readonly tokens = new Map<string, string>();

  constructor() {
    this.app.get('/msi/token', (context) => {
      if (context.req.header('x-identity-header') !== this.header) return context.json({ error: 'unauthorized' }, 401);
      const resource = context.req.query('resource') ?? '';
      if (resource === '' || context.req.query('api-version') !== apiVersion) {
        return context.json(
          { statusCode: 400, message: `A resource and the api-version ${apiVersion} are expected.` },
          400,
        );
      }
      this.resources.push(resource);
      const token = `local.${randomUUID()}`;
      this.tokens.set(token, resource.replace(/\/$/, ''));
      const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds;
      return context.json({ access_token: token, expires_on: String(expires), resource, token_type: 'Bearer' });
    });
  }

  /**
   * Why an `Authorization` header lets nobody in: only a token that was given out here, for whom it is shown to, does.
   * @param origin of who is asked
   */
  refusal(
    authorization: string | undefined,
    origin: string,
  ): { readonly code: string; readonly message: string } | undefined {
    const audience = this.tokens.get(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1] ?? '');
    if (audience === undefined) {
      const detail = authorization === undefined ? "The 'Authorization' header is missing." : 'The token is not valid.';
      return { code: 'AuthenticationFailed', message: `Authentication failed. ${detail}` };
    }
    if (audience === origin || publicAudiences.includes(audience)) return undefined;
    const message = `The access token has been obtained for wrong audience or resource '${audience}'.`;
    return { code: 'InvalidAuthenticationTokenAudience', message };
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
