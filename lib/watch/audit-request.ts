/**
 * The audit over HTTP: what is asked in, a report in the format that is wanted out, or a problem (RFC 9457) that says what to do.
 * Nothing is stored, and nothing that was read for one request is kept for another.
 */
import packageJson from '../../package.json' with { type: 'json' };
import { auditEstate } from '../audit/audit.ts';
import type { Report } from '../audit/report.ts';
import { bundledTagsFor } from '../azure/bundled-service-tags.ts';
import { DocumentError } from '../azure/documents/document-error.ts';
import { estateFromResources, estateFromText } from '../azure/documents/read-estate.ts';
import { typeOfId } from '../azure/documents/resource-id.ts';
import { LiveReadError } from '../azure/pipeline.ts';
import { type Estate, idKey } from '../network/model.ts';
import type { Format } from '../report/format.ts';
import { formats } from '../report/index.ts';
import { catalogue } from '../requirements/catalogue.ts';
import { readLiveService, readObservedScope } from './live-reading.ts';
import type { Watcher } from './watcher.ts';

export interface AuditRequest {
  readonly query: URLSearchParams;
  readonly accept?: string;
  /** An estate document; absent: Azure is read. */
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A request that cannot be answered: becomes a problem document. */
class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  413: 'Body too large',
  502: 'Azure could not be read',
};

/** A problem document of RFC 9457. */
export function problem(status: number, detail: string): Answer {
  const body = JSON.stringify({ type: 'about:blank', title: titles[status] ?? 'Problem', status, detail });
  return { status, contentType: 'application/problem+json', body };
}

function shortened(value: string): string {
  return value.length > 100 ? `${value.slice(0, 100)}...` : value;
}

/** By `format`, else by the media types that are accepted, the most wanted first; JSON where nothing is said. */
function formatOf({ query, accept }: AuditRequest): Format {
  const named = query.get('format');
  const json = formats.find(({ name }) => name === 'json');
  if (!json) throw new Error('there is no JSON format');
  if (named !== null) {
    const format = formats.find(({ name }) => name === named.toLowerCase());
    if (format) return format;
    const known = formats.map(({ name }) => name).join(', ');
    throw new RequestProblem(400, `format "${shortened(named)}" is not known; one of ${known}`);
  }
  const wanted = (accept ?? '')
    .split(',')
    .map((entry) => entry.trim().toLowerCase().split(';'))
    .map(([type = '', ...parameters]) => {
      const quality = parameters.map((each) => /^\s*q=([\d.]+)$/.exec(each)?.[1]).find((each) => each !== undefined);
      return { type, quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { type } of wanted) {
    const format = formats.find(({ mediaType, name }) => mediaType === type && name !== 'table');
    if (format) return format;
  }
  return json;
}

function serviceOfQuery(query: URLSearchParams): string | undefined {
  const service = query.get('service');
  if (service === null) return undefined;
  if (typeOfId(service) === 'microsoft.apimanagement/service' && service.startsWith('/subscriptions/')) return service;
  throw new RequestProblem(
    400,
    `service "${shortened(service)}" is no id of an API Management service; expected /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.ApiManagement/service/<name>`,
  );
}

const subscriptionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function subscriptionOfQuery(query: URLSearchParams): string | undefined {
  const subscription = query.get('subscription');
  if (subscription === null || subscriptionId.test(subscription)) return subscription ?? undefined;
  throw new RequestProblem(400, `subscription "${shortened(subscription)}" is no subscription id`);
}

function onlyService(estate: Estate, service: string): Estate {
  const services = estate.services.filter(({ id }) => idKey(id) === idKey(service));
  if (services.length === 0)
    throw new RequestProblem(404, `there is no API Management service ${service} in the document`);
  return { ...estate, services };
}

async function estateOf(watcher: Watcher, request: AuditRequest): Promise<Estate> {
  const { query, body } = request;
  const service = serviceOfQuery(query);
  const subscription = subscriptionOfQuery(query);
  if (body !== undefined) {
    const estate = estateFromText(body, { kind: 'file', name: 'request body' });
    return service === undefined ? estate : onlyService(estate, service);
  }
  if (service !== undefined) {
    const closure = await readLiveService(watcher, service);
    if (closure.service === 'absent') throw new RequestProblem(404, `there is no API Management service ${service}`);
    if (closure.service === 'found') return closure.estate;
    throw new LiveReadError(closure.unreadable.map(({ reason }) => reason).join('; '));
  }
  const { scopes } = watcher.settings;
  const narrowed = subscription === undefined ? scopes : { subscriptions: [subscription], managementGroups: [] };
  const { resources, name, errors } = await readObservedScope(watcher, narrowed);
  const estate = estateFromResources(resources, { kind: 'resourceGraph', name });
  return { ...estate, errors: [...estate.errors, ...errors] };
}

/** Only the findings of one requirement; verdicts stay those of the whole evaluation. */
function onlyRequirement(report: Report, requirement: string): Report {
  const deployments = report.deployments.map((deployment) => {
    return { ...deployment, findings: deployment.findings.filter((finding) => finding.requirement === requirement) };
  });
  const findings = { pass: 0, fail: 0, unknown: 0, notApplicable: 0, exempt: 0 };
  for (const { status } of deployments.flatMap((deployment) => deployment.findings)) findings[status]++;
  return { ...report, deployments, summary: { ...report.summary, findings } };
}

function requirementOfQuery(query: URLSearchParams): string | undefined {
  const requirement = query.get('requirement');
  if (requirement === null || catalogue.some(({ id }) => id === requirement)) return requirement ?? undefined;
  throw new RequestProblem(400, `requirement "${shortened(requirement)}" is not known; see docs/requirements`);
}

async function answer(watcher: Watcher, request: AuditRequest): Promise<Answer> {
  const format = formatOf(request);
  const requirement = requirementOfQuery(request.query);
  const estate = await estateOf(watcher, request);
  const { policy } = watcher.settings;
  const addressSpace = format.drawsAddressSpace === true;
  const whole = auditEstate(estate, { tagsFor: bundledTagsFor, policy, now: watcher.clock.now(), addressSpace });
  const report = requirement === undefined ? whole : onlyRequirement(whole, requirement);
  const context = { width: 120, colour: false, toolVersion: packageJson.version, locate: () => undefined };
  const chunks =
    format.takes === 'stream' ? (await format.load())(report, context) : (await format.load())(report, context);
  const charset = format.mediaType.startsWith('text/') ? '; charset=utf-8' : '';
  return { status: 200, contentType: `${format.mediaType}${charset}`, body: [...chunks].join('') };
}

export async function auditRequest(watcher: Watcher, request: AuditRequest): Promise<Answer> {
  try {
    return await answer(watcher, request);
  } catch (error) {
    if (error instanceof RequestProblem) return problem(error.status, error.message);
    if (error instanceof DocumentError) return problem(400, error.message);
    if (error instanceof LiveReadError) return problem(502, error.message);
    throw error;
  }
}
