import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { flameGraphOf } from '../../src/profile/flame-graph.ts';
import { readProfile } from '../../test/support/pprof-decode.ts';
import { answerOfGraph, diffOf, dustTree, type GraphAnswer, wideTree } from './trees.ts';

export interface DataSet {
  readonly name: string;
  readonly answer: GraphAnswer;
  readonly colours: 'package' | 'diff';
}

const realHeap = resolve(import.meta.dirname, '../../../shared/corpus/real/pyroscope-heap.pb.gz');

/** The graphs that are measured: all of their nodes, as if `max_nodes` had no limit. */
export function dataSets(): DataSet[] {
  const wide = wideTree(200_000, 12_000);
  return [
    ...(existsSync(realHeap) ? [{ name: 'real', answer: realTree(), colours: 'package' as const }] : []),
    { name: 'wide 50k', answer: wideTree(50_000, 5000), colours: 'package' },
    { name: 'wide 200k', answer: wide, colours: 'package' },
    { name: 'diff 200k', answer: diffOf(wide), colours: 'diff' },
    { name: 'dust 425k', answer: dustTree(425_000, 23_000), colours: 'package' },
  ];
}

/** A heap profile of a real server. */
function realTree(): GraphAnswer {
  const tree = callTreeOf(readProfile(readFileSync(realHeap)), 0);
  return answerOfGraph(flameGraphOf(tree, { maxNodes: Number.POSITIVE_INFINITY }));
}
