import { foldedUp } from '../../src/profile/amounts.ts';
import type { CallTree } from '../../src/profile/call-tree.ts';
import { type FlameGraph, flameGraphOf } from '../../src/profile/flame-graph.ts';
import { Random } from '../partitions/random.ts';

/** A flame graph as the API answers it. */
export interface GraphAnswer {
  readonly unit: string;
  readonly names: readonly string[];
  readonly name: readonly number[];
  readonly parent: readonly number[];
  readonly self: readonly number[];
  readonly total: readonly number[];
  readonly meta: object;
}

/** With the amounts of what it is compared with. */
export interface DiffGraphAnswer extends GraphAnswer {
  readonly baseSelf: readonly number[];
  readonly baseTotal: readonly number[];
}

const meta = { profiles: 1, processes: 1, foldedShare: 0, warnings: [], partial: false };
const packages = 'http sql json grpc cache pg trace gzip checkout cart payments queue metrics tls index chunk'.split(
  ' ',
);
const words =
  'handle serve query scan flush encode decode lookup insert merge compact write read append parse visit'.split(' ');

/** A tree of so many nodes, at most 85 deep, with a few thousand frames that can be seen: harder to draw than a real one. */
export function wideTree(nodes: number, functions: number, seed = 1): GraphAnswer {
  const random = new Random(seed);
  const parent = new Int32Array(nodes);
  const name = new Int32Array(nodes);
  const depth = new Int32Array(nodes);
  for (let node = 1; node < nodes; node++) {
    const isDeeper = random.next() < 0.9 && (depth[node - 1] as number) < 84;
    let above = isDeeper ? node - 1 : Math.floor(random.next() ** 3 * node);
    if ((depth[above] as number) >= 84) above = 0;
    parent[node] = above;
    depth[node] = (depth[above] as number) + 1;
    name[node] = 1 + Math.floor(random.next() ** 2 * functions);
  }
  return answerOf(parent, name, namesOf(functions, random), (node) => heavyTailed(node, parent, random));
}

/**
 * A tree as of a program that makes its functions as it goes (as `large.cpu` of google/pprof): nine frames are wide, 85 % of the
 * time is in a hundred thousand that are too narrow to draw.
 */
export function dustTree(nodes: number, functions: number, seed = 2): GraphAnswer {
  const random = new Random(seed);
  const wide = [-1, 0, 1, 2, 3, 0, 5, 3, 7];
  const parent = new Int32Array(nodes);
  const name = new Int32Array(nodes);
  const depth = new Int32Array(nodes);
  /** What nearly all time is in, called from everywhere. */
  const clock = wide.length - 1;
  for (let node = 1; node < nodes; node++) {
    const isWide = node < wide.length;
    const isDeeper = !isWide && node > wide.length && (depth[node - 1] as number) < 60 && random.next() < 0.75;
    const above = isWide ? (wide[node] as number) : isDeeper ? node - 1 : 4;
    parent[node] = above;
    depth[node] = (depth[above] as number) + 1;
    name[node] = isWide || random.next() < 0.4 ? Math.min(node, clock) : 1 + Math.floor(random.next() * functions);
  }
  const isLeaf = new Uint8Array(nodes).fill(1);
  for (const above of parent) isLeaf[above] = 0;
  const big = [0, 0, 0, 0, 0, nodes / 30, nodes / 25, nodes / 30, nodes / 40];
  const selfOf = (node: number): number => big[node] ?? Number(isLeaf[node] === 1 || name[node] === clock);
  return answerOf(parent, name, namesOf(functions, random), (node) => Math.round(selfOf(node)));
}

/** The tree beside one in which some functions take three times as long, some a fifth, and some are new. */
export function diffOf(answer: GraphAnswer, seed = 3): DiffGraphAnswer {
  const random = new Random(seed);
  const factors = answer.names.map(() => {
    const kind = random.next();
    if (kind < 0.05) return 3;
    if (kind < 0.1) return 0.2;
    return kind < 0.13 ? 0 : 0.9 + random.next() * 0.2;
  });
  const baseSelf = answer.self.map((self, node) => Math.round(self * (factors[answer.name[node] ?? 0] ?? 1)));
  const baseTotal = baseSelf.slice();
  for (let node = baseTotal.length - 1; node > 0; node--) {
    const above = answer.parent[node] ?? 0;
    baseTotal[above] = (baseTotal[above] ?? 0) + (baseTotal[node] ?? 0);
  }
  const factor = 1 / (answer.total[0] ?? 1);
  return { ...answer, baseSelf, baseTotal, meta: { ...meta, factor, baseFactor: 1 / (baseTotal[0] ?? 1) } };
}

/** Heaviest child first, as the server has it. */
function answerOf(
  parent: Int32Array,
  name: Int32Array,
  names: readonly string[],
  selfOfNode: (node: number) => number,
): GraphAnswer {
  const self = Float64Array.from(parent, (_, node) => selfOfNode(node));
  const tree: CallTree = {
    size: parent.length,
    names,
    name,
    parent,
    self,
    total: foldedUp(self, parent),
    fileOf: () => '',
    divisor: 1,
    unit: 'nanoseconds',
    foldedAway: 0,
  };
  return answerOfGraph(flameGraphOf(tree, { maxNodes: Number.POSITIVE_INFINITY }));
}

export function answerOfGraph(graph: FlameGraph): GraphAnswer {
  const values = (amounts: ArrayLike<number | bigint>): number[] => Array.from(amounts, Number);
  return {
    unit: graph.unit,
    names: graph.names,
    name: [...graph.name],
    parent: [...graph.parent],
    self: values(graph.self),
    total: values(graph.total),
    meta,
  };
}

function namesOf(functions: number, random: Random): string[] {
  const made = Array.from({ length: functions }, (_, at) => {
    const type = at % 3 === 0 ? `(*${random.pick(words)}er).` : '';
    const path = at % 4 === 0 ? 'github.com/acme/shop/' : at % 7 === 0 ? 'runtime/' : '';
    return `${path}${random.pick(packages)}.${type}${random.pick(words)}${at}`;
  });
  return ['total', ...made];
}

/** Heavy tails: a few frames take most of it. */
function heavyTailed(node: number, parent: Int32Array, random: Random): number {
  if (node === 0 || parent[node] === 0) return 0;
  return Math.round(1e4 / (random.next() + 0.001) ** 1.2);
}
