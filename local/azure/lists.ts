/** Lists of Resource Manager: which one a path names, and one page of it. */
import type { Context } from 'hono';
import { parseResourceId } from './ids.ts';
import type { Resource } from './store.ts';

/** A list's scope and type: `<scope>/providers/<namespace>/<type>` or `<parent>/<type>`. */
export function listOf(path: string): { readonly scope: string; readonly type: string } | undefined {
  const below = /^(\/subscriptions\/[^/]+(?:\/resourceGroups\/[^/]+)?)\/providers\/([^/]+\/[^/]+)$/i.exec(path);
  if (below?.[1] !== undefined && below[2] !== undefined) return { scope: below[1], type: below[2] };
  const cut = path.lastIndexOf('/');
  const parent = parseResourceId(path.slice(0, cut));
  return parent ? { scope: parent.id, type: `${parent.type}/${path.slice(cut + 1)}` } : undefined;
}

/** @param origin that the link to the next page leads to */
export function page(context: Context, all: readonly Resource[], pageSize: number, origin: string): Response {
  const url = new URL(context.req.url);
  const from = Number(url.searchParams.get('$skip') ?? 0);
  url.searchParams.set('$skip', String(from + pageSize));
  const nextLink = from + pageSize < all.length ? `${origin}${url.pathname}${url.search}` : undefined;
  return context.json({ value: all.slice(from, from + pageSize), ...(nextLink !== undefined && { nextLink }) });
}
