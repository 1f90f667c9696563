/** Resource Manager for what is done around a deployment: as whoever deploys, not as the watcher, which may only read. */
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineFromOptions,
  createPipelineRequest,
} from '@azure/core-rest-pipeline';
import { DefaultAzureCredential } from '@azure/identity';
import { cloudOf, withEndpoint } from '../../lib/azure/cloud.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** @throws Error with Azure's code and message, for every answer but a success and 404 */
export type ResourceManager = (
  method: 'GET' | 'PUT' | 'POST' | 'DELETE',
  path: string,
  apiVersion: string,
  body?: unknown,
) => Promise<Answer>;

/** What Azure says is the matter; never the whole of an answer, which may hold what nobody should read in a log. */
function reasonOf(text: string | null | undefined): string {
  try {
    const { error } = JSON.parse(text ?? '') as { error?: { code?: unknown; message?: unknown } };
    return error ? `: ${String(error.code)}: ${String(error.message)}`.slice(0, 500) : '';
  } catch {
    return '';
  }
}

/**
 * @param environment `TUNNELWATCH_CLOUD` (default AzureCloud), `TUNNELWATCH_ARM_ENDPOINT`
 * @throws Error for a cloud of another name
 */
export function openResourceManager(environment: NodeJS.ProcessEnv): ResourceManager {
  const named = cloudOf(environment.TUNNELWATCH_CLOUD ?? 'AzureCloud');
  if (!named) throw new Error(`TUNNELWATCH_CLOUD: no cloud is called ${environment.TUNNELWATCH_CLOUD}`);
  const endpoint = environment.TUNNELWATCH_ARM_ENDPOINT;
  const cloud = endpoint === undefined ? named : withEndpoint(named, endpoint);
  const pipeline = createPipelineFromOptions({});
  pipeline.addPolicy(
    bearerTokenAuthenticationPolicy({
      credential: new DefaultAzureCredential({ authorityHost: cloud.authorityHost }),
      scopes: `${cloud.audience}/.default`,
    }),
  );
  const client = createDefaultHttpClient();
  return async (method, path, apiVersion, body) => {
    const request = createPipelineRequest({
      url: `${cloud.armEndpoint}${path}?api-version=${apiVersion}`,
      method,
      headers: createHttpHeaders({ 'Content-Type': 'application/json' }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { status, bodyAsText } = await pipeline.sendRequest(client, request);
    if (status >= 300 && status !== 404) {
      throw new Error(`${method} ${path} was answered with ${status}${reasonOf(bodyAsText)}`);
    }
    return { status, body: bodyAsText ? (JSON.parse(bodyAsText) as unknown) : undefined };
  };
}
