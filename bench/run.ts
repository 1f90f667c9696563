/**
 * Measures what the README claims, each claim with its peer in the same run. `npm run bench` runs all,
 * `npm run bench -- coverage` one. It judges nothing but the bars; times of one machine mean little on another.
 */
import Table from 'cli-table3';
import type { Claim, Result } from './claim.ts';
import { coverage } from './coverage.ts';
import { evaluation } from './evaluation.ts';
import { lookUp } from './look-up.ts';
import { page } from './page.ts';
import { partition } from './partition.ts';
import { scale } from './scale.ts';
import { acceptedEvents } from './watcher/accepted-events.ts';
import { alertLatency } from './watcher/alert-latency.ts';
import { coldStartClaim } from './watcher/cold-start.ts';
import { evaluations } from './watcher/evaluations.ts';
import { memory } from './watcher/memory.ts';
import { sweepReads } from './watcher/sweep-reads.ts';

const claims: readonly Claim[] = [
  coverage,
  lookUp,
  partition,
  evaluation,
  scale,
  page,
  alertLatency,
  acceptedEvents,
  evaluations,
  coldStartClaim,
  memory,
  sweepReads,
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !claims.some((claim) => claim.name === name));
if (unknown.length > 0)
  throw new Error(`no such claim: ${unknown.join(', ')}; there are ${claims.map((claim) => claim.name).join(', ')}`);

const results: Result[] = [];
for (const claim of claims.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  process.stderr.write(`measuring ${claim.name} ...\n`);
  results.push(...(await claim.run()));
}
const table = new Table({
  head: ['claim', 'bar', 'measured', 'holds'],
  style: { head: [], border: [] },
  colWidths: [62, 36, 12, 7],
  wordWrap: true,
});
for (const { claim, bar, measured, holds } of results) table.push([claim, bar, measured, holds ? 'yes' : 'NO']);
process.stdout.write(`Node ${process.version}\n${table.toString()}\n`);
process.exitCode = results.every(({ holds }) => holds) ? 0 : 1;
