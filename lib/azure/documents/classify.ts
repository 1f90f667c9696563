/** What a document is, told by its content; and what it looks like when it is no estate. */

import { adminRulesOf } from './admin-rules.ts';
import { type Fields, isRecord, own } from './fields.ts';
import { namesLearner } from './learned-routes.ts';

export type DocumentKind = 'template' | 'table' | 'data' | 'value' | 'told' | 'resource' | 'other';

const templateSchema = /deploymentTemplate\.json/i;

function isTemplate(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const schema = own(value, '$schema');
  return (typeof schema === 'string' && templateSchema.test(schema)) || Object.hasOwn(value, 'resources');
}

/**
 * @param has whether a top-level object has a member of that name
 * @param get that member's value; a list may be given as an empty one, for only its kind is asked
 */
export function classify(has: (name: string) => boolean, get: (name: string) => unknown): DocumentKind {
  const schema = has('$schema') ? get('$schema') : undefined;
  if (typeof schema === 'string' && templateSchema.test(schema)) return 'template';
  if (has('resources') && has('contentVersion')) return 'template';
  if (has('template') && isTemplate(get('template'))) return 'template';
  // A resource's own properties are no template, but for a deployment's; they need not be looked at.
  if (has('properties') && (!has('id') || /\/deployments$/i.test(String(get('type'))))) {
    const properties = get('properties');
    if (isRecord(properties) && isTemplate(own(properties, 'template'))) return 'template';
  }
  if (namesLearner(has) || has(adminRulesOf)) return 'told';
  if (has('data')) {
    const data = get('data');
    if (Array.isArray(data)) return 'data';
    if (isRecord(data) && Array.isArray(own(data, 'rows'))) return 'table';
  }
  if (has('value') && Array.isArray(get('value'))) return 'value';
  return has('id') || has('type') ? 'resource' : 'other';
}

const expected = 'expected a list of resources, {"value": [...]}, {"data": [...]} or a template';

/** For a document that is no estate: what it seems to be, and what to do with it. */
export function describeOther(document: unknown): string {
  if (Array.isArray(document)) return describeList(document);
  if (!isRecord(document)) return `not an estate: ${expected}`;
  const schema = own(document, '$schema');
  if (Array.isArray(own(document, 'values')) && Object.hasOwn(document, 'changeNumber')) {
    return 'not an estate but a list of service tags: give it to --service-tags';
  }
  if (typeof schema === 'string' && /deploymentParameters/i.test(schema)) {
    return 'not an estate but template parameters: give them to --parameters';
  }
  if (Object.hasOwn(document, 'schemaVersion') && Object.hasOwn(document, 'deployments')) {
    return 'not an estate but a report of an audit';
  }
  if (Object.hasOwn(document, 'interactions') || Object.hasOwn(document, 'responses')) {
    return 'not an estate but recorded requests and responses: take the resources out of them';
  }
  const error = own(document, 'error');
  if (isRecord(error)) return `not an estate but an error that Azure answered (${String(own(error, 'code') ?? '')})`;
  return `not an estate: it holds no Azure resource (${expected})`;
}

function describeList(list: readonly unknown[]): string {
  const first = list.find(isRecord) as Fields | undefined;
  if (first && Object.hasOwn(first, 'request') && Object.hasOwn(first, 'response')) {
    return 'not an estate but recorded requests and responses: take the resources out of them';
  }
  if (first && typeof own(first, 'eventType') === 'string') return 'not an estate but Event Grid events';
  return `not an estate: no element of the list is an Azure resource (${expected})`;
}
