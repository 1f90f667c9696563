/**
 * The policy file: its schema, the one source of `docs/policy.schema.json`, and its reading. Every problem is named with
 * its path in the file; nothing that is not understood passes.
 */
import { parse as parseDuration, toSeconds } from 'iso8601-duration';
import { z } from 'zod';
import { parseIpv4, parseIpv4Prefix, parseIpv6Prefix } from '../address/prefix.ts';
import { severitySchema } from '../audit/report-schema.ts';
import { defaultPolicy, type Policy, type PolicyChoices, type PolicyOverride } from './policy.ts';

export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

function isCidr(text: string): boolean {
  return parseIpv4Prefix(text) !== undefined || parseIpv6Prefix(text) !== undefined;
}

const cidr = z.string().refine(isCidr, { error: (issue) => `"${String(issue.input)}" is not a CIDR` });
const ipv4 = z.string().refine((text) => parseIpv4(text) !== undefined, {
  error: (issue) => `"${String(issue.input)}" is not an IPv4 address`,
});
const tagName = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/;
const cidrOrTag = z.string().refine((text) => isCidr(text) || tagName.test(text), {
  error: (issue) => `"${String(issue.input)}" is neither a CIDR nor a service tag`,
});
const duration = z.iso.duration({ error: 'is not an ISO 8601 duration such as PT45M' });
const instant = z.iso.datetime({
  offset: true,
  error: 'is not an ISO 8601 date and time such as 2027-01-01T00:00:00Z',
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
    .record(z.string(), z.strictObject({ enabled: z.boolean().optional(), severity: severitySchema.optional() }))
    .optional()
    .describe('Requirement id -> switch and severity.'),
};

const exemption = z.strictObject({
  requirement: z.string(),
  scope: z.string().describe('A resource id, or the beginning of one in whole segments.'),
  category: z.enum(['waiver', 'mitigated']),
  reason: z.string().min(1),
  requestedBy: z.string().optional(),
  expiresOn: instant.optional(),
});

export const policyFileSchema = z.strictObject({
  $schema: z.string().optional(),
  ...choices,
  exemptions: z.array(exemption).optional(),
  overrides: z.array(z.strictObject({ scope: z.string(), ...choices })).optional(),
});

type PolicyFile = z.infer<typeof policyFileSchema>;

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index === 0 ? '' : '.'}${String(key)}`))
    .join('');
}

function fieldsOf(file: Omit<PolicyFile, '$schema' | 'exemptions' | 'overrides'>): Partial<PolicyChoices> {
  const { staleAfter, ...rest } = file;
  return staleAfter === undefined ? rest : { ...rest, staleAfterMs: toSeconds(parseDuration(staleAfter)) * 1000 };
}

/** Requirement ids that do not exist would silently do nothing: each is named with its path. */
function unknownRequirements(file: PolicyFile, known: ReadonlySet<string>): string[] {
  const named: [string, string][] = [
    ...Object.keys(file.requirements ?? {}).map((id): [string, string] => [`requirements.${id}`, id]),
    ...(file.exemptions ?? []).map((each, index): [string, string] => [
      `exemptions[${index}].requirement`,
      each.requirement,
    ]),
    ...(file.overrides ?? []).flatMap((each, index) =>
      Object.keys(each.requirements ?? {}).map((id): [string, string] => [
        `overrides[${index}].requirements.${id}`,
        id,
      ]),
    ),
  ];
  return named.filter(([, id]) => !known.has(id)).map(([path, id]) => `${path}: there is no requirement "${id}"`);
}

/**
 * Reads a policy file.
 * @param name of the file, for messages
 * @throws PolicyError whose message names the file and every problem with its path
 */
export function parsePolicy(text: string, name: string, knownRequirements: Iterable<string>): Policy {
  let document: unknown;
  try {
    document = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    throw new PolicyError(
      `${name}: not valid JSON: ${error instanceof Error ? error.message.replace(/\s+/g, ' ') : ''}`,
    );
  }
  const parsed = policyFileSchema.safeParse(document);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => {
      const path = pathText(issue.path);
      return path === '' ? issue.message : `${path}: ${issue.message}`;
    });
    throw new PolicyError(`${name}: ${problems.join('; ')}`);
  }
  const problems = unknownRequirements(parsed.data, new Set(knownRequirements));
  if (problems.length > 0) throw new PolicyError(`${name}: ${problems.join('; ')}`);
  const { $schema: _, exemptions = [], overrides = [], ...fields } = parsed.data;
  return {
    ...defaultPolicy,
    ...fieldsOf(fields),
    exemptions,
    overrides: overrides.map(({ scope, ...over }): PolicyOverride => ({ scope, ...fieldsOf(over) })),
  };
}
