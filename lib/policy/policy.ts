/**
 * The user's own choices, as the evaluator uses them: typed, validated and resolved for one deployment. The file format
 * and its validation are in `parse.ts`; nothing is read here.
 */
import type { Severity } from '../audit/report.ts';

export type TunnelDemand = 'required' | 'optional';
export type ServiceEndpointDemand = 'required' | 'orFirewall' | 'forbidden';

export interface RequirementSetting {
  readonly enabled?: boolean;
  readonly severity?: Severity;
}

export interface Exemption {
  readonly requirement: string;
  readonly scope: string;
  readonly category: 'waiver' | 'mitigated';
  readonly reason: string;
  readonly requestedBy?: string;
  /** ISO 8601; absent: it does not expire. */
  readonly expiresOn?: string;
}

/** The fields that an override may set for a scope. */
export interface PolicyChoices {
  readonly tunnel: TunnelDemand;
  readonly serviceEndpoints: ServiceEndpointDemand;
  /** IPv4 addresses of the appliances that the tunnel may end in; empty: any. */
  readonly appliances: readonly string[];
  /** CIDRs, IPv4 or IPv6. */
  readonly clients: readonly string[];
  /** CIDRs and service tag names. */
  readonly allowDirect: readonly string[];
  /** Milliseconds. */
  readonly staleAfterMs: number;
  /** Requirement id -> setting. */
  readonly requirements: Readonly<Record<string, RequirementSetting>>;
}

export interface PolicyOverride extends Partial<PolicyChoices> {
  readonly scope: string;
}

export interface Policy extends PolicyChoices {
  readonly exemptions: readonly Exemption[];
  readonly overrides: readonly PolicyOverride[];
}

export const defaultPolicy: Policy = {
  tunnel: 'optional',
  serviceEndpoints: 'required',
  appliances: [],
  clients: [],
  allowDirect: [],
  staleAfterMs: 45 * 60_000,
  requirements: {},
  exemptions: [],
  overrides: [],
};
