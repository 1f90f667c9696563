/** The queues between the functions; each has a `<name>-poison` beside it. */
export const queueNames = ['changes', 'evaluate', 'alerts'] as const;
export type QueueName = (typeof queueNames)[number];
