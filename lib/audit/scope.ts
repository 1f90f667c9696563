/**
 * Which deployments the rules of forced tunneling concern: classic Developer and Premium, injected into a VNet. The SKU
 * is asked first, because a v2 service with outbound integration also says `virtualNetworkType: External`.
 * Source: Microsoft Learn, "Virtual network configuration reference: API Management" (availability).
 */
import type { Deployment } from '../requirements/situation.ts';

export type Scope = { readonly scope: 'in' } | { readonly scope: 'out'; readonly reason: string };

const injectable = new Set(['developer', 'premium']);

export function scopeOf(deployment: Deployment): Scope {
  const sku = deployment.sku.toLowerCase();
  const mode = deployment.mode.toLowerCase();
  if (sku.endsWith('v2')) {
    return { scope: 'out', reason: `${deployment.sku} does not need the exceptions of forced tunneling.` };
  }
  if (sku !== 'unknown' && !sku.startsWith('[') && !injectable.has(sku)) {
    return { scope: 'out', reason: `${deployment.sku} cannot be injected into a virtual network.` };
  }
  // A mode that this code does not know stays in scope where a subnet is named: better asked than overlooked.
  if (mode === 'none' && deployment.service.virtualNetworkType === undefined && deployment.subnetId !== undefined) {
    return { scope: 'in' };
  }
  if (mode === 'none') return { scope: 'out', reason: 'The service is not injected into a virtual network.' };
  return { scope: 'in' };
}
