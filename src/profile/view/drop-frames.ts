import { compileExpression, type Expression, headerBounds } from '../../model/expression.ts';
import type { ProfileHeader } from '../profile.ts';
import type { StackTree } from '../stack-tree.ts';
import { frameBits, nameOf, TextTests } from './frame-test.ts';
import { checkedNodes, type Step, TreeRewriter, type TreeStep, unchanged } from './tree-rewriter.ts';

/**
 * The step that a profile's header asks for: frames at and below the first function that matches `drop_frames` and not
 * `keep_frames` go, and their samples count in what called them. Both match whole simplified names. What lies above the
 * first function that is not to be dropped stays, so no stack becomes empty. Undefined when the header asks for nothing
 * or an expression is none. google/pprof: `RemoveUninteresting` and `Prune` of profile/prune.go.
 */
export function dropFramesStep({ dropFrames, keepFrames }: ProfileHeader): TreeStep | undefined {
  if (dropFrames === '') return undefined;
  const drop = wholeName(dropFrames);
  const keep = keepFrames === '' ? 'none' : wholeName(keepFrames);
  if (drop === undefined || keep === undefined) return undefined;
  return (tree, needed, check) => {
    const dropped = droppedFrames(tree, drop, keep, check);
    return dropped.includes(1) ? pruned(tree, needed, check, dropped) : unchanged(tree);
  };
}

/** Undefined for what is no expression: what a program writes there is no fault of who asks. */
function wholeName(expression: string): Expression | undefined {
  try {
    return compileExpression('drop_frames', `^(${expression})$`, headerBounds);
  } catch {
    return undefined;
  }
}

function droppedFrames(tree: StackTree, drop: Expression, keep: Expression | 'none', check: () => void): Uint8Array {
  const tests = new TextTests(check);
  return frameBits(tree, check, (frame) => {
    if (nameOf(frame) === '') return 0;
    const name = simplifiedName(nameOf(frame));
    return tests.matches(drop, name) && (keep === 'none' || !tests.matches(keep, name)) ? 1 : 0;
  });
}

/** A C++ name without its arguments; a leading dot (PowerPC) goes as well. */
export function simplifiedName(name: string): string {
  const start = name.startsWith('.') ? 1 : 0;
  for (const { 0: found, index } of name.slice(start).matchAll(/\(anonymous namespace\)|operator\(\)|\(/g))
    if (found === '(') return name.slice(start, start + index);
  return name.slice(start);
}

/** Of a node's location: nothing matched yet; its outermost frame did; one that was inlined did. */
const [unmatched, outermostMatched, inlinedMatched] = [0, 1, 2];

/**
 * A location whose outermost frame matches is dropped with all below it; one with an inlined match keeps what is above
 * the match, and all below goes. A location without a match is a user frame, and before the first one nothing is cut.
 */
function pruned(tree: StackTree, needed: Uint8Array, check: () => void, dropped: Uint8Array): Step {
  const out = new TreeRewriter(tree);
  const { parent, frame, size } = tree;
  const nodeOf = new Int32Array(size);
  /** Where the location's caller ended, whether a user frame was above the location, and whether a cut was. */
  const caller = new Int32Array(size);
  const userAbove = new Uint8Array(size);
  const cutAbove = new Uint8Array(size);
  const match = new Uint8Array(size);
  for (let node = 1; node < size; node++) {
    if (node % checkedNodes === 0) check();
    if (needed[node] === 0) continue;
    const up = parent[node] as number;
    const own = frame[node] as number;
    const inlined = out.inlined[own] === 1 && up !== 0;
    if (inlined) {
      caller[node] = caller[up] as number;
      userAbove[node] = userAbove[up] as number;
      cutAbove[node] = cutAbove[up] as number;
      match[node] = match[up] as number;
    } else if (up !== 0) {
      const isUser = match[up] === unmatched;
      caller[node] = nodeOf[up] as number;
      // Below a user frame only a cut can follow, so the location above says it all.
      userAbove[node] = isUser ? 1 : 0;
      cutAbove[node] = cutAbove[up] === 1 || (userAbove[up] === 1 && !isUser) ? 1 : 0;
    }
    if (match[node] === unmatched && dropped[own] === 1) match[node] = inlined ? inlinedMatched : outermostMatched;
    if (cutAbove[node] === 1) nodeOf[node] = caller[node] as number;
    else if (match[node] === inlinedMatched) nodeOf[node] = nodeOf[up] as number;
    else if (match[node] === outermostMatched && userAbove[node] === 1) nodeOf[node] = caller[node] as number;
    else nodeOf[node] = out.child(nodeOf[up] as number, own);
  }
  return { tree: out.tree, nodeOf };
}
