/** Who is let in: whoever signed in as the managed identity, for Resource Manager. */
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import type { SimulatedAzure } from '../../../local/azure/index.ts';
import { ids } from '../../support/broken-estate.ts';
import { start, trustSimulatedAzure } from './started.ts';

trustSimulatedAzure();

async function read(azure: SimulatedAzure, token?: string): Promise<[number, unknown]> {
  const response = await fetch(`${azure.endpoint}${ids.table}?api-version=2024-05-01`, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
  const body = (await response.json()) as { error?: { code: string } };
  return [response.status, body.error?.code];
}

describe('the managed identity', () => {
  it.each([
    ['the chain of credentials', () => new DefaultAzureCredential()],
    ['its own credential', () => new ManagedIdentityCredential()],
  ])("gives %s of Azure's sign-in library a token that is good for a day", async (_what, credential) => {
    const azure = await start();
    const { token, expiresOnTimestamp } = await credential().getToken(`${azure.endpoint}/.default`);
    expect(await read(azure, token)).toEqual([200, undefined]);
    const hours = (expiresOnTimestamp - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(1);
    expect(hours).toBeLessThan(25);
    expect(azure.identity.resources).toContain(azure.endpoint);
  });

  it('serves only who knows its secret, and says what it wants', async () => {
    const { environment, endpoint } = await start();
    const { IDENTITY_ENDPOINT = '', IDENTITY_HEADER = '' } = environment;
    const status = async (query: string, secret: string): Promise<number> =>
      (await fetch(`${IDENTITY_ENDPOINT}?${query}`, { headers: { 'X-IDENTITY-HEADER': secret } })).status;
    const query = `resource=${endpoint}&api-version=2019-08-01`;
    expect(await status(query, IDENTITY_HEADER)).toBe(200);
    expect(await status(query, 'guessed')).toBe(401);
    expect(await status(`resource=${endpoint}`, IDENTITY_HEADER)).toBe(400);
    expect(await status('api-version=2019-08-01', IDENTITY_HEADER)).toBe(400);
  });
});

describe('Resource Manager', () => {
  it('lets nobody in without a token, with one that is made up, or with one for something else', async () => {
    const azure = await start();
    expect(await read(azure)).toEqual([401, 'AuthenticationFailed']);
    expect(await read(azure, 'made-up')).toEqual([401, 'AuthenticationFailed']);
    const storage = await new DefaultAzureCredential().getToken('https://storage.azure.com/.default');
    expect(await read(azure, storage.token)).toEqual([401, 'InvalidAuthenticationTokenAudience']);
    expect(azure.requests.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it("takes public Azure's token, which clients ask for that are told of an endpoint alone", async () => {
    const azure = await start();
    const { token } = await new DefaultAzureCredential().getToken('https://management.azure.com/.default');
    expect(await read(azure, token)).toEqual([200, undefined]);
  });
});
