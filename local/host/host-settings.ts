/** What the host reads of host.json, with the defaults of the real one. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const duration = z.string().regex(/^\d{2}:\d{2}:\d{2}(\.\d+)?$/);

const hostJsonSchema = z.looseObject({
  extensions: z
    .looseObject({
      http: z.looseObject({ routePrefix: z.string().default('api') }).optional(),
      queues: z
        .looseObject({
          maxPollingInterval: duration.default('00:01:00'),
          visibilityTimeout: duration.default('00:00:00'),
          batchSize: z.number().int().min(1).max(32).default(16),
          newBatchThreshold: z.number().int().min(0).optional(),
          maxDequeueCount: z.number().int().min(1).default(5),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .optional(),
    })
    .optional(),
});

export interface QueueSettings {
  readonly pollMs: number;
  /** Until a message that failed is seen again. */
  readonly retryMs: number;
  readonly batchSize: number;
  /** Messages of one queue that are worked on at once. */
  readonly concurrency: number;
  readonly maxDequeueCount: number;
  readonly messageEncoding: 'base64' | 'none';
  /** For which a message is hidden before its time is renewed. */
  readonly invisibleSeconds: number;
}

export interface HostSettings {
  readonly routePrefix: string;
  readonly queues: QueueSettings;
}

/** Locally nobody wants to wait for the next look at a queue. */
const longestLocalPollMs = 150;

function milliseconds(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
}

/** @throws Error for a host.json that the real host would not take */
export function readHostSettings(path: string): HostSettings {
  const { extensions } = hostJsonSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const queues = extensions?.queues;
  const batchSize = queues?.batchSize ?? 16;
  return {
    routePrefix: extensions?.http?.routePrefix ?? 'api',
    queues: {
      pollMs: Math.min(milliseconds(queues?.maxPollingInterval ?? '00:01:00'), longestLocalPollMs),
      retryMs: milliseconds(queues?.visibilityTimeout ?? '00:00:00'),
      batchSize,
      concurrency: batchSize + (queues?.newBatchThreshold ?? Math.ceil(batchSize / 2)),
      maxDequeueCount: queues?.maxDequeueCount ?? 5,
      messageEncoding: queues?.messageEncoding ?? 'base64',
      invisibleSeconds: 60,
    },
  };
}
