import type { ProfileType, Temporality, ValueType } from '../../model/profile-type.ts';
import { isPlainView, type View } from '../../model/view.ts';
import { type CallTree, callTreeOf, wholeOf } from '../../profile/call-tree.ts';
import type { ComparedTrees } from '../../profile/compared-trees.ts';
import { subtreeOf } from '../../profile/subtree.ts';
import { comparedAnswer } from '../../store/compared-answer.ts';
import type { CallTreeAnswer, ComparedAnswer, Coverage, ProfileReader } from '../../store/profile-store.ts';
import { type Found, isNothingFound, isZeroColumn } from '../emptiness.ts';
import { inView, ofSamples } from '../in-view.ts';
import { assertTypeIsThere, columnOfType } from '../types-that-exist.ts';
import { bytesOfTree, type WorkAllowance } from '../work-allowance.ts';
import type { PlannedSide, PlannedSides } from './sides.ts';

/** One side as it was read. */
export interface ReadSide {
  readonly coverage: Coverage;
  readonly temporality: Temporality | undefined;
  /** All types of the kind. */
  readonly sampleTypes: readonly ValueType[];
  /** Nothing was there to be counted. */
  readonly isEmpty: boolean;
}

export interface ReadSides {
  /** Undefined when both sides are empty. */
  readonly trees: ComparedTrees | undefined;
  readonly compare: ReadSide;
  readonly base: ReadSide;
  /** Whether functions are as the store has them: it can count them without a look at rows. */
  readonly isAsStored: boolean;
}

export interface ReadOptions {
  readonly view: View;
  /** Nodes that are needed, the heaviest of both sides. */
  readonly maxNodes: number;
  /** Only functions are needed. */
  readonly flat: boolean;
  /** Only what is under this stack of compared names. */
  readonly root: readonly string[] | undefined;
}

/** Both sides as call trees over the same nodes. Throws `bad_query` where one has profiles, and none has the type. */
export function readSides(
  reader: ProfileReader,
  { compare, base }: PlannedSides,
  options: ReadOptions,
  allowance: WorkAllowance,
): ReadSides {
  const stored = readStored(reader, { compare, base }, options);
  const answer = stored ?? readRows(reader, { compare, base }, options, allowance);
  allowance.check();
  const { type } = compare.side.selector;
  return {
    trees: answer.trees,
    compare: readSide(answer.compare, type, answer.isZero.compare, compare),
    base: readSide(answer.base, type, answer.isZero.base, base),
    isAsStored: stored !== undefined,
  };
}

interface SidesAnswer extends ComparedAnswer {
  /** Nothing but zeros was counted on a side, whatever a view leaves out of it. */
  readonly isZero: { readonly compare: boolean; readonly base: boolean };
}

interface RowsAnswer extends CallTreeAnswer {
  readonly isZero: boolean;
}

/** One side over its rows, in a view: the heavier way, which knows lines, labels and files. */
export function readTreeOfRows(
  reader: ProfileReader,
  { request, sampleMatchers }: Pick<PlannedSide, 'request' | 'sampleMatchers'>,
  view: View,
  allowance: WorkAllowance,
): RowsAnswer {
  const merged = reader.merge({ ...request, types: [request.peakType] });
  const { profile, temporalities, coverage } = merged;
  const { sampleTypes, header } = profile;
  const column = columnOfType(sampleTypes, request.peakType);
  const about = { periodType: header.periodType, dropFrames: '', keepFrames: '' };
  if (column === undefined) {
    // Only the one type was read: what others there are is for an error, or nothing is there.
    const others = reader.merge(request).profile.sampleTypes;
    return { tree: undefined, temporality: undefined, sampleTypes: others, coverage, isZero: true, ...about };
  }
  const selected = ofSamples(profile, sampleMatchers, allowance);
  const isZero = isZeroColumn(selected, column);
  const seen = inView(selected, view, allowance);
  const warnings = [...coverage.warnings, ...seen.warnings];
  const tree = callTreeOf(seen.profile, column, () => allowance.check());
  const temporality = temporalities[column];
  return { tree, temporality, sampleTypes, coverage: { ...coverage, warnings }, isZero, ...about };
}

/** Whether a side is empty: nothing was found, or no sample has the labels that were asked for. */
export function isEmptySide(
  found: Found,
  { request, sampleMatchers }: Pick<PlannedSide, 'request' | 'sampleMatchers'>,
): boolean {
  return isNothingFound(found, request) || (found.isZero && sampleMatchers.length > 0);
}

/** Undefined where only rows can tell. */
function readStored(
  reader: ProfileReader,
  { compare, base }: Pick<PlannedSides, 'compare' | 'base'>,
  { view, maxNodes, flat, root }: ReadOptions,
): SidesAnswer | undefined {
  if (!isPlainView(view) || compare.sampleMatchers.length + base.sampleMatchers.length > 0) return undefined;
  const requestOf = ({ request }: PlannedSide) => {
    return { ...request, type: request.peakType, types: [request.peakType], maxNodes, flat, root };
  };
  const answer = reader.callTrees(requestOf(compare), requestOf(base));
  const prunes = [answer.compare, answer.base].some(({ dropFrames, keepFrames }) => dropFrames + keepFrames !== '');
  const isZero = (tree: CallTree | undefined): boolean => Number(tree ? wholeOf(tree) : 0) === 0;
  const { trees } = answer;
  return prunes ? undefined : { ...answer, isZero: { compare: isZero(trees?.compare), base: isZero(trees?.base) } };
}

function readRows(
  reader: ProfileReader,
  { compare, base }: Pick<PlannedSides, 'compare' | 'base'>,
  { view, root }: Pick<ReadOptions, 'view' | 'root'>,
  allowance: WorkAllowance,
): SidesAnswer {
  const first = readTreeOfRows(reader, compare, view, allowance);
  if (first.tree) allowance.keep?.(bytesOfTree(first.tree));
  const second = readTreeOfRows(reader, base, view, allowance);
  const isZero = { compare: first.isZero, base: second.isZero };
  const { trees, ...answer } = comparedAnswer(first, second, () => allowance.check());
  return { ...answer, trees: trees && root ? partsUnder(trees, root) : trees, isZero };
}

function partsUnder({ compare, base }: ComparedTrees, root: readonly string[]): ComparedTrees {
  return { compare: subtreeOf(compare, root), base: subtreeOf(base, root) };
}

function readSide(answer: ComparedAnswer['compare'], type: ProfileType, isZero: boolean, side: PlannedSide): ReadSide {
  const { coverage, temporality, sampleTypes, periodType } = answer;
  assertTypeIsThere(type, sampleTypes, periodType);
  return { coverage, temporality, sampleTypes, isEmpty: isEmptySide({ coverage, temporality, isZero }, side) };
}
