import { assertNever, FlameherdError } from '../../model/errors.ts';
import type { UnixMs } from '../../model/units.ts';
import { comparedName } from '../../profile/compared-name.ts';
import type { ComparedTrees } from '../../profile/compared-trees.ts';
import { diffCollapsedOf } from '../../profile/diff-collapsed.ts';
import { type DiffTop, diffTopOf } from '../../profile/diff-top.ts';
import type { ProfileReader } from '../../store/profile-store.ts';
import type { Answer, DiffQuestion } from '../engine.ts';
import { noStackHint } from '../hint.ts';
import type { JsonValue } from '../json.ts';
import { shortTypeName } from '../types-that-exist.ts';
import { rootTotalOf } from '../views.ts';
import { bytesOfTree, bytesToCompare, type WorkAllowance } from '../work-allowance.ts';
import { diffMeta } from './diff-meta.ts';
import { diffFlameGraphAnswer, diffTopAnswer, emptyDiffFlameGraph, emptyDiffTop } from './json-views.ts';
import { markdownDiff } from './markdown.ts';
import { type Normalized, normalizedBy } from './normalization.ts';
import { pprofDiff } from './pprof.ts';
import { type ReadSides, readSides } from './read-sides.ts';
import { emptySideWarning, sideHint, sideTitles } from './side-hint.ts';
import { type PlannedSides, planSides } from './sides.ts';
import { type JudgedRows, judgedRows } from './spread.ts';

/** Rows of which the table of markdown takes the sure ones first. */
const markdownCandidates = 20;

/**
 * What changed: one selection minus another, in the format that was asked for (API.md, "Answers"). Functions are told apart by
 * the names by which builds are compared in all formats but pprof. A side of which there is nothing counts as 0, with a
 * warning; pprof and folded stacks, which have no place for one, are `empty_window` then, as everything that is no JSON is where
 * both are empty.
 */
export function answerDiff(
  reader: ProfileReader,
  question: DiffQuestion,
  nowMs: UnixMs,
  allowance: WorkAllowance,
): Answer {
  const sides = planSides(reader, question, nowMs);
  if (question.format === 'pprof') return pprofDiff(reader, question, sides, allowance);
  const isOfFunctions = question.format === 'top' || question.format === 'markdown';
  const read = readSides(
    reader,
    sides,
    {
      view: question.view,
      maxNodes: question.format === 'flamegraph' ? question.maxNodes : Infinity,
      flat: isOfFunctions,
      root: question.root?.map(comparedName),
    },
    allowance,
  );
  const asked: Asked = { reader, question, sides, read, allowance, ...emptiness(reader, sides, read) };
  return read.trees === undefined || (read.compare.isEmpty && read.base.isEmpty)
    ? emptyAnswer(asked)
    : formatted(asked, read.trees);
}

interface Asked {
  readonly reader: ProfileReader;
  readonly question: DiffQuestion;
  readonly sides: PlannedSides;
  readonly read: ReadSides;
  readonly allowance: WorkAllowance;
  /** Of an empty side: what exists nearby, and the warning that goes with it. */
  readonly hint: string | undefined;
  readonly emptyWarnings: readonly string[];
}

