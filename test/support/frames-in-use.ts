import type { Frame } from '../../src/model/frame.ts';
import type { Profile } from '../../src/profile/profile.ts';

/**
 * Every frame on a stack with a value, with all that is known of it, as one sorted text: start lines, columns, inlining and
 * mappings, which the canonical text does not show. `tell` may leave out what a test does not expect to be equal.
 */
export function framesInUse({ stacks, values }: Profile, tell: (frame: Frame) => unknown = (frame) => frame): string {
  const nodes = new Uint8Array(stacks.tree.size);
  for (let row = 0; row < stacks.size; row++) {
    if (values.some((column) => Number(column[row] ?? 0) !== 0)) nodes[stacks.leaf[row] ?? 0] = 1;
  }
  const used = new Set<string>();
  for (let node = stacks.tree.size - 1; node > 0; node--) {
    if (nodes[node] === 0) continue;
    nodes[stacks.tree.parent[node] ?? 0] = 1;
    used.add(JSON.stringify(tell(stacks.tree.frameAt(stacks.tree.frame[node] ?? 0)), plainIntegers));
  }
  return [...used].sort().join('\n');
}

function plainIntegers(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
