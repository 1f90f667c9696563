/**
 * Resource Manager as a source: strongly consistent, one resource or one list at a time, in the raw shape that Azure sends. The
 * requests go through the pipeline of Azure's network client, whose sign-in, retries and telemetry they share; its typed models
 * are not used, because they drop fields (docs/decisions). Everything is read, nothing is changed.
 */
import type { Pipeline } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Clock } from '../../clock.ts';
import { type Fields, isRecord } from '../documents/fields.ts';
import { boundedThrottling, LiveReadError, longestWaitMs, ownHostOnly } from '../pipeline.ts';
import type { Action, Answer, ListAnswer, ResourceSource, View, ViewAnswer } from '../source.ts';
import { apiVersionOf, typeOf } from './api-versions.ts';
import { outcomeOf } from './long-running.ts';
import { pacing } from './pacing.ts';

export interface ArmOptions {
  /** Scheme and host. */
  readonly endpoint: string;
  /** For whom the token is; default: the endpoint. */
  readonly audience?: string;
  readonly credential: TokenCredential;
  readonly clock: Clock;
  /** Wait before a request is tried again, doubled each time; default 800 ms. */
  readonly retryMilliseconds?: number;
  /** For one answer; default 30 s. */
  readonly timeoutMilliseconds?: number;
}

export interface ArmSource extends ResourceSource {
  readonly view: View;
  readonly action: Action;
  readonly listBeside: ResourceSource['list'];
}

interface Response {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** When it was answered, by the clock of who did; absent where the answer does not say. */
  readonly date: Date | undefined;
}

interface AskOptions {
  readonly apiVersion?: string;
  readonly abortSignal?: AbortSignal;
  /** Default: GET. */
  readonly method?: 'get' | 'post';
  readonly body?: Fields;
}

type Ask = (path: string, options?: AskOptions) => Promise<Response>;

/** For one view with all its tries: a reading does not wait longer for what it can do without. */
const viewMs = 20_000;
/** The same for an action: a gateway takes half a minute to tell its routes. */
const actionMs = 90_000;
const mostPages = 1000;

/** A request that takes longer is lost. */
function timeLimit(milliseconds: number): Parameters<Pipeline['addPolicy']>[0] {
  return {
    name: 'timeLimit',
    sendRequest: (request, next) => {
      request.timeout = milliseconds;
      return next(request);
    },
  };
}

async function connect(options: ArmOptions): Promise<Ask> {
  const { createNetworkManagement } = await import('@azure/arm-network/api');
  const { endpoint, audience = endpoint, credential, clock } = options;
  const { retryMilliseconds = 800, timeoutMilliseconds = 30_000 } = options;
  const context = createNetworkManagement(credential, '', {
    endpoint,
    credentials: { scopes: [`${audience}/.default`] },
    retryOptions: { maxRetries: 3, retryDelayInMs: retryMilliseconds, maxRetryDelayInMs: longestWaitMs },
  });
  context.pipeline.addPolicy(ownHostOnly(endpoint), {
    afterPolicies: ['redirectPolicy'],
    beforePolicies: ['bearerTokenAuthenticationPolicy'],
  });
  context.pipeline.addPolicy(boundedThrottling(retryMilliseconds * 2), { afterPhase: 'Retry' });
  context.pipeline.addPolicy(pacing(clock), { afterPhase: 'Retry' });
  context.pipeline.addPolicy(timeLimit(timeoutMilliseconds));
  return async (path, { apiVersion, abortSignal, method = 'get', body: parameters } = {}) => {
    const { status, body, headers } = await context.pathUnchecked(path)[method]({
      ...(apiVersion !== undefined && { queryParameters: { 'api-version': apiVersion } }),
      ...(abortSignal && { abortSignal }),
      ...(parameters && { body: parameters, contentType: 'application/json' }),
    });
    const date = new Date(headers.date ?? '');
    return { status: Number(status), body, headers, date: Number.isNaN(date.getTime()) ? undefined : date };
  };
}

/** Code and message of an Azure error, if the body is one. */
function azureError(body: unknown): { readonly code: string; readonly message: string } | undefined {
  const error = isRecord(body) ? body.error : undefined;
  if (!isRecord(error) || typeof error.code !== 'string') return undefined;
  return { code: error.code, message: typeof error.message === 'string' ? error.message : '' };
}

/** Error codes of a thing that is not there; a 404 without one may come from anything on the way. */
const absences = new Set([
  'resourcenotfound',
  'resourcegroupnotfound',
  'subscriptionnotfound',
  'notfound',
  'parentresourcenotfound',
]);

