/**
 * Where a deployment's traffic goes, as a picture that needs no script: dependencies on the left, the paths that they take in the
 * middle, the next hops on the right. Bands are as wide as the logarithm of their addresses, so that small ones can be seen.
 */
import { type SankeyLink, type SankeyNode, sankey, sankeyJustify, sankeyLinkHorizontal } from 'd3-sankey';
import { html, raw } from 'hono/html';
import type { DeploymentReport } from '../../audit/report.ts';
import { oneLine } from '../text.ts';

interface Node {
  readonly id: string;
  readonly label: string;
  /** CSS class of its colour. */
  readonly kind: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
  readonly value: number;
  readonly addresses: number;
  readonly kind: string;
}

type PlacedNode = SankeyNode<Node, Link>;
type PlacedLink = SankeyLink<Node, Link>;

const width = 760;
const rowHeight = 26;
const nodeWidth = 10;
const leftRoom = 110;
const rightRoom = 210;

const pathNames: Readonly<Record<string, string>> = {
  endpoint: 'service endpoint',
  direct: 'straight to the Internet',
  tunnel: 'through the tunnel',
  dropped: 'dropped',
  virtualNetwork: 'stays in the network',
  unknown: 'not known',
};

/** Band width of so many addresses. */
function weight(addresses: number): number {
  return 1 + Math.log2(Math.max(addresses, 1));
}

function graphOf({ paths }: DeploymentReport): { readonly nodes: Node[]; readonly links: Link[] } {
  const nodes = new Map<string, Node>();
  const links = new Map<string, Link>();
  const connect = (source: Node, target: Node, addresses: number, kind: string): void => {
    nodes.set(source.id, source);
    nodes.set(target.id, target);
    const key = `${source.id} ${target.id}`;
    const sum = (links.get(key)?.addresses ?? 0) + addresses;
    links.set(key, { source: source.id, target: target.id, value: weight(sum), addresses: sum, kind });
  };
  for (const { dependency, via } of paths) {
    for (const { path, nextHop, address, addresses } of via) {
      const hop = oneLine(address === undefined ? nextHop : `${nextHop} ${address}`);
      const middle = { id: `path:${path}`, label: pathNames[path] ?? path, kind: path };
      connect({ id: `dependency:${dependency}`, label: dependency, kind: 'dependency' }, middle, addresses, path);
      connect(middle, { id: `hop:${hop}`, label: hop, kind: path }, addresses, path);
    }
  }
  return { nodes: [...nodes.values()], links: [...links.values()] };
}

function band(link: PlacedLink) {
  const path = sankeyLinkHorizontal<Node, Link>()(link) ?? '';
  const [source, target] = [link.source as PlacedNode, link.target as PlacedNode];
  const title = `${source.label} → ${target.label}: ${link.addresses.toLocaleString('en-US')} addresses`;
  const strokeWidth = Math.max(link.width ?? 1, 1.5).toFixed(1);
  return html`<path class="band ${link.kind}" d="${path}" stroke-width="${strokeWidth}"><title>${title}</title></path>`;
}

function box({ x0 = 0, x1 = 0, y0 = 0, y1 = 0, label, kind }: PlacedNode) {
  const height = Math.max(y1 - y0, 2).toFixed(1);
  const isLeft = x0 < leftRoom + 1;
  const x = isLeft ? x0 - 6 : x1 + 6;
  const anchor = isLeft ? 'end' : 'start';
  const middle = ((y0 + y1) / 2).toFixed(1);
  return html`<rect class="${kind}" x="${x0.toFixed(1)}" y="${y0.toFixed(1)}" width="${nodeWidth}" height="${height}"/><text x="${x.toFixed(1)}" y="${middle}" dy=".35em" text-anchor="${anchor}">${label}</text>`;
}

/** Nothing where no path was computed. */
export function sankeyOf(deployment: DeploymentReport) {
  const { nodes, links } = graphOf(deployment);
  if (links.length === 0) return html``;
  const left = nodes.filter(({ kind }) => kind === 'dependency').length;
  const height = Math.max(left, 3) * rowHeight;
  const placed = sankey<Node, Link>()
    .nodeId(({ id }) => id)
    .nodeAlign(sankeyJustify)
    .nodeWidth(nodeWidth)
    .nodePadding(10)
    .extent([
      [leftRoom, 4],
      [width - rightRoom, height - 4],
    ])({ nodes: nodes.map((node) => ({ ...node })), links: links.map((link) => ({ ...link })) });
  const label = oneLine(`Where the traffic of ${deployment.name} goes`);
  return html`<svg class="sankey" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${placed.links.map(band)}${placed.nodes.map(box)}</svg>${raw('\n')}`;
}
