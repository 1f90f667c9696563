/**
 * Where things stand in the table. Partitions are hashes, so that estates of any size spread over the store's servers, and
 * because resource ids hold characters that table keys may not.
 */
import { createHash } from 'node:crypto';

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Partition of a deployment: its state, its pending mark, its outbox and its history, so that they change together. */
export function deploymentPartition(deploymentKey: string): string {
  return `d-${hashOf(deploymentKey)}`;
}

/** Partition of a key of read sets: the deployments that read it. */
export function readPartition(readKey: string): string {
  return `r-${hashOf(readKey)}`;
}

export function deploymentRow(deploymentKey: string): string {
  return hashOf(deploymentKey);
}

/** Partition of what concerns the estate as a whole. */
export const estatePartition = 'estate';

export const stateRow = 'state';
export const pendingRow = 'pending';
export const outboxPrefix = 'outbox-';
export const historyPrefix = 'history-';
/** The character after the last of a prefix: the end of a range of rows. */
export function endOfPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`;
}

/** The youngest first: what sorts backwards in time. */
export function historyRow(time: Date, id: string): string {
  return `${historyPrefix}${String(10 ** 14 - time.getTime()).padStart(15, '0')}-${id}`;
}
