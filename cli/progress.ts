/** Progress of long work on standard error: a line that moves on a terminal, now and then a line elsewhere. */

/** What is counted, and from how many on it is worth telling. */
export interface Counted {
  readonly verb: string;
  readonly unit: string;
  readonly worthTelling: number;
  /** How many of what is counted are one of the unit; 1 by default. */
  readonly perUnit?: number;
}

/** Below this many deployments an audit is over before anyone could read of it. */
export const deployments: Counted = { verb: 'evaluated', unit: 'deployments', worthTelling: 200 };
export const fileBytes: Counted = { verb: 'read', unit: 'MB', worthTelling: 50e6, perUnit: 1e6 };
/** More than one page of Resource Graph. */
export const resources: Counted = { verb: 'read', unit: 'resources', worthTelling: 1001 };

const terminalInterval = 100;
const plainInterval = 5000;

/** @returns a callback for what does the work; silent for small work, and always telling the end of a large one */
export function progressOf({ verb, unit, worthTelling, perUnit = 1 }: Counted): (done: number, total: number) => void {
  const { isTTY } = process.stderr;
  const interval = isTTY ? terminalInterval : plainInterval;
  let last = Number.NEGATIVE_INFINITY;
  return (done, total) => {
    if (total < worthTelling) return;
    const now = performance.now();
    if (done < total && now - last < interval) return;
    last = now;
    const [part, whole] = [done, total].map((count) => Math.round(count / perUnit).toLocaleString('en-US'));
    const text = `${verb} ${part} of ${whole} ${unit} (${Math.floor((done / total) * 100)} %)`;
    process.stderr.write(isTTY ? `\r${text}${done === total ? '\n' : ''}` : `tunnelwatch: ${text}\n`);
  };
}
