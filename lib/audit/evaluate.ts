/**
 * The evaluator: one deployment, its network, the service tags and the policy in; the verdict with its proofs out.
 * Pure: no clock, no I/O, no environment. Everything before it reads, everything after it formats or compares.
 */
import type { ServiceTags } from '../address/service-tags.ts';
import { type Estate, isExpression } from '../network/model.ts';
import type { Policy } from '../policy/policy.ts';
import { choicesFor, exemptionFor } from '../policy/resolve.ts';
import { catalogue } from '../requirements/catalogue.ts';
import { toBicep } from '../requirements/fix/render-bicep.ts';
import { toAzureCli } from '../requirements/fix/render-cli.ts';
import { platformSupported } from '../requirements/platform-supported.ts';
import { helpOf, type Outcome, type Requirement } from '../requirements/requirement.ts';
import { type Deployment, describeSituation, type Situation } from '../requirements/situation.ts';
import { addressSpaceOf } from './address-space.ts';
import { applyChanges } from './apply-changes.ts';
import { judge, mends } from './judge.ts';
import { joinListed } from './listed.ts';
import { joinObserved } from './observed.ts';
import { pathsOf } from './paths.ts';
import { type DeploymentReport, type Finding, type Fix, isAtLeast, type Tunnel, type Verdict } from './report.ts';
import { scopeOf } from './scope.ts';

/** Region, normalised or not -> the service tags of its cloud. */
export type TagSource = (region: string) => ServiceTags;

export interface EvaluationOptions {
  readonly tagsFor: TagSource;
  readonly policy: Policy;
  /** For the expiry of exemptions. */
  readonly now: Date;
  /** Whether the report says where the whole address space goes, for formats that draw it. */
  readonly addressSpace?: boolean;
}

/** The text of a fix; none where a trial on the model shows that it does not mend or makes something else worse. */
function describeFix(
  requirement: Requirement,
  situation: Situation,
  outcome: Outcome,
  policy: Situation['policy'],
): Fix | undefined {
  const plan = outcome.fix?.();
  if (!plan || plan.changes.length === 0) return undefined;
  if (plan.needsProof) {
    const estate = applyChanges(situation.estate, plan.changes);
    const after = describeSituation(situation.deployment, estate, policy, situation.tagsFor, situation.now, situation);
    if (!mends(requirement.id, situation, after, catalogue)) return undefined;
  }
  return {
    summary: plan.summary,
    azureCli: toAzureCli(plan.changes),
    bicep: toBicep(plan.changes),
    ...(plan.caveats && plan.caveats.length > 0 && { caveats: [...plan.caveats] }),
  };
}

function toFinding(
  requirement: Requirement,
  situation: Situation,
  options: EvaluationOptions,
  ids: readonly string[],
): Finding {
  const outcome = judge(requirement, situation);
  const severity = situation.policy.requirements[requirement.id]?.severity ?? outcome.severity ?? requirement.severity;
  const found =
    outcome.status === 'fail' || outcome.status === 'unknown'
      ? exemptionFor(options.policy, requirement.id, ids, options.now)
      : undefined;
  const exempted = found !== undefined && !found.expired;
  const exemption = found && {
    category: found.exemption.category,
    reason: found.exemption.reason,
    ...(found.exemption.requestedBy !== undefined && { requestedBy: found.exemption.requestedBy }),
    ...(found.exemption.expiresOn !== undefined && { expiresOn: found.exemption.expiresOn }),
    expired: found.expired,
  };
  const fix =
    outcome.status === 'fail' && !exempted ? describeFix(requirement, situation, outcome, situation.policy) : undefined;
  return {
    requirement: requirement.id,
    status: exempted ? 'exempt' : outcome.status,
    severity,
    message: outcome.message,
    resource: outcome.resource ?? situation.deployment.service.id,
    evidence: exemption ? { ...outcome.evidence, exemption } : (outcome.evidence ?? noEvidence),
    ...(outcome.status === 'fail' && { impact: requirement.impact }),
    ...(fix && { fix }),
    help: helpOf(requirement.id),
  };
}

