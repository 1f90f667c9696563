/**
 * Alerts as custom events of Application Insights, one for each transition, with the dimensions that alert rules and workbooks ask
 * for. Never a claim.
 */
import type { Alert, DeploymentFacts, DriftAlert, Transition } from '../drift/model.ts';
import type { Channel } from './channel.ts';
import { names } from './names.ts';
import { shorten } from './shorten.ts';
import type { Dimensions, Telemetry } from './telemetry.ts';

/** Application Insights takes 8,192 characters of a dimension; nobody reads as many. */
const longestDimension = 1_000;

/** Dimensions whose texts fit; what is not there is not sent. */
export function dimensionsOf(values: Readonly<Record<string, string | null | undefined>>): Dimensions {
  const kept = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(kept.map(([name, value]) => [name, shorten(value, longestDimension)]));
}

export function deploymentDimensions(facts: DeploymentFacts): Dimensions {
  const { key, service, name, region, subnet, routeTable } = facts;
  return dimensionsOf({ deployment: key, service, name, region, subnet, routeTable });
}

function transitionDimensions({ deployment, verdict }: DriftAlert, transition: Transition): Dimensions {
  const { id, requirement, severity, from, to, since, finding, causes, because } = transition;
  const [cause] = causes;
  return {
    ...deploymentDimensions(deployment),
    ...dimensionsOf({
      id,
      verdict,
      requirement,
      severity,
      from,
      status: to,
      since,
      message: finding.message,
      resource: finding.resource,
      fingerprint: `${deployment.key}/${requirement}`,
      counterexample: finding.evidence.counterexample?.addressPrefix,
      operation: cause?.operation,
      correlationId: cause?.correlationId,
      changedAt: cause?.time,
      principalId: cause?.principal?.id,
      principalType: cause?.principal?.type,
      because: because?.join('; '),
    }),
  };
}

function tell(telemetry: Telemetry, alert: Alert): void {
  if (alert.type === 'summary') {
    const { deployments, verdicts } = alert;
    telemetry.event(names.estate, { id: alert.id }, { deployments, ...verdicts });
    return;
  }
  for (const transition of alert.transitions) {
    telemetry.event(names[transition.kind], transitionDimensions(alert, transition));
  }
}

export function applicationInsightsChannel(telemetry: Telemetry): Channel {
  return {
    name: 'applicationInsights',
    split: (alert) => [alert],
    deliver: async (alert) => {
      tell(telemetry, alert);
      const isTaken = await telemetry.flush();
      return isTaken ? { kind: 'sent' } : { kind: 'retry', reason: 'Application Insights did not take all events' };
    },
  };
}
