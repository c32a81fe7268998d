import { posix } from 'node:path';
import { type Frame, frameName } from '../../model/frame.ts';
import type { Granularity } from '../../model/view.ts';
import type { StackTree } from '../stack-tree.ts';
import { StackTreeBuilder } from '../stack-tree-builder.ts';
import { nameOf } from './frame-test.ts';
import { binaryName, packageName } from './package-name.ts';
import { checkedNodes, type TreeStep } from './tree-rewriter.ts';

/**
 * The step that makes a frame a line, a file or a package; undefined for functions, which are what frames are. The new
 * frames have that as their function's name, and nothing that would keep equal ones apart: no binary, no inlining.
 *
 *     lines      shop.serve shop/serve.go:42
 *     files      shop/serve.go
 *     packages   shop
 *
 * Paths are cleaned (`./a//b.go` is `a/b.go`). Frames without symbols stay as they are in lines, and are their binary's
 * name in brackets in files and packages.
 */
export function granularityStep(granularity: Granularity): TreeStep | undefined {
  if (granularity === 'functions') return undefined;
  const frameOf = frames[granularity];
  return (tree, needed, check) => {
    const out = new StackTreeBuilder();
    const ids = newIds(tree, out, frameOf, check);
    const nodeOf = new Int32Array(tree.size);
    for (let node = 1; node < tree.size; node++) {
      if (node % checkedNodes === 0) check();
      if (needed[node] === 0) continue;
      const above = nodeOf[tree.parent[node] as number] as number;
      nodeOf[node] = out.node(above, ids[tree.frame[node] as number] as number);
    }
    return { tree: out, nodeOf };
  };
}

function newIds(
  tree: StackTree,
  out: StackTreeBuilder,
  frameOf: (frame: Frame) => Frame,
  check: () => void,
): Int32Array {
  const ids = new Int32Array(tree.frameCount);
  for (let id = 1; id < tree.frameCount; id++) {
    if (id % 4096 === 0) check();
    ids[id] = out.frameId(frameOf(tree.frameAt(id)));
  }
  return ids;
}

const frames: Readonly<Record<Exclude<Granularity, 'functions'>, (frame: Frame) => Frame>> = {
  lines: (frame) => {
    if (!frame.function) return frame;
    const file = cleaned(frame.function.file);
    const place = frame.line === 0 ? file : `${file}:${frame.line}`;
    const parts = [nameOf(frame), place].filter((part) => part !== '');
    return named(parts.length === 0 ? frameName(frame) : parts.join(' '), file, frame.line);
  },
  files: (frame) => {
    const file = cleaned(frame.function?.file ?? '');
    return named(file === '' ? binaryName(frame) : file, file, 0);
  },
  packages: (frame) => named(packageName(frame), '', 0),
};

function named(name: string, file: string, line: number): Frame {
  return {
    function: { name, systemName: '', file, startLine: 0 },
    line,
    column: 0,
    inlined: false,
    folded: false,
    mapping: undefined,
    address: 0n,
  };
}

/** As Go's `filepath.Clean`; an unknown file stays unknown. */
function cleaned(file: string): string {
  if (file === '') return '';
  const path = posix.normalize(file);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
