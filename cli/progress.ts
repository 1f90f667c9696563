/** Progress of long work on standard error: a line that moves on a terminal, now and then a line elsewhere. */

/** Below this many deployments an audit is over before anyone could read of it. */
const worthTelling = 200;
const terminalInterval = 100;
const plainInterval = 5000;

/** @returns a callback for the evaluator; silent for small estates */
export function progressLine(): (done: number, total: number) => void {
  const { isTTY } = process.stderr;
  const interval = isTTY ? terminalInterval : plainInterval;
  let last = 0;
  return (done, total) => {
    if (total < worthTelling) return;
    const now = Date.now();
    if (done < total && done > 0 && now - last < interval) return;
    last = now;
    const percent = Math.floor((done / total) * 100);
    const text = `evaluated ${done} of ${total} deployments (${percent} %)`;
    process.stderr.write(isTTY ? `\r${text}${done === total ? '\n' : ''}` : `tunnelwatch: ${text}\n`);
  };
}
