/**
 * Reads an estate from Azure through Resource Graph: one query, page by page. It reads only; it never asks another host
 * than the configured one, so that a page's link cannot lead the token astray.
 */
import type { ResourceGraphClient } from '@azure/arm-resourcegraph';
import type { TokenCredential } from '@azure/identity';
import { systemClock } from '../clock.ts';
import type { Estate } from '../network/model.ts';
import { readAllAdminRules } from './admin-rules.ts';
import { openArm } from './arm/source.ts';
import { estateFromResources } from './documents/read-estate.ts';
import { graphSource } from './graph-source.ts';
import { injectedSubnets } from './injected.ts';
import { readLearnedRoutes } from './learned-routes.ts';
import { readNetworkStatuses } from './network-status.ts';
import { type OutboundOptions, readOutboundDependencies } from './outbound-dependencies.ts';
import { boundedThrottling, LiveReadError, longestWaitMs, ownHostOnly, successOnly } from './pipeline.ts';

export interface LiveScope {
  /** Ids; with no subscription and no management group: all that the sign-in can see. */
  readonly subscriptions: readonly string[];
  readonly managementGroups: readonly string[];
}

export interface LiveOptions {
  readonly credential?: TokenCredential;
  /** Of Resource Manager; default: public Azure. */
  readonly endpoint?: string;
  readonly onProgress?: (resourcesRead: number, resourcesTotal: number) => void;
  /** Wait before a request is tried again, doubled each time; default 1 s. Five times that where Azure says "too many". */
  readonly retryMilliseconds?: number;
  /** Absent: the dependencies that Azure lists are not read. */
  readonly outbound?: OutboundOptions;
  /** Whether security admin rules are read. */
  readonly adminRules?: boolean;
}

const publicEndpoint = 'https://management.azure.com';
const pageSize = 1000;
/** Without a sign-in the chain of credentials tries many things; people should not wait for all of them. */
const signInMilliseconds = 10_000;
const retryDefault = 1_000;
/** Resource Graph fills its quota up every five seconds. */
const throttledFactor = 5;

/** The types that the evaluator reads; subnets, routes and rules stand inline in these. */
export const resourceTypes = [
  'microsoft.apimanagement/service',
  'microsoft.network/virtualnetworks',
  'microsoft.network/routetables',
  'microsoft.network/networksecuritygroups',
  'microsoft.network/azurefirewalls',
  'microsoft.network/firewallpolicies',
  'microsoft.network/firewallpolicies/rulecollectiongroups',
  'microsoft.network/ipgroups',
  'microsoft.network/virtualnetworkgateways',
  'microsoft.network/virtualhubs/hubvirtualnetworkconnections',
];

const query = `resources | where type in~ (${resourceTypes.map((type) => `'${type}'`).join(', ')}) | project id, name, type, location, sku, properties | order by id asc`;

const signInHint =
  'no Azure sign-in found: run "az login", or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, or run where a managed identity is; to work from a file use --file';

async function signIn(endpoint: string): Promise<TokenCredential> {
  const { DefaultAzureCredential } = await import('@azure/identity');
  const credential = new DefaultAzureCredential();
  const timeout = AbortSignal.timeout(signInMilliseconds);
  const late = new Promise<never>((_, reject) => {
    timeout.addEventListener('abort', () => reject(new LiveReadError(signInHint)));
  });
  try {
    await Promise.race([credential.getToken(`${endpoint}/.default`, { abortSignal: timeout }), late]);
  } catch {
    throw new LiveReadError(signInHint);
  }
  return credential;
}

interface Page {
  readonly resources: readonly unknown[];
  /** Of the whole answer. */
  readonly total: number;
}

