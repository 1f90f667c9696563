/** `tunnelwatch trace`: where a subnet sends a range, piece by piece. */

import type { RouteEvidence } from '../lib/audit/report.ts';
import { type Trace, type TracePiece, traceRange } from '../lib/audit/trace.ts';
import { type EstateOptions, readInput, readTags } from './input.ts';
import { writeOut } from './output.ts';

export interface TraceCommandOptions extends EstateOptions {
  readonly subnet: string;
  readonly to: string;
  readonly serviceTags?: string;
  readonly format: 'table' | 'json' | 'html';
  readonly output?: string;
}

const pathText: Readonly<Record<TracePiece['path'], string>> = {
  endpoint: 'to the service by its endpoint',
  direct: 'straight to the Internet',
  tunnel: 'into the tunnel',
  dropped: 'nowhere: dropped',
  virtualNetwork: 'within the virtual network',
  unknown: 'not known',
};

function routeText(route: RouteEvidence): string {
  const hop = route.nextHopIpAddress ? `${route.nextHopType} ${route.nextHopIpAddress}` : route.nextHopType;
  return `"${route.name}" ${route.addressPrefix} -> ${hop} (${route.source})`;
}

function* toText(trace: Trace): Iterable<string> {
  yield `Subnet ${trace.subnet}\nTo     ${trace.to}\n`;
  for (const piece of trace.pieces) {
    const count = piece.addresses === 1 ? '1 address' : `${piece.addresses.toLocaleString('en-US')} addresses`;
    const more = piece.addressPrefixes.length > 3 ? ', ...' : '';
    yield `\n${piece.addressPrefixes.slice(0, 3).join(', ')}${more} (${count}): ${pathText[piece.path]}\n`;
    yield piece.winner ? `  wins   ${routeText(piece.winner)}\n` : '  no route matches\n';
    for (const loser of piece.losers) yield `  loses  ${routeText(loser.route)}: ${loser.reason}\n`;
  }
  if (trace.notSeen.length > 0)
    yield `\nNot seen, so not certain:\n${trace.notSeen.map((text) => `  - ${text}\n`).join('')}`;
  if (trace.assumptions.length > 0)
    yield `\nTaken for granted:\n${trace.assumptions.map((text) => `  - ${text}\n`).join('')}`;
}

async function formatted(trace: Trace, format: TraceCommandOptions['format']): Promise<Iterable<string>> {
  if (format === 'table') return toText(trace);
  if (format === 'json') return [`${JSON.stringify(trace, null, 2)}\n`];
  const { tracePage } = await import('../lib/report/html/trace.ts');
  return [tracePage(trace)];
}

export async function runTrace(options: TraceCommandOptions): Promise<void> {
  const tagsFor = await readTags(options.serviceTags);
  const estate = await readInput(options);
  const trace = traceRange(estate, options.subnet, options.to, { tagsFor });
  await writeOut(await formatted(trace, options.format), options.output);
}
