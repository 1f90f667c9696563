/** What API Management's own network status says. Files carry none, so none is asked for there. */
import { notApplicable } from './outcome.ts';
import type { Requirement } from './requirement.ts';

export const observedConnectivity: Requirement = {
  id: 'observed-connectivity',
  severity: 'critical',
  needsTunnel: false,
  title: 'Azure itself observes every dependency as reachable',
  demand: "The service's network status reports success for each dependency, and is fresh.",
  impact: 'The service itself says that it cannot reach a dependency.',
  check: () => notApplicable('No source was asked for the network status.'),
};
