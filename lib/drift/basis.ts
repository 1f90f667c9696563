/**
 * What a verdict rests on beside Azure: the policy, its exemptions, the service tags. None of them sends an event when it changes, so
 * that a drift that one of them brought about says so itself.
 */
import type { Finding } from '../audit/report.ts';
import type { DeploymentState } from './state.ts';

export interface Basis {
  /** Of the choices for this deployment, exemptions left out: the same while they are. */
  readonly policy: string;
  /** CIDRs; absent where they are too many to be kept. */
  readonly clients?: readonly string[];
  /** `Public, change 89` */
  readonly serviceTags: string;
}

const mostNamed = 5;

function named(what: string, ranges: readonly string[]): string {
  if (ranges.length === 0) return '';
  const more = ranges.length > mostNamed ? ` and ${ranges.length - mostNamed} more` : '';
  return `; ${what}: ${ranges.slice(0, mostNamed).join(', ')}${more}`;
}

function clientsText({ clients: before }: Basis, { clients: now }: Basis): string {
  if (!before || !now) return '';
  const added = now.filter((range) => !before.includes(range));
  const removed = before.filter((range) => !now.includes(range));
  return `${named('clients added', added)}${named('clients removed', removed)}`;
}

function exemptionText(finding: Finding): string {
  const { exemption } = finding.evidence;
  return exemption?.expired && exemption.expiresOn !== undefined
    ? `its exemption expired on ${exemption.expiresOn}: ${exemption.reason}`
    : 'the policy exempts it no more';
}

/** What changed beside Azure since the last evaluation and may have brought a transition about; none: nothing that is known. */
export function reasonsOf(
  before: DeploymentState | undefined,
  finding: Finding,
  basis: Basis | undefined,
): readonly string[] {
  if (!before) return [];
  const wasExempt = before.statuses[finding.requirement]?.status === 'exempt';
  const exemption = wasExempt && finding.status !== 'exempt' ? [exemptionText(finding)] : [];
  if (!before.basis || !basis) return exemption;
  const isPolicy = before.basis.policy !== basis.policy;
  const policy = isPolicy ? [`the policy changed${clientsText(before.basis, basis)}`] : [];
  const areTags = before.basis.serviceTags !== basis.serviceTags;
  const tags = areTags ? [`the service tags changed: ${before.basis.serviceTags} -> ${basis.serviceTags}`] : [];
  return [...exemption, ...policy, ...tags];
}