function isAbsence({ status, body }: Pick<Response, 'status' | 'body'>): boolean {
  return status === 404 && absences.has(azureError(body)?.code.toLowerCase() ?? '');
}

/** A refusal is a fact that people have to mend; everything else may be over in a minute. */
function refusalOf({ status, body }: Response, what: string, action: string): string {
  if (status === 401) return `${what} could not be read: the sign-in was refused (401)`;
  const { code, message } = azureError(body) ?? {};
  // Azure names the action itself; not every POST has the name that its path suggests.
  const named = /perform action '([\w./]{1,200})'/.exec(message ?? '')?.[1] ?? action;
  if (status === 403) return `${what} could not be read: the action ${named} is not permitted`;
  throw new LiveReadError(`Azure could not be read (${status}${code === undefined ? '' : `, ${code.slice(0, 60)}`})`);
}

function failure(error: unknown): LiveReadError {
  if (error instanceof LiveReadError) return error;
  const name =
    error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : '';
  return new LiveReadError(`Azure could not be read${name === '' ? '' : ` (${name.slice(0, 60)})`}`);
}

/**
 * @throws (its functions) LiveReadError for what may pass: outages, throttling, time-outs, answers that break off
 */
export function openArm(options: ArmOptions): ArmSource {
  let connected: ReturnType<typeof connect> | undefined;
  const ask: Ask = async (path, asked) => {
    connected ??= connect(options);
    try {
      return await (await connected)(path, asked);
    } catch (error) {
      throw failure(error);
    }
  };
  const get = async (id: string): Promise<Answer> => {
    const type = typeOf(id);
    const response = await ask(id, { apiVersion: apiVersionOf(type) });
    if (isAbsence(response)) return { kind: 'absent' };
    if (response.status !== 200) return { kind: 'unreadable', reason: refusalOf(response, id, `${type}/read`) };
    if (isRecord(response.body) && typeof response.body.id === 'string')
      return { kind: 'found', resource: response.body };
    throw new LiveReadError('Azure answered with something else than a resource');
  };
  const list = async (scope: string, type: string): Promise<ListAnswer> => {
    const whole = type.includes('/') ? type : `${typeOf(scope)}/${type}`;
    const path = type.includes('/') ? `${scope}/providers/${type}` : `${scope}/${type}`;
    const resources: Fields[] = [];
    const visited = new Set<string>();
    let next: string | undefined = path;
    for (let page = 0; next !== undefined; page++) {
      if (page >= mostPages || visited.has(next)) throw new LiveReadError('a list of Azure does not end');
      visited.add(next);
      const response: Response = await ask(next, page === 0 ? { apiVersion: apiVersionOf(whole) } : {});
      if (isAbsence(response)) return { kind: 'found', resources: [] };
      if (response.status !== 200) return { kind: 'unreadable', reason: refusalOf(response, path, `${whole}/read`) };
      const { body } = response;
      if (!isRecord(body) || !Array.isArray(body.value))
        throw new LiveReadError('Azure answered with something else than a list');
      resources.push(...body.value.filter(isRecord));
      next = typeof body.nextLink === 'string' && body.nextLink !== '' ? body.nextLink : undefined;
    }
    return { kind: 'found', resources };
  };
  const tell = async (path: string, verb: string, answer: () => Promise<Response>): Promise<ViewAnswer> => {
    try {
      const response = await answer();
      const { body, date, status } = response;
      if (status === 200) return { kind: 'found', body, readAt: date ?? options.clock.now() };
      const reason = status === 404 ? `${path} is not there` : refusalOf(response, path, `${typeOf(path)}/${verb}`);
      return { kind: 'unreadable', reason, isPassing: false, isAbsent: status === 404 };
    } catch (error) {
      return { kind: 'unreadable', reason: `${path}: ${failure(error).message}`, isPassing: true };
    }
  };
  const view: View = (path) => {
    const abortSignal = AbortSignal.timeout(viewMs);
    return tell(path, 'read', () => ask(path, { apiVersion: apiVersionOf(path), abortSignal }));
  };
  const action: Action = (path, body) => {
    const abortSignal = AbortSignal.timeout(actionMs);
    return tell(path, 'action', async () => {
      const accepted = await ask(path, {
        apiVersion: apiVersionOf(path),
        abortSignal,
        method: 'post',
        ...(body && { body }),
      });
      return outcomeOf(accepted, (url) => ask(url, { abortSignal }), abortSignal);
    });
  };
  return { kind: 'arm', name: new URL(options.endpoint).host, get, list, listBeside: list, view, action };
}
