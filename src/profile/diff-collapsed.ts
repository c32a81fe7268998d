import { foldedName } from '../model/folded-stack.ts';
import { byBytes } from './by-bytes.ts';
import { foldedStackText } from './collapsed.ts';
import type { ComparedTrees } from './compared-trees.ts';
import { jsonNumber } from './json-number.ts';

/** Nodes between two checks. */
const checkedNodes = 8192;

/**
 * Two trees as folded stacks with two columns, `main;serve;query 3 4`: the base and then what is compared with it, as measured,
 * the form that `flamegraph.pl` draws the difference of (`difffolded.pl`, github.com/brendangregg/FlameGraph). A line for each
 * stack that either side has, sorted by bytes; names as in `collapsedOf`.
 */
export function diffCollapsedOf({ compare, base }: ComparedTrees, check: () => void = () => {}): string {
  const names = compare.names.map(foldedName);
  const lines: string[] = [];
  for (let node = 0; node < compare.size; node++) {
    if (node % checkedNodes === 0) check();
    const [self, baseSelf] = [compare.self[node] ?? 0, base.self[node] ?? 0];
    if (Number(self) === 0 && Number(baseSelf) === 0) continue;
    const values = `${jsonNumber(baseSelf, base.divisor)} ${jsonNumber(self, compare.divisor)}`;
    lines.push(`${foldedStackText(compare, names, node)} ${values}`);
  }
  return lines.length === 0 ? '' : `${lines.sort(byBytes).join('\n')}\n`;
}
