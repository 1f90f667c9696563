/**
 * Where a deployment's traffic goes, as a picture that needs no script: dependencies on the left, the paths that they take in the
 * middle, the next hops on the right. Bands are as wide as the logarithm of their addresses, so that small ones can be seen, in few
 * steps and without the numbers, which stand in the description: so that deployments of one template have the same shape.
 */
import { type SankeyLink, type SankeyNode, sankey, sankeyJustify, sankeyLinkHorizontal } from 'd3-sankey';
import { html } from 'hono/html';
import type { DependencyPath, DeploymentReport } from '../../audit/report.ts';
import { requirementsOnTheWay } from '../../requirements/on-the-way.ts';
import { oneLine, plural } from '../text.ts';
import type { Shapes } from './shapes.ts';
import { pathWords } from './words.ts';

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
  readonly kind: string;
}

type PlacedNode = SankeyNode<Node, Link>;
type PlacedLink = SankeyLink<Node, Link>;

const width = 840;
const rowHeight = 26;
const nodeWidth = 10;
const leftRoom = 150;
const rightRoom = 225;

/** Whether a requirement on the way to this dependency fails. */
function fails({ findings }: DeploymentReport, { dependency, via }: DependencyPath): boolean {
  const about = new Map<string, readonly string[]>(Object.entries(requirementsOnTheWay)).get(dependency) ?? [];
  const isDropped = via.some(({ path }) => path === 'dropped');
  return findings.some(
    ({ requirement, status, severity }) =>
      status === 'fail' &&
      severity !== 'info' &&
      (about.includes(requirement) || (isDropped && requirement === 'dependency-not-dropped')),
  );
}

/** Band width of so many addresses, in steps of a factor of 16. */
function weight(addresses: number): number {
  return 1 + Math.ceil(Math.log2(Math.max(addresses, 1)) / 4);
}

function hopLabel({ nextHop, address }: DependencyPath['via'][number]): string {
  return oneLine(address === undefined ? nextHop : `${nextHop} ${address}`);
}

function graphOf(deployment: DeploymentReport): { readonly nodes: Node[]; readonly links: Link[] } {
  const nodes = new Map<string, Node>();
  const links = new Map<string, Link>();
  const connect = (source: Node, target: Node, value: number, kind: string): void => {
    nodes.set(source.id, source);
    nodes.set(target.id, target);
    const key = `${source.id} ${target.id}`;
    links.set(key, { source: source.id, target: target.id, value: (links.get(key)?.value ?? 0) + value, kind });
  };
  for (const way of deployment.paths) {
    const { dependency, via } = way;
    const isBroken = fails(deployment, way);
    const left = {
      id: `d ${dependency}`,
      label: `${isBroken ? '✗ ' : ''}${dependency}`,
      kind: isBroken ? 'broken' : 'plain',
    };
    for (const step of via) {
      const { path, addresses } = step;
      const middle = { id: `p ${path}`, label: pathWords[path], kind: path };
      connect(left, middle, weight(addresses), path);
      connect(middle, { id: `h ${hopLabel(step)}`, label: hopLabel(step), kind: path }, weight(addresses), path);
    }
  }
  return { nodes: [...nodes.values()], links: [...links.values()] };
}

function band(link: PlacedLink) {
  const path = (sankeyLinkHorizontal<Node, Link>()(link) ?? '').replace(/\d+\.\d+/g, (found) =>
    Number(found).toFixed(),
  );
  return html`<path d="${path}" stroke-width="${Math.max(link.width ?? 1, 2).toFixed()}"/>`;
}

function boxPath({ x0 = 0, y0 = 0, y1 = 0 }: PlacedNode): string {
  const height = Math.max(Math.round(y1 - y0), 2);
  return `M${x0.toFixed()} ${y0.toFixed()}h${nodeWidth}v${height}h-${nodeWidth}z`;
}

function text({ x0 = 0, x1 = 0, y0 = 0, y1 = 0, label }: PlacedNode) {
  const isLeft = x0 < leftRoom + 1;
  const x = (isLeft ? x0 - 6 : x1 + 6).toFixed();
  return html`<text x="${x}" y="${((y0 + y1) / 2 + 4).toFixed()}">${label}</text>`;
}

function grouped<T extends { readonly kind: string }>(things: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) groups.set(thing.kind, [...(groups.get(thing.kind) ?? []), thing]);
  return groups;
}

/** The same in words and numbers. */
function describe({ paths }: DeploymentReport): string {
  const parts = paths.flatMap(({ dependency, via }) =>
    via.map(({ path, addresses }) => `${dependency} ${pathWords[path]}: ${plural(addresses, 'address', 'addresses')}`),
  );
  return parts.join('; ');
}

/** Nothing where no path was computed. */
export function sankeyOf(deployment: DeploymentReport, shapes: Shapes) {
  const { nodes, links } = graphOf(deployment);
  if (links.length === 0) return html``;
  const height = Math.max(nodes.filter(({ id }) => id.startsWith('d ')).length, 3) * rowHeight;
  const placed = sankey<Node, Link>()
    .nodeId(({ id }) => id)
    .nodeAlign(sankeyJustify)
    .nodeWidth(nodeWidth)
    .nodePadding(10)
    .extent([
      [leftRoom, 4],
      [width - rightRoom, height - 4],
    ])({ nodes, links });
  const isLeft = ({ x0 = 0 }: PlacedNode): boolean => x0 < leftRoom + 1;
  const bands = [...grouped(placed.links)].map(([kind, group]) => html`<g class="${kind}">${group.map(band)}</g>`);
  const boxes = [...grouped(placed.nodes)].map(
    ([kind, group]) => html`<path class="${kind}" d="${group.map(boxPath).join('')}"/>`,
  );
  const left = [...grouped(placed.nodes.filter(isLeft))].map(
    ([kind, group]) => html`<g class="left ${kind}">${group.map(text)}</g>`,
  );
  const inMiddle = placed.nodes.filter(({ id }) => id.startsWith('p '));
  const shape = html`<g class="flow">${bands}${boxes}${left}${inMiddle.map(text)}</g>`;
  // The next hops' addresses are what differs between deployments of one template.
  const hops = placed.nodes.filter(({ id }) => id.startsWith('h ')).map(text);
  return html`<svg class="sankey" viewBox="0 0 ${width} ${height}" role="img"><title>${describe(deployment)}</title>${shapes.show(shape)}${hops}</svg>
`;
}
