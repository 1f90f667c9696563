/** The trace over HTTP, for browsers a page with a form, for programs JSON: the estate that the settings name is read for each. */
import { type Trace, TraceError, traceRange } from '../audit/trace.ts';
import { bundledTagsFor } from '../azure/bundled-service-tags.ts';
import { estateFromResources } from '../azure/documents/read-estate.ts';
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

/** The subnets of API Management first asked for: those of its deployments. */
function subnetsOf(estate: Estate): readonly string[] {
  const ids = estate.services.flatMap(deploymentsOf).map(({ subnetId }) => subnetId);
  return [...new Set(ids.filter((id) => id !== undefined))].sort();
}

interface Outcome {
  readonly trace?: Trace;
  readonly status: number;
  readonly problem?: string;
}

function traceOf(estate: Estate, subnet: string, to: string): Outcome {
  try {
    return { trace: traceRange(estate, subnet, to, { tagsFor: bundledTagsFor }), status: 200 };
  } catch (error) {
    if (error instanceof TraceError) return { status: 400, problem: error.message };
    throw error;
  }
}

export async function traceRequest(watcher: Watcher, { query, wantsPage }: TraceRequest): Promise<Answer> {
  const to = query.get('to')?.trim() ?? '';
  let estate: Estate;
  try {
    const { resources, name } = await readScope(watcher, watcher.settings.scopes);
    estate = estateFromResources(resources, { kind: 'resourceGraph', name });
  } catch (error) {
    if (error instanceof LiveReadError) return problem(502, error.message);
    throw error;
  }
  const subnets = subnetsOf(estate);
  const subnet = query.get('subnet') ?? subnets[0] ?? '';
  const isAsked = to !== '';
  const outcome: Outcome = isAsked ? traceOf(estate, subnet, to) : { status: wantsPage ? 200 : 400 };
  if (wantsPage) {
    const code = query.get('code');
    const hidden: Readonly<Record<string, string>> = code === null ? {} : { code };
    const form = { subnets, subnet, to, hidden };
    return {
      status: outcome.status,
      contentType: 'text/html; charset=utf-8',
      body: tracePage(outcome.trace, form, outcome.problem),
    };
  }
  if (!outcome.trace)
    return problem(400, outcome.problem ?? 'say what to trace: ?subnet=<id>&to=<address, CIDR or tag>');
  return { status: 200, contentType: 'application/json', body: JSON.stringify(outcome.trace) };
}
