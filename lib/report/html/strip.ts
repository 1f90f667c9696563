/**
 * The whole IPv4 space as one strip, three pixels a /8 block: which part goes where. In a block that goes several ways each way is as
 * high as its share, but never too low to be seen. The legend says the same in words and numbers; the script adds a slider that
 * reads the block under it out.
 */
import { html } from 'hono/html';
import type { AddressSpace, DeploymentReport } from '../../audit/report.ts';
import type { Shapes } from './shapes.ts';
import { line } from './text.ts';
import { pathWords, roundCount, shareText } from './words.ts';

const pixels = 3;
const height = 36;
/** Of a way that is there at all. */
const least = 4;

type Block = AddressSpace['blocks'][number];
type Hop = AddressSpace['hops'][number];

/** Heights of the ways of a block: what is left is the widest one's. */
function heights({ via }: Block): ReadonlyMap<number, number> {
  const widest = via.reduce((a, b) => (b.addresses > a.addresses ? b : a));
  const rest = via.filter((way) => way !== widest);
  const lowest = Math.max(1, Math.min(least, Math.floor(height / via.length)));
  const high = new Map(
    rest.map(({ hop, addresses }) => [hop, Math.max(lowest, Math.round((addresses / 2 ** 24) * height))] as const),
  );
  const taken = [...high.values()].reduce((sum, each) => sum + each, 0);
  return high.set(widest.hop, Math.max(lowest, height - taken));
}

/** Whether all of a block goes the way of most addresses, which is the ground that the others are drawn on. */
function isGround({ via }: Block): boolean {
  return via.length === 1 && via[0]?.hop === 0;
}

/** The rectangles of each way, as one path each. */
function rectangles({ hops, blocks }: AddressSpace): readonly string[] {
  const paths = hops.map((_, hop) => (hop === 0 ? `M0 0h${256 * pixels}v${height}H0z` : ''));
  for (const block of blocks) {
    if (isGround(block)) continue;
    let y = 0;
    const wide = (block.last - block.first + 1) * pixels;
    // The widest on top, so that the small ones stand on the ground line.
    const stacked = [...heights(block)].sort((a, b) => b[1] - a[1]);
    for (const [hop, high] of stacked) {
      if (hop > 0) paths[hop] += `M${block.first * pixels} ${y}h${wide}v${high}h-${wide}z`;
      y += high;
    }
  }
  return paths;
}

/** For the slider, what is not ground: `first-last=hop` of what goes one way, else `first=hop:addresses,...`, all in base 36. */
function encode({ blocks }: AddressSpace): string {
  return blocks
    .filter((block) => !isGround(block))
    .map(({ first, last, via }) => {
      const range = first === last ? first.toString(36) : `${first.toString(36)}-${last.toString(36)}`;
      const [only, ...others] = via;
      if (only && others.length === 0) return `${range}=${only.hop.toString(36)}`;
      return `${range}=${via.map(({ hop, addresses }) => `${hop.toString(36)}:${addresses.toString(36)}`).join(',')}`;
    })
    .join(' ');
}

/** A class of the style; what nothing uses is no loss. */
function colourOf({ path, isUnused }: Hop): string {
  return isUnused ? 'unused' : path;
}

/** Not the next hop again where the path says it all. */
function hopText({ path, nextHop, address, isUnused }: Hop): string {
  if (isUnused) return 'private ranges that nothing uses';
  if (path === 'endpoint' || path === 'direct' || path === 'unknown') return pathWords[path];
  return `${pathWords[path]}: ${address === undefined ? nextHop : `${nextHop} ${address}`}`;
}

function legend({ hops }: AddressSpace) {
  const entries = hops.map(
    (hop) =>
      html`<li><i class="${colourOf(hop)}"></i><span>${line(hopText(hop))}</span> ${roundCount(hop.addresses)} (${shareText(hop.addresses)})</li>`,
  );
  return html`<ul class="legend">${entries}</ul>`;
}

/** Nothing where the address space was not computed. */
export function stripOf({ addressSpace }: DeploymentReport, shapes: Shapes) {
  if (!addressSpace) return html``;
  const paths = rectangles(addressSpace);
  const drawn = addressSpace.hops.map((hop, index) => html`<path class="${colourOf(hop)}" d="${paths[index] ?? ''}"/>`);
  return html`<figure class="strip"><svg viewBox="0 0 ${256 * pixels} ${height}" preserveAspectRatio="none" role="img" aria-label="The IPv4 address space from 0.0.0.0 on the left to 255.255.255.255 on the right">${shapes.show(html`<g class="space" data-blocks="${encode(addressSpace)}">${drawn}</g>`)}</svg><figcaption>${legend(addressSpace)}</figcaption></figure>
`;
}
