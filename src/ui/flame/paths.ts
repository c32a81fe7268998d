import { parseFoldedStack } from '../../model/folded-stack.ts';
import type { FlameModel } from './prepare.ts';

export { foldedStack as pathText } from '../../model/folded-stack.ts';

/** Names from the root's child to the node; none for the root. */
export function pathOf(model: FlameModel, node: number): string[] {
  const path: string[] = [];
  for (let at = node; at > 0; at = model.parent[at] as number) path.push(nameOf(model, at));
  return path.reverse();
}

/** The node at the end of a path; -1 where there is none. */
export function nodeAtPath(model: FlameModel, path: readonly string[]): number {
  let node = 0;
  for (const name of path) {
    node = childrenOf(model, node).find((child) => nameOf(model, child) === name) ?? -1;
    if (node < 0) return -1;
  }
  return node;
}

/** The path of a text as `zoom` and `root` have it, which `foldedStack` makes; '' is the root's. */
export function pathOfText(text: string): string[] {
  if (text === '') return [];
  try {
    return parseFoldedStack('zoom', text);
  } catch {
    // Written by hand: it leads nowhere.
    return [text];
  }
}

export function nameOf(model: FlameModel, node: number): string {
  return model.names[model.name[node] as number] as string;
}

/** From left to right. */
export function childrenOf({ end }: FlameModel, node: number): number[] {
  const children: number[] = [];
  const last = end[node] as number;
  for (let child = node + 1; child < last; child = end[child] as number) children.push(child);
  return children;
}
