/**
 * The policy as it stands for one deployment: overrides and exemptions by scope. A scope is a resource id or the
 * beginning of one, in whole segments; ids are compared without regard to case. No clock: the caller says what time it is.
 */
import type { Exemption, Policy, PolicyChoices, PolicyOverride, RequirementSetting } from './policy.ts';

/** Lower case, without trailing slashes; '' covers everything. */
function normaliseScope(scope: string): string {
  return scope.trim().toLowerCase().replace(/\/+$/, '');
}

/** Whether a scope is one of these ids or a parent of one. */
export function covers(scope: string, ids: readonly string[]): boolean {
  const prefix = normaliseScope(scope);
  if (prefix === '') return true;
  return ids.some((id) => {
    const key = id.toLowerCase();
    return key === prefix || key.startsWith(`${prefix}/`);
  });
}

function byScopeLength(a: { readonly scope: string }, b: { readonly scope: string }): number {
  return normaliseScope(a.scope).length - normaliseScope(b.scope).length;
}

function mergeRequirements(
  base: PolicyChoices['requirements'],
  over: PolicyChoices['requirements'],
): PolicyChoices['requirements'] {
  const merged: Record<string, RequirementSetting> = { ...base };
  for (const [id, setting] of Object.entries(over)) merged[id] = { ...merged[id], ...setting };
  return merged;
}

function applyOverride(choices: PolicyChoices, override: PolicyOverride): PolicyChoices {
  const { scope: _, requirements, ...fields } = override;
  const defined = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const merged = requirements ? mergeRequirements(choices.requirements, requirements) : choices.requirements;
  return { ...choices, ...defined, requirements: merged };
}

/**
 * The choices for a deployment: of several overrides whose scope covers one of its ids, the longest wins, field by field.
 * @param ids of the service and of its subnet
 */
export function choicesFor(policy: Policy, ids: readonly string[]): PolicyChoices {
  if (policy.overrides.length === 0) return policy;
  return policy.overrides
    .filter((override) => covers(override.scope, ids))
    .sort(byScopeLength)
    .reduce<PolicyChoices>(applyOverride, policy);
}

/**
 * The exemption of a requirement for a deployment: one that is in force before one that has expired, the longest scope
 * first.
 */
export function exemptionFor(
  policy: Policy,
  requirement: string,
  ids: readonly string[],
  now: Date,
): { readonly exemption: Exemption; readonly expired: boolean } | undefined {
  const [best] = policy.exemptions
    .filter((exemption) => exemption.requirement === requirement && covers(exemption.scope, ids))
    .map((exemption) => ({ exemption, expired: hasExpired(exemption, now) }))
    .sort((a, b) => Number(a.expired) - Number(b.expired) || byScopeLength(b.exemption, a.exemption));
  return best;
}

function hasExpired(exemption: Exemption, now: Date): boolean {
  return exemption.expiresOn !== undefined && Date.parse(exemption.expiresOn) <= now.getTime();
}
