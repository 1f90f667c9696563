/**
 * The report: what an audit says, whatever door it came through. Types only, made from `report-schema.ts`, and the
 * closed sets of words that they use. Nothing is evaluated or formatted here.
 */
import type { z } from 'zod';
import type * as schema from './report-schema.ts';

export const statuses = ['pass', 'fail', 'unknown', 'notApplicable', 'exempt'] as const;
export const severities = ['critical', 'high', 'medium', 'low', 'info'] as const;
export const verdicts = ['compliant', 'nonCompliant', 'unknown', 'outOfScope'] as const;
export const tunnelStates = ['forced', 'partial', 'direct', 'dropped', 'unknown'] as const;
export const joins = ['confirmed', 'predicted', 'unexplained', 'healthy', 'notJoined'] as const;
export const pathKinds = ['endpoint', 'direct', 'tunnel', 'dropped', 'virtualNetwork', 'unknown'] as const;

export type Status = (typeof statuses)[number];
export type Severity = (typeof severities)[number];
export type Verdict = (typeof verdicts)[number];
export type TunnelState = (typeof tunnelStates)[number];
export type PathKind = (typeof pathKinds)[number];
export type Counterexample = z.infer<typeof schema.counterexampleSchema>;
export type RouteEvidence = z.infer<typeof schema.routeEvidenceSchema>;
export type RuleEvidence = z.infer<typeof schema.ruleEvidenceSchema>;
export type Evidence = z.infer<typeof schema.evidenceSchema>;
export type Fix = z.infer<typeof schema.fixSchema>;
export type Finding = z.infer<typeof schema.findingSchema>;
export type Tunnel = z.infer<typeof schema.tunnelSchema>;
export type Observed = z.infer<typeof schema.observedSchema>;
export type Listed = z.infer<typeof schema.listedSchema>;
export type DependencyPath = z.infer<typeof schema.pathSchema>;
export type AddressSpace = z.infer<typeof schema.addressSpaceSchema>;
export type DeploymentReport = z.infer<typeof schema.deploymentSchema>;
export type ServiceTagsInfo = z.infer<typeof schema.serviceTagsSchema>;
export type Report = z.infer<typeof schema.reportSchema>;

/** Severities from the gravest; lower index is graver. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold);
}