const noEvidence: Finding['evidence'] = {};

function verdictOf(findings: readonly Finding[]): Verdict {
  const graver = findings.filter((finding) => isAtLeast(finding.severity, 'medium'));
  if (graver.some((finding) => finding.status === 'fail')) return 'nonCompliant';
  return graver.some((finding) => finding.status === 'unknown') ? 'unknown' : 'compliant';
}

function describeTunnel(situation: Situation): Tunnel {
  const hops = new Map<string, Tunnel['nextHops'][number]>();
  for (const { route, kind, addresses } of situation.tunnel.shares) {
    const type = kind === 'undecided' ? 'unknown' : (route?.nextHopType ?? 'None');
    const address = kind === 'undecided' ? undefined : route?.nextHopIpAddress;
    const learned = kind !== 'undecided' && route?.source === 'VirtualNetworkGateway' ? route.name : undefined;
    const key = `${type} ${address ?? ''} ${learned ?? ''}`;
    const before = hops.get(key)?.addresses ?? 0;
    hops.set(key, {
      type,
      ...(address !== undefined && { address }),
      addresses: before + addresses,
      ...(learned !== undefined && { learned }),
    });
  }
  const { routing, subnet } = situation;
  const from = routing?.learnedFrom ?? [];
  const notSeen = [...situation.notSeen, ...(routing?.notSeen ?? [])].map((text) => `Not seen: ${text}.`);
  return {
    state: situation.tunnel.state,
    nextHops: [...hops.values()].sort((a, b) => b.addresses - a.addresses),
    ...(from.length > 0 && { learnedFrom: [...from] }),
    ...(subnet?.natGatewayId !== undefined && { natGateway: subnet.natGatewayId }),
    assumptions: [...(routing?.assumptions ?? []), ...notSeen],
  };
}

function identity(deployment: Deployment) {
  return {
    key: deployment.key,
    service: deployment.service.id,
    name: deployment.service.name,
    region: deployment.region,
    role: deployment.role,
    sku: deployment.sku,
    mode: deployment.mode,
  };
}

/** Evaluates one deployment against every requirement, in the order of the catalogue. */
export function evaluateDeployment(
  deployment: Deployment,
  estate: Estate,
  options: EvaluationOptions,
): DeploymentReport {
  const ids = [deployment.service.id, ...(deployment.subnetId === undefined ? [] : [deployment.subnetId])];
  const choices = choicesFor(options.policy, ids);
  const scope = scopeOf(deployment);
  const situation = describeSituation(deployment, estate, choices, options.tagsFor, options.now);
  const links = {
    subnet: deployment.subnetId ?? null,
    routeTable: situation.subnet?.routeTableId ?? null,
    networkSecurityGroup: situation.subnet?.networkSecurityGroupId ?? null,
  };
  if (scope.scope === 'out') {
    const findings = [toFinding(platformSupported, situation, options, ids)];
    return { ...identity(deployment), ...scope, ...links, verdict: 'outOfScope', paths: [], findings };
  }
  const paths = pathsOf(situation);
  const network = joinObserved(situation, paths);
  const computed = catalogue.map((requirement) => toFinding(requirement, situation, options, ids));
  const list = joinListed(situation);
  const observed = network?.explain(computed) ?? computed;
  const findings = list?.explain(observed) ?? observed;
  const addressSpace = options.addressSpace ? addressSpaceOf(situation) : undefined;
  // Without its tier it is not known whether the rules concern the service at all.
  const skuSeen = deployment.sku !== 'unknown' && !isExpression(deployment.sku);
  return {
    ...identity(deployment),
    ...scope,
    ...links,
    verdict: skuSeen || verdictOf(findings) !== 'compliant' ? verdictOf(findings) : 'unknown',
    tunnel: describeTunnel(situation),
    paths,
    ...(network && { observed: network.observed }),
    ...(list && { listed: list.listed(findings) }),
    ...(addressSpace && { addressSpace }),
    findings,
  };
}
