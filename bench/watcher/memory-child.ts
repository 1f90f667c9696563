/** Handles 100,000 events in one process and says how much it holds after 10,000 and at the end. Run with --expose-gc. */
import { readSettings } from '../../lib/settings.ts';
import { onEvents } from '../../lib/watch/on-events.ts';
import { openWatcher } from '../../lib/watch/watcher.ts';
import { eventOf } from './local-event.ts';

const watcher = await openWatcher(readSettings(process.env));
const batch = 500;

async function handle(from: number, to: number): Promise<void> {
  for (let first = from; first < to; first += batch) {
    const events = Array.from({ length: batch }, (_, offset) => {
      // Other resources with every batch: nothing is to be gained from those that were there before.
      const group = Math.floor((first + offset) / 25);
      const id = `/subscriptions/s/resourceGroups/g-${group}/providers/Microsoft.Compute/virtualMachines/vm`;
      return eventOf(id, `event-${first + offset}`);
    });
    await onEvents(watcher, events);
  }
}

async function heldBytes(): Promise<number> {
  // Collections in turn with idle time: what finishes between two of them goes with the next.
  for (let pass = 0; pass < 6; pass++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().heapUsed;
}

await handle(0, 10_000);
const early = await heldBytes();
await handle(10_000, 100_000);
process.stdout.write(`${JSON.stringify({ early, late: await heldBytes() })}\n`);
process.exit(0);
