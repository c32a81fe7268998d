import { foldedName } from '../model/folded-stack.ts';
import { byBytes } from './by-bytes.ts';
import type { CallTree } from './call-tree.ts';
import { jsonNumber } from './json-number.ts';

/** Nodes between two checks. */
const checkedNodes = 8192;

/**
 * A call tree as folded stacks, root first: `main;serve;query 4`, a line for each stack that is not 0, sorted by
 * bytes. Names are as `foldedName` has them, so a line is always one stack.
 * `check` is called every few thousand nodes and may throw to stop the work.
 */
export function collapsedOf(tree: CallTree, check: () => void = () => {}): string {
  const names = tree.names.map(foldedName);
  const lines: string[] = [];
  for (let node = 0; node < tree.size; node++) {
    if (node % checkedNodes === 0) check();
    const self = tree.self[node] as number | bigint;
    if (BigInt(self) !== 0n) lines.push(`${foldedStackText(tree, names, node)} ${jsonNumber(self, tree.divisor)}`);
  }
  return lines.length === 0 ? '' : `${lines.sort(byBytes).join('\n')}\n`;
}

/** The stack of a node; samples without frames have the root's name. */
export function foldedStackText(tree: CallTree, names: readonly string[], leaf: number): string {
  const stack: string[] = [];
  let node = leaf;
  do {
    stack.push(names[tree.name[node] as number] as string);
    node = tree.parent[node] as number;
  } while (node !== 0);
  return stack.reverse().join(';');
}
