/** What is known of the estate as a whole: when it was first seen, and how the last sweep went. */

import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { z } from 'zod';
import { pack, unpack } from './packed.ts';
import { estatePartition } from './row-keys.ts';
import { isAbsent, isConflict, type Storage } from './storage.ts';

const sweepSchema = z.object({
  startedAt: z.string(),
  finishedAt: z.string(),
  services: z.number(),
  deployments: z.number(),
  queued: z.number(),
  errors: z.array(z.object({ resource: z.string(), message: z.string() })),
});
export type Sweep = z.infer<typeof sweepSchema>;

const firstSightRow = 'firstSight';
const sweepRow = 'sweep';

async function find(storage: Storage, row: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return await storage.table.getEntity(estatePartition, row);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** Whether the estate has been seen as a whole: what is found after that is news. */
export async function isKnownEstate(storage: Storage): Promise<boolean> {
  return (await find(storage, firstSightRow)) !== undefined;
}

/** Ends the first sight, together with what is said about it. @returns false where somebody else did */
export async function endFirstSight(storage: Storage, at: Date, outbox: readonly TableEntity[]): Promise<boolean> {
  const row = { partitionKey: estatePartition, rowKey: firstSightRow, at };
  const actions: TransactionAction[] = [['create', row], ...outbox.map((each): TransactionAction => ['create', each])];
  try {
    await storage.table.submitTransaction(actions);
    return true;
  } catch (error) {
    if (isConflict(error)) return false;
    throw error;
  }
}

export async function recordSweep(storage: Storage, sweep: Sweep): Promise<void> {
  const row = { partitionKey: estatePartition, rowKey: sweepRow, finishedAt: sweep.finishedAt, ...pack(sweep) };
  await storage.table.upsertEntity(row, 'Replace');
}

export async function lastSweep(storage: Storage): Promise<Sweep | undefined> {
  const entity = await find(storage, sweepRow);
  return entity && sweepSchema.parse(unpack(entity));
}
