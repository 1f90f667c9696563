/**
 * The policy file: its schema, the one source of `docs/policy.schema.json`, and its reading. Every problem is named with
 * its path in the file; nothing that is not understood passes.
 */
import { parse as parseDuration } from 'iso8601-duration';
import { z } from 'zod';
import { parseIpv4, parseIpv4Prefix, parseIpv6Prefix } from '../address/prefix.ts';
import { severitySchema } from '../audit/report-schema.ts';
import { DocumentError } from '../azure/documents/document-error.ts';
import { JsonScanner } from '../azure/documents/json-scan.ts';
import { nearest } from '../nearest.ts';
import { defaultPolicy, type Policy, type PolicyChoices, type PolicyOverride } from './policy.ts';

export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** A value as the file has it, short enough for a line. */
function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

function isCidr(text: string): boolean {
  return parseIpv4Prefix(text) !== undefined || parseIpv6Prefix(text) !== undefined;
}

const cidr = z.string().refine(isCidr, { error: (issue) => `${quoted(issue.input)} is not a CIDR` });
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, {
  error: (issue) => `${quoted(issue.input)} is not an IPv4 address`,
});
const tagName = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/;
const cidrOrTag = z.string().refine((text) => isCidr(text) || tagName.test(text), {
  error: (issue) => `${quoted(issue.input)} is neither a CIDR nor a service tag`,
});
const duration = z.iso.duration({
  error: (issue) => `${quoted(issue.input)} is not an ISO 8601 duration such as PT45M`,
});
const instant = z.iso.datetime({
  offset: true,
  error: (issue) => `${quoted(issue.input)} is not an ISO 8601 date and time such as 2027-01-01T00:00:00Z`,
});

/** @param known ids of requirements; without them any text is taken, as in the published schema */
function schemaFor(known?: readonly string[]) {
  const requirement = z.string().refine((id) => known?.includes(id) ?? true, {
    error: (issue) => unknownRequirement(String(issue.input), known ?? []),
  });
  const choices = {
    tunnel: z.enum(['required', 'optional']).optional().describe('Whether the subnets must be force-tunnelled.'),
    serviceEndpoints: z
      .enum(['required', 'orFirewall', 'forbidden'])
      .optional()
      .describe('Endpoints are required, may be replaced by a firewall that allows the ranges, or must not be there.'),
    appliances: z.array(ipv4).optional().describe('IPv4 addresses of the appliances that the tunnel may lead to.'),
    clients: z.array(cidr).optional().describe('Address ranges of the clients of External services.'),
    allowDirect: z.array(cidrOrTag).optional().describe('CIDRs and service tags that may leave around the tunnel.'),
    staleAfter: duration
      .optional()
      .describe('Age at which an observed network status counts as lost (ISO 8601 duration).'),
    requirements: z
      .record(requirement, z.strictObject({ enabled: z.boolean().optional(), severity: severitySchema.optional() }))
      .optional()
      .describe('Requirement id -> switch and severity.'),
  };
  const exemption = z.strictObject({
    requirement,
    scope: z.string().describe('A resource id, or the beginning of one in whole segments.'),
    category: z.enum(['waiver', 'mitigated']),
    reason: z.string().min(1),
    requestedBy: z.string().optional(),
    expiresOn: instant.optional(),
  });
  return z.strictObject({
    $schema: z.string().optional(),
    ...choices,
    exemptions: z.array(exemption).optional(),
    overrides: z.array(z.strictObject({ scope: z.string(), ...choices })).optional(),
  });
}

export const policyFileSchema = schemaFor();

type PolicyFile = z.infer<typeof policyFileSchema>;

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${pathText([...issue.path, key])}: there is no such field`);
    const path = pathText(issue.path);
    const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
    return path === '' ? [message] : [`${path}: ${message}`];
  });
}

const secondMs = 1000;
const dayMs = 24 * 60 * 60 * secondMs;

/** Years and months have no length of their own: 365 and 30 days, so that the same file means the same on any day. */
function milliseconds(text: string): number {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0 } = parseDuration(text);
  return (years * 365 + months * 30 + weeks * 7 + days) * dayMs + ((hours * 60 + minutes) * 60 + seconds) * secondMs;
}

function fieldsOf(file: Omit<PolicyFile, '$schema' | 'exemptions' | 'overrides'>): Partial<PolicyChoices> {
  const { staleAfter, ...rest } = file;
  return staleAfter === undefined ? rest : { ...rest, staleAfterMs: milliseconds(staleAfter) };
}

function unknownRequirement(id: string, known: readonly string[]): string {
  const meant = nearest(id, known);
  return `there is no requirement ${quoted(id)}${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

/** @throws PolicyError that names line and column of what is no JSON */
function parseJson(text: string, name: string): unknown {
  const scanner = new JsonScanner(Buffer.from(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, 'utf8'), name);
  try {
    if (scanner.next() === -1) return scanner.fail('the file is empty');
    const document = scanner.parse(scanner.skipValue());
    if (scanner.next() !== -1) scanner.fail('something else follows the policy');
    return document;
  } catch (error) {
    if (error instanceof DocumentError) throw new PolicyError(error.message);
    throw error;
  }
}

/**
 * Reads a policy file.
 * @param name of the file, for messages
 * @throws PolicyError whose message names the file and every problem with its path, or the line and column of bad JSON
 */
export function parsePolicy(text: string, name: string, knownRequirements: Iterable<string>): Policy {
  const parsed = schemaFor([...knownRequirements]).safeParse(parseJson(text, name));
  if (!parsed.success) throw new PolicyError(`${name}: ${problemsOf(parsed.error).join('; ')}`);
  const { $schema: _, exemptions = [], overrides = [], ...fields } = parsed.data;
  return {
    ...defaultPolicy,
    ...fieldsOf(fields),
    exemptions,
    overrides: overrides.map(({ scope, ...over }): PolicyOverride => ({ scope, ...fieldsOf(over) })),
  };
}
