import { type Amounts, foldedUp } from './amounts.ts';
import type { CallTree } from './call-tree.ts';
import { type FlameGraph, flameGraphOf } from './flame-graph.ts';
import type { JsonBytes } from './json-bytes.ts';
import { jsonNumber } from './json-number.ts';

/**
 * The file format of https://www.speedscope.app (file-format-schema.json), one profile. It is the evented form: as long as
 * the tree has nodes, where a list of stacks would name every frame of every one of them. A call lasts as long as its total,
 * heaviest calls first; samples without frames are time in which nothing is open.
 */

const schema = 'https://www.speedscope.app/file-format-schema.json';
/** Units that speedscope knows; all else is `none`. */
const knownUnits = new Set(['nanoseconds', 'microseconds', 'milliseconds', 'seconds', 'bytes']);
/** Events that are made to bytes together. */
const eventsAtOnce = 4096;

/**
 * A call tree as a whole speedscope file; `name` is its title. The format has no values below 0: they are left out, and the
 * name says how much they were. Nothing may have been folded away in the tree.
 */
export function writeSpeedscope(
  json: JsonBytes,
  tree: CallTree,
  { name, check = () => {} }: { readonly name: string; readonly check?: () => void },
): void {
  const graph = flameGraphOf(tree, { maxNodes: Infinity, check });
  const { shown, leftOut } = withoutNegatives(graph.self);
  const unit = knownUnits.has(graph.unit) ? graph.unit : 'none';
  const title =
    leftOut === 0n ? name : `${name} (without values below 0, which add up to ${jsonNumber(leftOut, graph.divisor)})`;
  json.text(
    `{"$schema":"${schema}","exporter":"flameherd","name":${JSON.stringify(title)},"activeProfileIndex":0,` +
      `"shared":{"frames":[${framesOf(tree, graph.names).join(',')}]},` +
      `"profiles":[{"type":"evented","name":${JSON.stringify(title)},"unit":"${unit}","startValue":0,"events":[`,
  );
  const end = writeEvents(json, graph, shown, check);
  json.text(`],"endValue":${jsonNumber(end, graph.divisor)}}]}`);
}

/** By the graph's names, the root's included: what is a frame keeps its number. */
function framesOf(tree: CallTree, names: readonly string[]): string[] {
  const ids = new Map<string, number>();
  for (let id = 1; id < tree.names.length; id++) ids.set(tree.names[id] as string, id);
  return names.map((name) => {
    const id = ids.get(name);
    const file = id === undefined ? '' : tree.fileOf(id);
    return `{"name":${JSON.stringify(name)}${file === '' ? '' : `,"file":${JSON.stringify(file)}`}}`;
  });
}

/** Opens and closes every call in which something was counted; answers where the last one ends. */
function writeEvents(
  json: JsonBytes,
  { name, parent, divisor }: FlameGraph,
  self: Amounts,
  check: () => void,
): number | bigint {
  const total = foldedUp(self, parent);
  const open: number[] = [];
  let at: number | bigint = self instanceof Float64Array ? 0 : 0n;
  let waiting: string[] = [];
  let isFirst = true;
  const event = (type: 'O' | 'C', entry: number): void => {
    waiting.push(`${isFirst ? '' : ','}{"type":"${type}","frame":${name[entry]},"at":${jsonNumber(at, divisor)}}`);
    isFirst = false;
    if (waiting.length < eventsAtOnce) return;
    check();
    json.text(waiting.join(''));
    waiting = [];
  };
  const closeUpTo = (above: number): void => {
    while (open.length > 0 && open.at(-1) !== above) event('C', open.pop() as number);
  };
  // Preorder: a call is over when one comes that it did not make.
  for (let entry = 0; entry < parent.length; entry++) {
    if (entry > 0) {
      if (Number(total[entry]) === 0) continue;
      closeUpTo(parent[entry] as number);
      event('O', entry);
      open.push(entry);
    }
    at = plus(at, self[entry] as number | bigint);
  }
  closeUpTo(0);
  json.text(waiting.join(''));
  return at;
}

function withoutNegatives(self: Amounts): { shown: Amounts; leftOut: bigint } {
  if (!self.some((amount: number | bigint) => amount < 0)) return { shown: self, leftOut: 0n };
  let leftOut = 0n;
  const shownOf = (amount: bigint): bigint => {
    if (amount < 0n) leftOut += amount;
    return amount < 0n ? 0n : amount;
  };
  const shown = Array.from(self, (amount: number | bigint) => shownOf(BigInt(amount)));
  return { shown, leftOut };
}

/** Both of a kind. */
function plus(a: number | bigint, b: number | bigint): number | bigint {
  return typeof a === 'bigint' ? a + BigInt(b) : a + Number(b);
}