function formatted(asked: Asked, trees: ComparedTrees): Answer {
  const { reader, question, sides, read, allowance } = asked;
  const { type } = sides.compare.side.selector;
  const check = (): void => allowance.check();
  // The spread of changes is read while the trees are there.
  allowance.keep?.(bytesOfTree(trees.compare) + bytesOfTree(trees.base));
  allowance.hold?.(bytesToCompare(question.format, trees, question.maxNodes));
  const normalized = normalizedBy(question.normalize, trees, read, { type, aggregation: question.aggregation });
  switch (question.format) {
    case 'flamegraph':
      if (trees.compare.size === 0) return emptyDiffFlameGraph(type.sampleUnit, metaFor(asked, normalized, 0));
      return diffFlameGraphAnswer(trees, normalized.scale, { maxNodes: question.maxNodes, check }, (foldedShare) =>
        metaFor(asked, normalized, foldedShare),
      );
    case 'collapsed':
      return collapsedAnswer(asked, trees);
    case 'top': {
      const top = diffTopOf(trees, normalized.scale, { sort: question.sort, limit: question.limit, check });
      const judged = judge(top);
      return diffTopAnswer({ ...top, rows: judged.rows }, metaFor(asked, normalized, top.foldedShare, judged.warnings));
    }
    case 'markdown': {
      const top = diffTopOf(trees, normalized.scale, { sort: question.sort, limit: markdownCandidates, check });
      const judged = judge(top);
      const warnings = [
        ...asked.emptyWarnings,
        ...normalized.warnings,
        ...judged.warnings,
        ...sides.compare.warnings,
        ...[...sides.base.warnings, ...read.base.coverage.warnings].map((warning) => `before: ${warning}`),
        ...read.compare.coverage.warnings.map((warning) => `after: ${warning}`),
      ];
      return markdownDiff({ question, sides, read, trees, normalized, top: { ...top, rows: judged.rows }, warnings });
    }
    case 'pprof':
      throw new Error('pprof is made of rows');
    default:
      return assertNever(question.format);
  }

  function judge({ rows }: DiffTop): JudgedRows {
    check();
    return judgedRows(reader, sides, read, normalized, rows, { ...question, check });
  }
}

function collapsedAnswer(asked: Asked, trees: ComparedTrees): Answer {
  if (asked.hint !== undefined) throw emptyWindow(asked);
  const body = new TextEncoder().encode(diffCollapsedOf(trees, () => asked.allowance.check()));
  return { kind: 'answer', contentType: 'text/plain; charset=utf-8', body };
}

function emptyAnswer(asked: Asked): Answer {
  const { format } = asked.question;
  const unit = asked.sides.compare.side.selector.type.sampleUnit;
  if (format === 'flamegraph') return emptyDiffFlameGraph(unit, metaFor(asked, undefined, 0));
  if (format === 'top') return emptyDiffTop(unit, metaFor(asked, undefined, 0));
  throw emptyWindow(asked);
}

function emptyWindow({ sides, read, hint }: Asked): FlameherdError {
  const empty = [
    ...(read.compare.isEmpty ? ['compare' as const] : []),
    ...(read.base.isEmpty ? ['base' as const] : []),
  ];
  const where = empty.map((name) => sideTitles[name]).join(' and ');
  const type = shortTypeName(sides.compare.side.selector.type);
  return new FlameherdError('empty_window', `nothing to compare for ${type} on ${where}: ${hint}`, { hint });
}

function metaFor(
  { question, sides, read, hint, emptyWarnings }: Asked,
  normalized: Normalized | undefined,
  foldedShare: number,
  warnings: readonly string[] = [],
): JsonValue {
  const { trees } = read;
  return diffMeta(read, {
    aggregation: question.aggregation,
    normalize: question.normalize,
    normalized,
    foldedShare,
    rollout: sides.rollout,
    rootTotals: { compare: trees && rootTotalOf(trees.compare), base: trees && rootTotalOf(trees.base) },
    warnings: [...emptyWarnings, ...(normalized?.warnings ?? []), ...warnings, ...sides.compare.warnings],
    baseWarnings: sides.base.warnings,
    hint: hint ?? (trees?.compare.size === 0 ? noStackHint(question.root ?? []) : undefined),
  });
}

/** The hint is the compared side's where both are empty. */
function emptiness(
  reader: ProfileReader,
  { compare, base }: PlannedSides,
  read: ReadSides,
): Pick<Asked, 'hint' | 'emptyWarnings'> {
  const ofCompare = read.compare.isEmpty ? sideHint(reader, compare, read.compare) : undefined;
  const ofBase = read.base.isEmpty ? sideHint(reader, base, read.base) : undefined;
  if (ofCompare !== undefined && ofBase !== undefined) return { hint: ofCompare, emptyWarnings: [] };
  return {
    hint: ofCompare ?? ofBase,
    emptyWarnings: [
      ...(ofCompare === undefined ? [] : [emptySideWarning(compare, ofCompare)]),
      ...(ofBase === undefined ? [] : [emptySideWarning(base, ofBase)]),
    ],
  };
}
