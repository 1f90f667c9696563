/** Names of the custom events and metrics (contract, section 7): one place, for the code, the alert rules and the workbook. */

export const names = {
  opened: 'TunnelDriftOpened',
  changed: 'TunnelDriftChanged',
  resolved: 'TunnelDriftResolved',
  reminder: 'TunnelDriftReminder',
  /** Every open drift again at each sweep. */
  open: 'TunnelDriftOpen',
  evaluation: 'TunnelEvaluation',
  /** The one of the first sight of an estate. */
  estate: 'TunnelEstateSeen',
  sweep: 'TunnelSweep',
  /** What each deployment is, again at each sweep. */
  deployment: 'TunnelDeployment',
  /** How late each queue is, at each sweep. */
  backlog: 'TunnelBacklog',
  poisonMessage: 'TunnelPoisonMessage',
} as const;

export const metrics = {
  nonCompliant: 'tunnelwatch.nonCompliant',
  unknown: 'tunnelwatch.unknown',
  eventLagSeconds: 'tunnelwatch.eventLagSeconds',
  evaluationMs: 'tunnelwatch.evaluationMs',
} as const;