async function* pages(client: ResourceGraphClient, scope: LiveScope): AsyncGenerator<Page> {
  let skipToken: string | undefined;
  do {
    const answer = await client.resources({
      query,
      ...(scope.subscriptions.length > 0 && { subscriptions: [...scope.subscriptions] }),
      ...(scope.managementGroups.length > 0 && { managementGroups: [...scope.managementGroups] }),
      options: { resultFormat: 'objectArray', top: pageSize, ...(skipToken !== undefined && { skipToken }) },
    });
    if (!Array.isArray(answer.data)) throw new LiveReadError('Resource Graph answered with something else than a list');
    if (answer.resultTruncated === 'true' && !answer.skipToken) {
      throw new LiveReadError('Resource Graph cut the answer short; name fewer subscriptions');
    }
    if (skipToken !== undefined && answer.skipToken === skipToken) {
      throw new LiveReadError('Resource Graph answered twice with the same page');
    }
    yield { resources: answer.data, total: answer.totalRecords };
    skipToken = answer.skipToken;
  } while (skipToken);
}

/** What went wrong, in one line and without the parts of a URL or a body that are nobody's business. */
function describe(error: unknown): LiveReadError {
  if (error instanceof LiveReadError) return error;
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown error';
  return new LiveReadError(`Azure could not be read: ${message.slice(0, 300)}`);
}

/** Scheme and host of Resource Manager; the token is asked for the same. */
function originOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'https:')
    throw new LiveReadError(`the endpoint of Resource Manager is "${endpoint}"; an https address is expected`);
  return url.origin;
}

function endpointOf({ endpoint }: LiveOptions): string {
  return originOf(endpoint ?? process.env.TUNNELWATCH_ARM_ENDPOINT ?? publicEndpoint);
}

export interface Snapshot {
  /** Raw, as Resource Graph gives them: types in lower case. */
  readonly resources: readonly unknown[];
  /** The host that was asked. */
  readonly name: string;
}

/** @throws LiveReadError with one line that says what to do */
export async function readSnapshot(scope: LiveScope, options: LiveOptions = {}): Promise<Snapshot> {
  const endpoint = endpointOf(options);
  const credential = options.credential ?? (await signIn(endpoint));
  const { ResourceGraphClient: Client } = await import('@azure/arm-resourcegraph');
  const { retryMilliseconds = retryDefault } = options;
  const client = new Client(credential, {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
    retryOptions: { maxRetries: 5, retryDelayInMs: retryMilliseconds, maxRetryDelayInMs: longestWaitMs },
  });
  client.pipeline.addPolicy(successOnly);
  // After the policies that retry and redirect, so that each single request passes here.
  client.pipeline.addPolicy(ownHostOnly(endpoint), {
    afterPolicies: ['redirectPolicy'],
    beforePolicies: ['bearerTokenAuthenticationPolicy'],
  });
  client.pipeline.addPolicy(boundedThrottling(retryMilliseconds * throttledFactor), {
    afterPhase: 'Retry',
  });
  const resources: unknown[] = [];
  try {
    for await (const page of pages(client, scope)) {
      for (const resource of page.resources) resources.push(resource);
      options.onProgress?.(resources.length, Math.max(page.total, resources.length));
    }
  } catch (error) {
    throw describe(error);
  }
  return { resources, name: new URL(endpoint).host };
}

/** @throws LiveReadError with one line that says what to do */
export async function readLiveEstate(scope: LiveScope, options: LiveOptions = {}): Promise<Estate> {
  const endpoint = endpointOf(options);
  const credential = options.credential ?? (await signIn(endpoint));
  const { resources, name } = await readSnapshot(scope, { ...options, endpoint, credential });
  const { retryMilliseconds = retryDefault } = options;
  const {
    get: getBeside,
    view,
    action,
    listBeside,
  } = openArm({ endpoint, credential, clock: systemClock, retryMilliseconds });
  const [statuses, learned, adminRules, dependencies] = await Promise.all([
    readNetworkStatuses(view, resources),
    readLearnedRoutes(
      graphSource({ resources, name }, { view, action, listBeside, getBeside }),
      injectedSubnets(resources),
    ),
    options.adminRules === true ? readAllAdminRules(action, resources) : [],
    options.outbound && readOutboundDependencies(view, resources, options.outbound),
  ]);
  const views = [...statuses, ...learned, ...adminRules, ...(dependencies?.entries ?? [])];
  return estateFromResources([...resources, ...views], { kind: 'resourceGraph', name });
}
