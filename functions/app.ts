/**
 * What the functions of one process share: the settings, read when the app is loaded, so that a bad one stops the start; and the
 * watcher, opened by the first function that runs.
 */
import { readSettings } from '../lib/settings.ts';
import { openWatcher, type Watcher } from '../lib/watch/watcher.ts';

const settings = readSettings(process.env);
let opened: Promise<Watcher> | undefined;

/** @throws what the storage account refuses; the next call tries again */
export function watcher(): Promise<Watcher> {
  opened ??= openWatcher(settings).catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

/** Where queues and host keep their things: the name of the setting, for the triggers. */
export const connection = 'AzureWebJobsStorage';
