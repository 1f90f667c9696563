/** The words of the pages, and the colours (as classes) that go with them: one meaning, one colour, wherever it is drawn. */
import type { DeploymentReport, Finding, PathKind } from '../../audit/report.ts';
import { catalogue } from '../../requirements/catalogue.ts';
import { platformSupported } from '../../requirements/platform-supported.ts';

type Verdict = DeploymentReport['verdict'];

/** What matters first. */
export const verdictOrder: readonly Verdict[] = ['nonCompliant', 'unknown', 'compliant', 'outOfScope'];

export const verdictWords: Readonly<Record<Verdict, string>> = {
  nonCompliant: 'Non-compliant',
  unknown: 'Unknown',
  compliant: 'Compliant',
  outOfScope: 'Out of scope',
};

export const statusWords: Readonly<Record<Finding['status'], string>> = {
  fail: 'Broken rule',
  unknown: 'Not known',
  exempt: 'Exempt',
  pass: 'Holds',
  notApplicable: 'Does not apply',
};

export const pathWords: Readonly<Record<PathKind, string>> = {
  endpoint: 'service endpoint',
  direct: 'straight to the Internet',
  tunnel: 'into the tunnel',
  dropped: 'dropped',
  virtualNetwork: 'stays in the network',
  unknown: 'not known',
};

const titles = new Map([platformSupported, ...catalogue].map(({ id, title }) => [id, title]));

/** A requirement in a few words; its id where it is none of this version's. */
export function titleOf(requirement: string): string {
  return titles.get(requirement) ?? requirement;
}

/** 16777216 -> `16.8 M`; what cannot be counted at a glance is rounded. */
export function roundCount(count: number): string {
  if (count >= 1e9) return `${(count / 1e9).toFixed(1)} G`;
  if (count >= 1e6) return `${(count / 1e6).toFixed(1)} M`;
  return count.toLocaleString('en-US');
}

/** A share of the whole IPv4 space, never rounded to all or to nothing: `97.2 %`, `0.02 %`, `under 0.01 %`, `over 99.9 %`. */
export function shareText(addresses: number): string {
  const percent = (addresses / 2 ** 32) * 100;
  if (percent === 100) return '100 %';
  if (percent > 99.9) return 'over 99.9 %';
  if (percent < 0.01) return 'under 0.01 %';
  return `${Number(percent.toPrecision(percent < 10 ? 2 : 3))} %`;
}
