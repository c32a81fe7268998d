import { counted, humanChange, humanRatio, humanValue } from '../../model/human-value.ts';
import { type Matcher, requiredValue } from '../../model/selector.ts';
import { formatTime } from '../../model/time.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { ComparedTrees } from '../../profile/compared-trees.ts';
import { scaled } from '../../profile/diff-scale.ts';
import type { DiffTop, DiffTopRow, RowSpread } from '../../profile/diff-top.ts';
import { markdownAmount, markdownCell, markdownName, markdownTable } from '../../profile/markdown-text.ts';
import type { Answer, DiffQuestion } from '../engine.ts';
import { shortTypeName } from '../types-that-exist.ts';
import { type Normalized, normalizedBy } from './normalization.ts';
import type { ReadSide, ReadSides } from './read-sides.ts';
import type { PlannedSide, PlannedSides } from './sides.ts';

/** Rows of the table: what fits on the screen of a pull request beside the rest. */
const shownRows = 5;

export interface MarkdownDiff {
  readonly question: Pick<DiffQuestion, 'sort' | 'normalize' | 'aggregation'>;
  readonly sides: PlannedSides;
  readonly read: ReadSides;
  readonly trees: ComparedTrees;
  readonly normalized: Normalized;
  /** More rows than are shown, the largest changes first: sure ones come before others. */
  readonly top: DiffTop<DiffTopRow & RowSpread>;
  readonly warnings: readonly string[];
}

/**
 * What changed, for a pull request, on one screen: a sentence on the whole, the functions that changed most, sure ones first,
 * and a line on what it was made of. Names and sentences from outside stand in code only.
 */
export function markdownDiff(diff: MarkdownDiff): Answer {
  const text = `${headline(diff)}\n\n${tableOf(diff)}\n${footOf(diff)}\n`;
  return { kind: 'answer', contentType: 'text/markdown; charset=utf-8', body: new TextEncoder().encode(text) };
}

/** `**checkout cpu, 7d9f → 8c1e**: 0.52 → 0.31 cores per process (-40 %)`: raw totals where nothing was to be normalised. */
function headline({ question, sides, read, trees, normalized }: MarkdownDiff): string {
  const { selector } = sides.compare.side;
  const { type } = selector;
  const { aggregation, normalize } = question;
  const workload = requiredValue(selector, 'workload') || requiredValue(selector, 'service_name');
  const subject = [...(workload ? [markdownName(workload)] : []), markdownName(shortTypeName(type))];
  const whole = normalize === 'none' ? normalized : normalizedBy('process', trees, read, { type, aggregation });
  const was = scaled(trees.base.total[0] ?? 0, whole.scale.base);
  const is = scaled(trees.compare.total[0] ?? 0, whole.scale.compare);
  const [wasText, isText] = [was, is].map((value) => markdownAmount(humanValue(value, whole.changeUnit)));
  const [before, after] = sideNames(sides);
  const each = normalize === 'none' ? '' : ' per process';
  return `**${subject.join(' ')}, ${before} → ${after}**: ${wasText} → ${isText}${each}${humanRatio(was, is)}`;
}

function tableOf({ question, normalized, top }: MarkdownDiff): string {
  const { sort } = question;
  const [baseSort, changeName] =
    sort === 'self' ? (['baseSelf', 'selfChange'] as const) : (['baseTotal', 'totalChange'] as const);
  const { scale, changeUnit } = normalized;
  // The sort is stable: the largest changes stay first.
  const rows = top.rows
    .filter((row) => Number(row[changeName]) !== 0)
    .toSorted((a, b) => Number(a.unsure) - Number(b.unsure))
    .slice(0, shownRows);
  if (rows.length === 0) return 'No function changed.\n';
  return markdownTable(
    ['function', '-before', '-after', '-change'],
    rows.map((row) => {
      const change = markdownAmount(humanChange(Number(row[changeName]), changeUnit));
      return [
        markdownCell(row.function),
        markdownAmount(humanValue(scaled(row[baseSort], scale.base), changeUnit)),
        markdownAmount(humanValue(scaled(row[sort], scale.compare), changeUnit)),
        row.unsure ? `${change}, unsure` : change,
      ];
    }),
  );
}

function footOf({ question, sides, read, top, warnings }: MarkdownDiff): string {
  const { sort, normalize } = question;
  const sentences = [
    `Before: ${madeOf(read.base)}`,
    `After: ${madeOf(read.compare)}`,
    `${sort === 'self' ? 'What functions do themselves' : 'Functions with all they call'}, ${normalizeTexts[normalize]}`,
    ...(top.rows.length === 0 ? [] : ['Unsure is what lies within the 99 % interval of what scrapes differ by']),
    ...[...(sides.rollout?.notes ?? []), ...warnings].map((note) => markdownName(note)),
  ];
  return `${sentences.join('. ')}.`;
}

const normalizeTexts: Readonly<Record<DiffQuestion['normalize'], string>> = {
  share: "as a share of each side's total",
  process: 'per process',
  none: 'as measured, not normalised',
};

function madeOf({ coverage }: ReadSide): string {
  const { window, profiles, processes } = coverage;
  return `${shortTime(window.fromMs)} to ${shortTime(window.toMs)}, ${counted(profiles, 'profile')} of ${counted(processes, 'process', 'processes')}`;
}

/** What tells the sides apart: their revisions, else their matchers, else their windows. */
function sideNames({ compare, base, rollout }: PlannedSides): readonly [before: string, after: string] {
  if (rollout) return [markdownName(rollout.revisions.base.revision), markdownName(rollout.revisions.compare.revision)];
  const [before, after] = [base, compare].map(({ side }) => side.selector.matchers) as [Matcher[], Matcher[]];
  const [old, young] = [base, compare].map(({ side }) => requiredValue(side.selector, 'revision'));
  if (old && young && old !== young) return [markdownName(old), markdownName(young)];
  const [own, other] = [differing(before, after), differing(after, before)];
  if (own !== other) return [own, other];
  return windowNames(base, compare);
}

/** The matchers that only the first have, `all` where there is none. */
function differing(matchers: readonly Matcher[], others: readonly Matcher[]): string {
  const textOf = ({ name, operator, value }: Matcher): string => name + operator + JSON.stringify(value);
  const known = new Set(others.map(textOf));
  const own = matchers.map(textOf).filter((text) => !known.has(text));
  return own.length === 0 ? 'all' : markdownName(own.join(','));
}

function windowNames(...sides: readonly PlannedSide[]): readonly [string, string] {
  const windows = sides.map(({ request }) => request.window);
  const days = new Set(windows.flatMap(({ fromMs, toMs }) => [fromMs, toMs]).map((ms) => formatTime(ms).slice(0, 10)));
  const nameOf = ({ fromMs, toMs }: TimeWindow): string =>
    [fromMs, toMs].map((ms) => (days.size === 1 ? shortTime(ms).slice(11) : shortTime(ms))).join(' to ');
  return windows.map(nameOf) as [string, string];
}

/** `2026-03-01T12:00:00Z`. */
function shortTime(ms: number): string {
  return formatTime(ms).replace('.000', '');
}
