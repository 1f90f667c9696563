/**
 * Operations that ask and change nothing, although they are POST requests and may raise `ResourceActionSuccess`: the watcher's own
 * among them would wake it again and again.
 */

/** Last part of the operation, before `/action`. */
const questions = new Set([
  'getlearnedroutes',
  'getbgppeerstatus',
  'getadvertisedroutes',
  'effectiveroutes',
  'effectiveroutetable',
  'effectivenetworksecuritygroups',
  'listnetworkmanagereffectivesecurityadminrules',
  'listnetworkmanagereffectiveconnectivityconfigurations',
  'performconnectivitycheck',
  'performconnectivitycheckasync',
  'listlearnedroutes',
  'listkeys',
  'listsecrets',
  'getssotoken',
  // Permission checks: the change that they are made for has an event of its own.
  'join',
  'joinviaserviceendpoint',
]);

/** @param operation such as `Microsoft.Network/virtualNetworkGateways/getLearnedRoutes/action` */
export function isOwnRead(operation: string): boolean {
  const parts = operation.toLowerCase().split('/');
  if (parts.at(-1) === 'read') return true;
  return parts.at(-1) === 'action' && questions.has(parts.at(-2) ?? '');
}
