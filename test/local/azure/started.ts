/** A simulated Azure that this process trusts and is signed in to, for the tests beside this file. */
import { rootCertificates, setDefaultCACertificates } from 'node:tls';
import { DefaultAzureCredential } from '@azure/identity';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type AzureOptions, type SimulatedAzure, startAzure } from '../../../local/azure/index.ts';
import { selfSigned } from '../../../local/certificate.ts';
import { brokenEstate } from '../../support/broken-estate.ts';

export type Json = Record<string, unknown>;

const certificate = selfSigned();
const before = { ...process.env };
const running: SimulatedAzure[] = [];

/** To be called once in a test file: everything is put back as it was. */
export function trustSimulatedAzure(): void {
  beforeAll(() => setDefaultCACertificates([...rootCertificates, certificate.cert]));
  afterEach(async () => {
    for (const azure of running.splice(0)) await azure.stop();
  });
  afterAll(() => {
    setDefaultCACertificates([...rootCertificates]);
    process.env = { ...before };
  });
}

/** With the small compliant estate, unless other resources are given. It ends with its test. */
export async function start(options: Partial<AzureOptions> = {}): Promise<SimulatedAzure> {
  const azure = await startAzure({ resources: brokenEstate([]).resources, certificate, ...options });
  running.push(azure);
  Object.assign(process.env, azure.environment);
  return azure;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** One request as anybody with a token makes it; the path may have a query, else it gets an api-version. */
export async function ask(azure: SimulatedAzure, method: string, path: string, body?: unknown): Promise<Answer> {
  const { token } = await new DefaultAzureCredential().getToken(`${azure.endpoint}/.default`);
  const response = await fetch(`${azure.endpoint}${path}${path.includes('?') ? '' : '?api-version=2024-05-01'}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Json) };
}

/** Code of an Azure error. */
export function codeOf({ status, body }: Answer): [number, unknown] {
  return [status, (body.error as Json | undefined)?.code];
}
