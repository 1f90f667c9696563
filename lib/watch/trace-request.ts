/** The trace over HTTP, for browsers a page with a form, for programs JSON: the estate that the settings name is read for each. */
import { type Trace, TraceError, traceRange } from '../audit/trace.ts';
import { bundledTagsFor } from '../azure/bundled-service-tags.ts';
import { estateFromResources } from '../azure/documents/read-estate.ts';
import { graphSource } from '../azure/graph-source.ts';
import { readLearnedRoutes } from '../azure/learned-routes.ts';
import { LiveReadError } from '../azure/pipeline.ts';
import type { Estate } from '../network/model.ts';
import { tracePage } from '../report/html/trace.ts';
import { deploymentsOf } from '../requirements/situation.ts';
import { type Answer, problem } from './audit-request.ts';
import { readScope } from './live-reading.ts';
import type { Watcher } from './watcher.ts';

export interface TraceRequest {
  readonly query: URLSearchParams;
  readonly wantsPage: boolean;
}

interface Outcome {
  readonly status: number;
  readonly trace?: Trace;
  /** Why there is none. */
  readonly problem?: string;
  /** Ids of the subnets of API Management, to choose from. */
  readonly subnets: readonly string[];
  readonly subnet: string;
}

function subnetsOf(estate: Estate): readonly string[] {
  const ids = estate.services.flatMap(deploymentsOf).map(({ subnetId }) => subnetId);
  return [...new Set(ids.filter((id) => id !== undefined))].sort();
}

/** What could not be read is not certain: said like everything else that was not seen. */
function withErrors(trace: Trace, errors: readonly { readonly resource: string; readonly message: string }[]): Trace {
  return { ...trace, notSeen: [...trace.notSeen, ...errors.map(({ resource, message }) => `${resource}: ${message}`)] };
}

async function outcomeOf(watcher: Watcher, wanted: string | null, to: string): Promise<Outcome> {
  try {
    const reading = await readScope(watcher, watcher.settings.scopes);
    const { resources, errors } = reading;
    const source = { kind: 'resourceGraph', name: reading.name } as const;
    let estate = estateFromResources(resources, source);
    const subnets = subnetsOf(estate);
    const subnet = wanted ?? subnets[0];
    const choice = { subnets, subnet: subnet ?? '' };
    if (subnet !== undefined && to !== '') {
      const learned = await readLearnedRoutes(graphSource(reading, reading), [subnet]);
      if (learned.length > 0) estate = estateFromResources([...resources, ...learned], source);
    }
    const unread = [...errors, ...estate.errors];
    const first = unread[0] && `; ${unread[0].resource}: ${unread[0].message}`;
    if (subnet === undefined)
      return { ...choice, status: 404, problem: `no subnet of API Management was found${first ?? ''}` };
    if (to === '') return { ...choice, status: 200 };
    try {
      const trace = traceRange(estate, subnet, to, { tagsFor: bundledTagsFor });
      return { ...choice, status: 200, trace: withErrors(trace, unread) };
    } catch (error) {
      if (error instanceof TraceError) return { ...choice, status: 400, problem: `${error.message}${first ?? ''}` };
      throw error;
    }
  } catch (error) {
    if (error instanceof LiveReadError)
      return { status: 502, problem: error.message, subnets: [], subnet: wanted ?? '' };
    throw error;
  }
}

export async function traceRequest(watcher: Watcher, { query, wantsPage }: TraceRequest): Promise<Answer> {
  const to = query.get('to')?.trim() ?? '';
  if (to === '' && !wantsPage) return problem(400, 'say what to trace: ?subnet=<id>&to=<address, CIDR or tag>');
  const { status, trace, problem: why, ...choice } = await outcomeOf(watcher, query.get('subnet'), to);
  if (wantsPage) {
    const code = query.get('code');
    const hidden: Readonly<Record<string, string>> = code === null ? {} : { code };
    const body = tracePage(trace, { ...choice, to, hidden }, why);
    return { status, contentType: 'text/html; charset=utf-8', body };
  }
  if (!trace) return problem(status, why ?? 'there is no trace');
  return { status, contentType: 'application/json', body: JSON.stringify(trace) };
}
