import { formatByteSize } from '../model/byte-size.ts';
import { FlameherdError } from '../model/errors.ts';
import { labelValue } from '../model/labels.ts';
import { kindOfProfileType } from '../model/profile-type.ts';
import type { Bytes, UnixMs } from '../model/units.ts';
import type { ProfileReader, SeriesEntry } from '../store/profile-store.ts';
import type { DiffSide, Question } from './engine.ts';
import { splitMatchers } from './label-matchers.ts';
import { planWindow } from './plan.ts';
import type { QuestionTooLarge } from './question-allowance.ts';

/** Labels that people think in come first. */
const preferred = ['namespace', 'workload', 'service_name', 'container', 'revision'];
const maxLabels = 3;

/** Says how much a question would take, and which labels would narrow it. */
export function tooLargeError(
  reader: ProfileReader,
  question: Question,
  { neededBytes, allowedBytes }: QuestionTooLarge,
  nowMs: UnixMs,
): FlameherdError {
  const narrowing = narrowingLabels(selectedSeries(reader, question, nowMs));
  const advice = [
    ...(narrowing.length === 0 ? [] : [`select by ${narrowing.join(' or ')}`]),
    'ask for a shorter window',
    'or raise http.queryMemory',
  ];
  return new FlameherdError(
    'query_too_large',
    `the question would need ${aboutOrMore(neededBytes, allowedBytes)} of memory; one may take ${formatByteSize(allowedBytes)}`,
    { hint: advice.join(', ') },
  );
}

/** A size that reads as what is allowed would be no reason. */
function aboutOrMore(neededBytes: Bytes, allowedBytes: Bytes): string {
  const needed = formatByteSize(neededBytes);
  return needed === formatByteSize(allowedBytes) ? `a little more than ${needed}` : `about ${needed}`;
}

function selectedSeries(reader: ProfileReader, question: Question, nowMs: UnixMs): readonly SeriesEntry[] {
  return sidesOf(question).flatMap(({ selector: { type, matchers }, window: asked }) => {
    const kind = kindOfProfileType(type);
    const { window } = planWindow(asked, nowMs);
    return reader.series(splitMatchers(reader, kind, matchers, window).matchers, window, kind);
  });
}

function sidesOf(question: Question): readonly DiffSide[] {
  if (question.kind === 'merge' || question.kind === 'range' || question.kind === 'scrapes') return [question];
  if (question.kind !== 'diff') return [];
  return 'rollout' in question.base ? [question.compare] : [question.compare, question.base];
}

/** `namespace (12 values)`: labels that have several values among these series. */
function narrowingLabels(series: readonly SeriesEntry[]): string[] {
  const names = new Set(series.flatMap(({ labels }) => Object.keys(labels)));
  const ordered = [...preferred.filter((name) => names.has(name)), ...[...names].sort()];
  return [...new Set(ordered)]
    .map((name) => ({ name, count: new Set(series.map(({ labels }) => labelValue(labels, name))).size }))
    .filter(({ count }) => count > 1)
    .slice(0, maxLabels)
    .map(({ name, count }) => `${name} (${count} values)`);
}
