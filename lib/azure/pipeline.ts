/**
 * What every pipeline of requests to Azure has beside the SDK's own policies: it asks one host only, waits with a bound,
 * and fails in words. No request is made here, and nothing of the SDK is loaded.
 */
import type { HttpHeaders, PipelinePolicy } from '@azure/core-rest-pipeline';

export class LiveReadError extends Error {
  override readonly name = 'LiveReadError';
}

/** Whatever Azure asks for, nobody waits longer than this for one answer. */
export const longestWaitMs = 60_000;

/** Refuses requests to other hosts, those that an answer redirects to included, before the token is attached to them. */
export function ownHostOnly(endpoint: string): PipelinePolicy {
  const { origin } = new URL(endpoint);
  return {
    name: 'ownHostOnly',
    sendRequest: (request, next) => {
      const asked = new URL(request.url).origin;
      if (asked !== origin) throw new LiveReadError(`refused to follow a link to ${asked}; only ${origin} is asked`);
      return next(request);
    },
  };
}

/** Milliseconds that an answer asks to wait: in milliseconds, in seconds, or until a date. */
function askedWait(headers: HttpHeaders): number | undefined {
  const milliseconds = headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms');
  const seconds = headers.get('Retry-After');
  const waits = [Number(milliseconds ?? Number.NaN), Number(seconds ?? Number.NaN) * 1000];
  return [...waits, Date.parse(seconds ?? '') - Date.now()].find(Number.isFinite);
}

/**
 * The retry policy tries a 429 again only when it says when, and then waits for as long as it is told: both are set here.
 * @param milliseconds to wait after a 429 that does not say for how long
 */
export function boundedThrottling(milliseconds: number): PipelinePolicy {
  return {
    name: 'boundedThrottling',
    sendRequest: async (request, next) => {
      const response = await next(request);
      const asked = askedWait(response.headers) ?? (response.status === 429 ? milliseconds : undefined);
      if (asked !== undefined) {
        response.headers.set('retry-after-ms', String(Math.min(Math.max(asked, 0), longestWaitMs)));
      }
      return response;
    },
  };
}

/** What Azure says is the matter, where it says so in the form of an Azure error; never more than a line's worth. */
function refusalText(body: string | null | undefined): string {
  try {
    const { code, message } = (JSON.parse(body ?? '') as { error: { code: unknown; message: unknown } }).error;
    return `: ${String(code)}: ${String(message)}`.slice(0, 300);
  } catch {
    return '';
  }
}

/** The last answer, when nothing more is tried: one that is no success ends here, in words. */
export const successOnly: PipelinePolicy = {
  name: 'successOnly',
  sendRequest: async (request, next) => {
    const response = await next(request);
    if (response.status < 300) return response;
    const text =
      response.status < 400 ? ': it points elsewhere, which is not followed' : refusalText(response.bodyAsText);
    throw new LiveReadError(`Azure could not be read (${response.status})${text}`);
  },
};
