/** A process that loads the app, takes one event, and says after how many milliseconds of its life that was done. */
import { pathToFileURL } from 'node:url';
import { Core } from '../../local/host/core.ts';
import { eventOf } from './local-event.ts';

const core = new Core(() => {});
const loadedAt = performance.now();
await import(pathToFileURL(process.argv[2] ?? '').href);
await core.start();
const registered = core.functions.find(({ name }) => name === 'onResourceChange');
if (!registered) throw new Error('the app has no onResourceChange');
const id = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm';
await core.invoke(registered, { json: JSON.stringify(eventOf(id, 'cold')) });
process.stdout.write(`${JSON.stringify({ total: performance.now(), app: performance.now() - loadedAt })}\n`);
process.exit(0);
