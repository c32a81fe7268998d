import type { FlameModel } from './prepare.ts';

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

/** A path as `zoom` and `root` have it: joined by `;` as in folded stacks; in names `;` and `\` have a `\` before them. */
export function pathText(path: readonly string[]): string {
  return path.map((name) => name.replace(/[\\;]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')).join(';');
}

/** The path of a text that `pathText` made; '' is the root's. */
export function pathOfText(text: string): string[] {
  if (text === '') return [];
  const path = [''];
  for (const [part] of text.matchAll(/\\.|[^\\]|\\$/gs)) {
    if (part === ';') path.push('');
    else path.push((path.pop() ?? '') + unescaped(part));
  }
  return path;
}

function unescaped(part: string): string {
  if (part === '\\n') return '\n';
  if (part === '\\r') return '\r';
  return part.length === 2 && part.startsWith('\\') ? part.slice(1) : part;
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
