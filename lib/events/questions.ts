/**
 * Operations that ask and change nothing, although they are POST requests and may raise `ResourceActionSuccess`: the watcher's
 * own among them would wake it again and again.
 */

/** `getLearnedRoutes`, `listKeys`; `join...`: permission checks, whose change has an event of its own. */
const prefixes = ['get', 'list', 'join', 'performconnectivitycheck'];

/** Last part of the operation, before `/action`. */
const questions = new Set([
  'effectiveroutes',
  'effectiveroutetable',
  'effectivenetworksecuritygroups',
  'learnedroutes',
]);

/** @param operation such as `Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action` */
export function isQuestion(operation: string): boolean {
  const parts = operation.toLowerCase().split('/');
  const [namespace] = parts;
  const verb = parts.at(-1) === 'action' ? (parts.at(-2) ?? '') : '';
  if (parts.at(-1) === 'read') return true;
  if (namespace === 'microsoft.resourcegraph') return true;
  return questions.has(verb) || prefixes.some((prefix) => verb.startsWith(prefix));
}
