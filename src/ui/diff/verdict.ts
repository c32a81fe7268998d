import { counted, humanChange, humanRatio, humanValue } from '../../model/human-value.ts';
import type { TimeWindow } from '../../model/units.ts';
import type { DiffTopAnswer } from '../api/answers.ts';
import { isoText } from '../format/time.ts';
import type { Parameters } from '../state/href.ts';
import { sidesOf } from './comparison.ts';
import { type Measure, type Movements, movementsOf, sureOf, whyNone } from './movements.ts';
import { perProcess } from './per-process.ts';
import { sideNames, subjectOf } from './side-names.ts';

/** Functions that a verdict names. */
const named = 3;

/**
 * What changed, in five lines for a pull request: the whole per process, the three functions that moved most among those that surely
 * did, and what was compared, with a link. Markdown that reads as plain text; names from profiles stand in code only. Times are
 * UTC, for those who read it may be anywhere.
 */
export function verdictOf(
  parameters: Parameters,
  answer: DiffTopAnswer,
  { measure, link }: { readonly measure: Measure; readonly link: string },
): string {
  const { meta } = answer;
  const sides = sidesOf(parameters, meta);
  const names = sideNames(sides, meta, utcWindow);
  const whole = perProcess(sides.compare.query, answer);
  const [was, is] = [whole.base, whole.compare].map((value) => humanValue(value, whole.unit));
  const headline = `**${code(subjectOf(sides.compare.query))}, ${code(names.base)} → ${code(names.compare)}: ${was} → ${is} per process${humanRatio(whole.base, whole.compare)}**`;
  const functions = functionLines(movementsOf(answer, measure), meta.changeUnit);
  const how = `${measureTexts[measure]}, ${normalizeTexts[meta.normalize] ?? meta.normalize}`;
  const made = `Compared: ${madeOf(meta)} with ${madeOf(meta.base)}; ${how}; 99 % sure. [Diff](${link})`;
  return `${[headline, ...functions, made].join('\n')}\n`;
}

const measureTexts: Readonly<Record<Measure, string>> = {
  self: 'functions by themselves',
  total: 'functions with all they call',
};

const normalizeTexts: Readonly<Record<string, string>> = {
  share: 'as shares of each side',
  process: 'per process',
  none: 'as measured',
};

function functionLines(movements: Movements, unit: string): string[] {
  const lines = sureOf(movements)
    .slice(0, named)
    .map(({ name, base, compare, change, spread }) => {
      const interval = spread === null ? '' : ` ± ${humanChange(spread, unit).slice(1)}`;
      return `- ${code(name)} ${humanChange(change, unit)}${interval}: ${humanValue(base, unit)} → ${humanValue(compare, unit)}`;
    });
  if (lines.length === named) return lines;
  return [
    ...lines,
    `- ${lines.length === 0 ? whyNone(movements) : 'No other function changed by more than scrapes differ anyway'}`,
  ];
}

function madeOf({ fromMs, toMs, profiles, processes }: DiffTopAnswer['meta']['base']): string {
  return `${utcWindow({ fromMs, toMs })} (${counted(profiles, 'profile')} of ${counted(processes, 'process', 'processes')})`;
}

/** `2026-11-22 12:01–12:31Z`; both days where they differ. */
export function utcWindow({ fromMs, toMs }: TimeWindow): string {
  const [from, to] = [fromMs, toMs].map((ms) =>
    isoText(ms)
      .replace('T', ' ')
      .replace(/(\.\d+)?Z$/, '')
      .replace(/:00$/, ''),
  ) as [string, string];
  return from.slice(0, 10) === to.slice(0, 10) ? `${from}–${to.slice(11)}Z` : `${from} – ${to}Z`;
}

/** Code of markdown, whatever is in it: fenced by more back-quotes than it has in a row, on one line. */
function code(text: string): string {
  const flat = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...flat.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${flat}${fence}` : `${fence} ${flat} ${fence}`;
}
