/**
 * The buckets of reads that Resource Manager keeps for each subscription (Microsoft Learn, "Understand how Azure Resource Manager
 * throttles requests": 250 tokens, 25 more a second). Without a quota there is always enough.
 */

export interface Quota {
  readonly size: number;
  readonly perSecond: number;
}

export const realQuota: Quota = { size: 250, perSecond: 25 };

/** What a read finds: how many are left after it, or how many seconds until there is one. */
export type Taken = { readonly left: number } | { readonly waitSeconds: number };

/** @param now milliseconds */
export function readBuckets(quota: Quota | undefined, now: () => number): (subscription: string) => Taken {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (subscription) => {
    if (!quota) return { left: realQuota.size - 1 };
    const at = now();
    const known = buckets.get(subscription) ?? { tokens: quota.size, at };
    const tokens = Math.min(quota.size, known.tokens + ((at - known.at) / 1000) * quota.perSecond);
    if (tokens < 1) {
      buckets.set(subscription, { tokens, at });
      return { waitSeconds: Math.ceil((1 - tokens) / quota.perSecond) };
    }
    buckets.set(subscription, { tokens: tokens - 1, at });
    return { left: Math.floor(tokens - 1) };
  };
}
