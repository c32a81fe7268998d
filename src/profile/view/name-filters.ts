import type { Expression } from '../../model/expression.ts';
import type { Frame } from '../../model/frame.ts';
import type { StackTree } from '../stack-tree.ts';
import { frameBits, TextTests } from './frame-test.ts';
import { checkedNodes, type Step, TreeRewriter, type TreeStep, unchanged } from './tree-rewriter.ts';

/** The filters that look at functions, files and binaries; a frame is also hidden when a preset says so. */
export interface NameFilters {
  readonly focus?: Expression | undefined;
  readonly ignore?: Expression | undefined;
  readonly hide?: Expression | undefined;
  readonly show?: Expression | undefined;
  readonly isPresetHidden?: ((frame: Frame) => boolean) | undefined;
}

const [focused, ignored, hidden, shown, presetHidden] = [1, 2, 4, 8, 16];

/**
 * Samples with a frame that matches `focus` and none that matches `ignore`, without the frames that `hide` matches and
 * with only those that `show` matches. Frames without symbols are hidden by their binary's name, and `show` hides them
 * always. A sample that loses all frames to `hide` counts in the root; `show` leaves out samples without a frame.
 * google/pprof: `FilterSamplesByName` of profile/filter.go. `found` is told the filters that matched a frame.
 */
export function filteredByName(filters: NameFilters, found: Set<string>): TreeStep {
  return (tree, needed, check) => {
    const bits = frameBits(tree, check, frameTest(filters, new TextTests(check)));
    noteFound(bits, found);
    const focusedOnly = filters.focus ? focused : 0;
    const isAlive = aliveNodes(tree, needed, bits, focusedOnly, check);
    const kept = keptFrames(bits, filters.show !== undefined);
    const { tree: rewritten, nodeOf } = kept.includes(0, 1)
      ? withoutFrames(tree, needed, kept, check)
      : unchanged(tree);
    check();
    for (let node = 0; node < tree.size; node++) {
      if (isAlive[node] === 0 || (filters.show && nodeOf[node] === 0)) nodeOf[node] = -1;
    }
    return { tree: rewritten, nodeOf };
  };
}

function frameTest({ focus, ignore, hide, show, isPresetHidden }: NameFilters, tests: TextTests) {
  return (frame: Frame): number => {
    let bits = 0;
    if (focus && tests.matchesAny(focus, frame)) bits |= focused;
    if (ignore && tests.matchesAny(ignore, frame)) bits |= ignored;
    if (hide && tests.matchesAny(hide, frame)) bits |= hidden;
    if (show && frame.function && tests.matchesAny(show, frame)) bits |= shown;
    if (isPresetHidden?.(frame)) bits |= presetHidden;
    return bits;
  };
}

/** As pprof tells it: what is ignored is not focused on, and what is hidden is not shown. */
function noteFound(bits: Uint8Array, found: Set<string>): void {
  for (const own of bits) {
    if (own & ignored) found.add('ignore');
    else if (own & focused) found.add('focus');
    if (own & hidden) found.add('hide');
    else if (own & shown) found.add('show');
  }
}

/** 1 for the nodes whose samples stay, by what matched on the way to them. */
function aliveNodes(tree: StackTree, needed: Uint8Array, bits: Uint8Array, wanted: number, check: () => void) {
  const onPath = new Uint8Array(tree.size);
  const alive = new Uint8Array(tree.size);
  alive[0] = wanted === 0 ? 1 : 0;
  for (let node = 1; node < tree.size; node++) {
    if (node % checkedNodes === 0) check();
    if (needed[node] === 0) continue;
    const own = (onPath[tree.parent[node] as number] as number) | (bits[tree.frame[node] as number] as number);
    onPath[node] = own;
    alive[node] = (own & wanted) === wanted && (own & ignored) === 0 ? 1 : 0;
  }
  return alive;
}

function keptFrames(bits: Uint8Array, shownOnly: boolean): Uint8Array {
  return bits.map((own) => ((own & (hidden | presetHidden)) === 0 && (!shownOnly || (own & shown) !== 0) ? 1 : 0));
}

/** The tree without the frames that are not kept: what they called hangs below what called them. */
function withoutFrames(tree: StackTree, needed: Uint8Array, kept: Uint8Array, check: () => void): Step {
  const out = new TreeRewriter(tree);
  const nodeOf = new Int32Array(tree.size);
  /** 1 where a frame of the node's location is kept, the node's own included. */
  const inLocation = new Uint8Array(tree.size);
  for (let node = 1; node < tree.size; node++) {
    if (node % checkedNodes === 0) check();
    if (needed[node] === 0) continue;
    const up = tree.parent[node] as number;
    const own = tree.frame[node] as number;
    const outerKept = out.inlined[own] === 1 && inLocation[up] === 1;
    if (kept[own] === 1) {
      const above = nodeOf[up] as number;
      nodeOf[node] = outerKept ? out.child(above, own) : out.outermostChild(above, own);
      inLocation[node] = 1;
    } else {
      nodeOf[node] = nodeOf[up] as number;
      inLocation[node] = outerKept ? 1 : 0;
    }
  }
  return { tree: out.tree, nodeOf };
}
