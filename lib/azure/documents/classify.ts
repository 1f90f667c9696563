/** What a document is, told by its content; and what it looks like when it is no estate. */
import { type Fields, isRecord, own } from './fields.ts';

export type DocumentKind = 'template' | 'table' | 'data' | 'value' | 'resource' | 'other';

/** @param keys the member names of a top-level object, with a way to look at one member's value */
export function classify(has: (name: string) => boolean, get: (name: string) => unknown): DocumentKind {
  const schema = has('$schema') ? get('$schema') : undefined;
  if (typeof schema === 'string' && /deploymentTemplate\.json/i.test(schema)) return 'template';
  if (has('resources') && has('contentVersion')) return 'template';
  if (has('template') && isRecord(get('template'))) return 'template';
  const properties = has('properties') ? get('properties') : undefined;
  if (!has('id') && isRecord(properties) && isRecord(own(properties, 'template'))) return 'template';
  if (has('data')) {
    const data = get('data');
    if (Array.isArray(data)) return 'data';
    if (isRecord(data) && Array.isArray(own(data, 'rows'))) return 'table';
  }
  if (has('value') && Array.isArray(get('value'))) return 'value';
  if (has('id') || has('type')) return 'resource';
  return 'other';
}

/** For a document that is no estate: what it seems to be, and what to do with it. */
export function describeOther(document: unknown): string {
  if (Array.isArray(document)) return describeList(document);
  if (!isRecord(document)) return 'not an estate: expected resources, a Resource Graph result or a template';
  if (Array.isArray(own(document, 'values')) && 'changeNumber' in document) {
    return 'not an estate but a list of service tags: give it to --service-tags';
  }
  if (typeof own(document, '$schema') === 'string' && /deploymentParameters/i.test(String(own(document, '$schema')))) {
    return 'not an estate but template parameters: give them to --parameters';
  }
  if ('schemaVersion' in document && 'deployments' in document) return 'not an estate but a report of an audit';
  if ('interactions' in document || 'responses' in document) return 'not an estate but recorded requests and responses';
  return 'not an estate: it holds no Azure resource (expected an array of resources, {"value": [...]}, {"data": [...]} or a template)';
}

function describeList(list: readonly unknown[]): string {
  const first = list.find(isRecord) as Fields | undefined;
  if (first && 'request' in first && 'response' in first) return 'not an estate but recorded requests and responses';
  return 'not an estate: no element of the list is an Azure resource';
}
