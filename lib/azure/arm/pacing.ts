/**
 * Slows down before Azure has to say no. Resource Manager fills the bucket of a subscription's reads by 25 a second (Microsoft
 * Learn, "Understand how Azure Resource Manager throttles requests") and says in each answer how many are left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { Clock } from '../../clock.ts';

const refillPerSecond = 25;
/** With fewer left, each request waits for what it takes out to be filled up again. */
const low = 25;
const headers = ['x-ms-ratelimit-remaining-subscription-reads', 'x-ms-ratelimit-remaining-subscription-global-reads'];

function subscriptionOf(url: string): string {
  return /\/subscriptions\/([^/?]+)/i.exec(url)?.[1]?.toLowerCase() ?? '';
}

export function pacing(clock: Clock): PipelinePolicy {
  const nextAt = new Map<string, number>();
  return {
    name: 'pacing',
    sendRequest: async (request, next) => {
      const subscription = subscriptionOf(request.url);
      const wait = (nextAt.get(subscription) ?? 0) - clock.now().getTime();
      if (wait > 0)
        await sleep(wait, undefined, request.abortSignal ? { signal: request.abortSignal as AbortSignal } : {});
      const response = await next(request);
      const left = headers.map((name) => Number(response.headers.get(name) ?? Number.NaN)).filter(Number.isFinite);
      const least = Math.min(...left, low);
      if (least < low) {
        nextAt.set(subscription, clock.now().getTime() + ((low - least) / refillPerSecond) * 1000);
      } else nextAt.delete(subscription);
      return response;
    },
  };
}
