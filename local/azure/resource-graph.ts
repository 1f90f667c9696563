/**
 * Resource Graph, for the queries that are asked of it: the table `resources`, types, ids, columns, an order. Anything else is an
 * invalid query. Types come in lower case, as the real one gives them.
 */
import { randomUUID } from 'node:crypto';
import { brokenSkipToken } from './breaking.ts';
import { isRecord, type Resource } from './store.ts';

export interface GraphAnswer {
  readonly totalRecords: number;
  readonly count: number;
  readonly resultTruncated: 'true' | 'false';
  readonly data: readonly Resource[];
  readonly $skipToken?: string;
  readonly facets: readonly never[];
}

export interface GraphScope {
  readonly pageSize: number;
  /** Subscriptions of each management group; without it every group has all of them. */
  readonly managementGroups: Readonly<Record<string, readonly string[]>> | undefined;
  readonly isDenied: (id: string) => boolean;
}

/** With the status and the body that the real one answers. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
  readonly status: 400 | 403 | 500;
  readonly body: object;

  constructor(status: 400 | 403 | 500, code: string, details: readonly { code: string; message: string }[]) {
    super(details.map(({ message }) => message).join(' '));
    this.status = status;
    const support = `timestamp = ${new Date().toISOString()}, correlationId = ${randomUUID()}`;
    const message = `Please provide below info when asking for support: ${support}.`;
    this.body = { error: { code, message, details } };
  }
}

function invalidQuery(reason: string): GraphError {
  const message =
    'Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.';
  return new GraphError(400, 'BadRequest', [
    { code: 'InvalidQuery', message },
    { code: 'ParserFailure', message: reason },
  ]);
}

function badRequest(code: string, message: string): GraphError {
  return new GraphError(400, 'BadRequest', [{ code, message }]);
}

interface Query {
  /** Each has to hold. */
  readonly conditions: readonly { readonly column: 'type' | 'id'; readonly values: ReadonlySet<string> }[];
  readonly columns: readonly string[];
}

const literal = "'(?:[^'\\\\]|\\\\.)*'";
const where = new RegExp(
  `^where\\s+(type|id)\\s*(?:in~\\s*\\(\\s*(${literal}(?:\\s*,\\s*${literal})*)?\\s*\\)|=~\\s*(${literal}))$`,
  'i',
);

function literalsIn(text: string): ReadonlySet<string> {
  const values = [...text.matchAll(new RegExp(literal, 'g'))].map(([value]) =>
    value.slice(1, -1).replace(/\\(.)/g, '$1'),
  );
  return new Set(values.map((value) => value.toLowerCase()));
}

/** A bar inside a literal parts no stages. */
function stagesOf(text: string): string[] {
  return (text.match(new RegExp(`(?:${literal}|[^'|])+`, 'g')) ?? []).map((stage) => stage.trim());
}

function parseQuery(text: string): Query {
  const [table, ...stages] = stagesOf(text);
  if (table?.toLowerCase() !== 'resources') throw invalidQuery(`the table "${table ?? ''}" is not known here`);
  const conditions: Query['conditions'][number][] = [];
  let columns: string[] = [];
  for (const stage of stages) {
    const [, column, several, one] = where.exec(stage) ?? [];
    if (column !== undefined) {
      conditions.push({
        column: column.toLowerCase() === 'id' ? 'id' : 'type',
        values: literalsIn(several ?? one ?? ''),
      });
    } else if (/^project\s+\w+(\s*,\s*\w+)*$/i.test(stage)) {
      columns = stage.replace(/^project\s+/i, '').split(/\s*,\s*/);
    } else if (!/^order\s+by\s+id(\s+asc)?$/i.test(stage)) throw invalidQuery(`"${stage}" is not understood here`);
  }
  return { conditions, columns };
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
}

/** The subscriptions that are asked, in lower case; `undefined` for all. */
function subscriptionsOf(request: Resource, { managementGroups }: GraphScope): ReadonlySet<string> | undefined {
  const subscriptions = textsIn(request.subscriptions);
  const groups = textsIn(request.managementGroups);
  if (subscriptions.length > 0 && groups.length > 0) {
    throw badRequest('InvalidInput', 'Subscriptions and management groups cannot be asked together.');
  }
  if (groups.length > 0 && managementGroups) {
    const known = new Map(Object.entries(managementGroups).map(([name, members]) => [name.toLowerCase(), members]));
    const members = groups.flatMap((name) => {
      const found = known.get(name.toLowerCase());
      if (found) return found;
      throw new GraphError(403, 'AccessDenied', [
        { code: 'AccessDenied', message: 'Access is denied to the requested resource.' },
      ]);
    });
    return new Set(members.map((id) => id.toLowerCase()));
  }
  return subscriptions.length > 0 ? new Set(subscriptions.map((id) => id.toLowerCase())) : undefined;
}

/** The row that a page begins with; the token belongs to its query. */
function offsetOf(token: unknown, query: string): number {
  if (token === undefined || token === null) return 0;
  if (token === brokenSkipToken) {
    throw new GraphError(500, 'InternalServerError', [
      { code: 'InternalServerError', message: 'A fault that was asked for.' },
    ]);
  }
  try {
    const read: unknown = JSON.parse(Buffer.from(String(token), 'base64').toString());
    if (isRecord(read) && read.query === query && Number.isInteger(read.from)) return Number(read.from);
  } catch {
    // Told below, like every other token that was not given out here.
  }
  throw badRequest('InvalidSkipToken', 'The skip token is not one of this query.');
}

/** @throws GraphError */
export function answerQuery(resources: readonly Resource[], request: unknown, scope: GraphScope): GraphAnswer {
  if (!isRecord(request) || typeof request.query !== 'string') throw badRequest('InvalidInput', 'A query is expected.');
  const { query } = request;
  const options = isRecord(request.options) ? request.options : {};
  const { conditions, columns } = parseQuery(query);
  const subscriptions = subscriptionsOf(request, scope);
  const rows = resources
    .map((resource): Resource => ({ ...resource, type: String(resource.type).toLowerCase() }))
    .filter((row) => conditions.every(({ column, values }) => values.has(String(row[column]).toLowerCase())))
    .filter(({ id }) => {
      const subscription = /^\/subscriptions\/([^/]+)/i.exec(String(id))?.[1]?.toLowerCase() ?? '';
      return (subscriptions?.has(subscription) ?? true) && !scope.isDenied(String(id));
    })
    .map((row) => (columns.length === 0 ? row : Object.fromEntries(columns.map((name) => [name, row[name] ?? null]))));
  const from = offsetOf(options.$skipToken, query);
  const top = Math.min(
    typeof options.$top === 'number' && options.$top > 0 ? options.$top : scope.pageSize,
    scope.pageSize,
  );
  const data = rows.slice(from, from + top);
  const hasMore = from + top < rows.length;
  const next = Buffer.from(JSON.stringify({ from: from + top, query })).toString('base64');
  return {
    totalRecords: rows.length,
    count: data.length,
    resultTruncated: hasMore ? 'true' : 'false',
    data,
    facets: [],
    ...(hasMore && { $skipToken: next }),
  };
}
