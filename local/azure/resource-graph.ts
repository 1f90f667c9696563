/**
 * Resource Graph, for the queries that are asked of it: a table, a list of types, a list of columns, an order. Anything else is
 * answered as an invalid query. Types come in lower case, as the real one gives them.
 */
import type { Resource, ResourceStore } from './store.ts';

export interface GraphRequest {
  readonly query: string;
  readonly subscriptions?: readonly string[];
  readonly options?: {
    readonly $top?: number;
    readonly $skipToken?: string;
    readonly top?: number;
    readonly skipToken?: string;
  };
}

export interface GraphAnswer {
  readonly totalRecords: number;
  readonly count: number;
  readonly resultTruncated: 'true' | 'false';
  readonly data: readonly Resource[];
  readonly $skipToken?: string;
  readonly facets: readonly never[];
}

export class InvalidQuery extends Error {
  override readonly name = 'InvalidQuery';
}

interface Query {
  readonly types: ReadonlySet<string>;
  readonly columns: readonly string[];
}

function quoted(text: string): string[] {
  return [...text.matchAll(/'([^']*)'/g)].map((match) => (match[1] ?? '').toLowerCase());
}

function parseQuery(text: string): Query {
  const [table, ...stages] = text.split('|').map((stage) => stage.trim());
  if (table?.toLowerCase() !== 'resources') throw new InvalidQuery(`the table ${table ?? ''} is not known`);
  let types: string[] = [];
  let columns: string[] = [];
  for (const stage of stages) {
    if (/^where\s+type\s+(in~\s*\(|=~)/i.test(stage)) types = quoted(stage);
    else if (/^project\s/i.test(stage))
      columns = stage
        .replace(/^project\s+/i, '')
        .split(',')
        .map((name) => name.trim());
    else if (!/^order by id asc$/i.test(stage)) throw new InvalidQuery(`"${stage}" is not understood`);
  }
  return { types: new Set(types), columns };
}

export function answerQuery(
  resources: ReturnType<ResourceStore['all']>,
  request: GraphRequest,
  pageSize: number,
): GraphAnswer {
  const { types, columns } = parseQuery(request.query);
  const subscriptions = new Set((request.subscriptions ?? []).map((id) => id.toLowerCase()));
  const rows = resources
    .map((resource): Resource => ({ ...resource, type: String(resource.type).toLowerCase() }))
    .filter(({ type }) => types.size === 0 || types.has(String(type)))
    .filter(({ id }) => {
      const subscription = /^\/subscriptions\/([^/]+)/i.exec(String(id))?.[1]?.toLowerCase() ?? '';
      return subscriptions.size === 0 || subscriptions.has(subscription);
    })
    .map((row) => (columns.length === 0 ? row : Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))));
  const { options = {} } = request;
  const from = Number(options.$skipToken ?? options.skipToken ?? 0);
  const top = Math.min(options.$top ?? options.top ?? pageSize, pageSize);
  const data = rows.slice(from, from + top);
  const hasMore = from + top < rows.length;
  return {
    totalRecords: rows.length,
    count: data.length,
    resultTruncated: hasMore ? 'true' : 'false',
    data,
    facets: [],
    ...(hasMore && { $skipToken: String(from + top) }),
  };
}
