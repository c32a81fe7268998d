import { assertNever } from '../model/errors.ts';
import { canonicalLabels, sortedLabels } from '../model/labels.ts';
import { formatProfileType, kindOfProfileType, profileTypeOf } from '../model/profile-type.ts';
import { formatTime } from '../model/time.ts';
import type { UnixMs } from '../model/units.ts';
import type { ProfileEntry, ProfileReader, SeriesEntry } from '../store/profile-store.ts';
import { decodeCursor, encodeCursor, type Page, type PageEntry, pageOf } from './cursor.ts';
import type { Answer, LabelValuesQuestion, ListQuestion, ProfilesQuestion } from './engine.ts';
import { emptyHint } from './hint.ts';
import { type JsonValue, jsonAnswer, writeJson } from './json.ts';
import { type LabelList, listLabels, listLabelValues, SelectedLabels } from './label-lists.ts';
import { windowMembers } from './meta.ts';
import { planWindow } from './plan.ts';
import { aliasOf } from './types-that-exist.ts';

/** Entries of one page, whatever is asked for. */
export const maxPageSize = 10_000;

/**
 * The lists of what there is, as JSON: `{<list>, nextCursor, meta}`. Sorted by name, so that a page goes on where the last one
 * ended whatever was added meanwhile; `nextCursor` is null on the last page.
 */
export function answerList(reader: ProfileReader, question: ListQuestion | LabelValuesQuestion, nowMs: UnixMs): Answer {
  const { window, warnings } = planWindow(question.window, nowMs);
  const series = reader.series(question.matchers, window);
  const { list, entries, hint, beside } = listOf(question, new SelectedLabels(reader, question, window, series));
  const page = pageOf(entries, Math.min(question.limit, maxPageSize), question.cursor);
  const noSeries =
    series.length === 0 ? emptyHint(reader, { kind: undefined, matchers: question.matchers }, window) : undefined;
  return listAnswer(list, page, { ...windowMembers(window), warnings, hint: noSeries ?? hint }, beside?.(page));
}

/** Single profiles, newest first. `cursor` is the id of the last one of the page before. */
export function answerProfiles(reader: ProfileReader, question: ProfilesQuestion, nowMs: UnixMs): Answer {
  const { type, matchers } = question.selector;
  const { window, warnings } = planWindow(question.window, nowMs);
  const selector = { kind: kindOfProfileType(type), matchers };
  const before = question.cursor === undefined ? undefined : decodeCursor(question.cursor);
  const limit = Math.min(question.limit, maxPageSize);
  // One more than asked for tells whether there is a next page.
  const found = reader.profiles(selector, window, limit + 1, before);
  const entries = found.slice(0, limit).map((entry) => ({ key: entry.id, value: profileRow(entry) }));
  const hint = found.length === 0 && before === undefined ? emptyHint(reader, selector, window) : undefined;
  const page = { entries, hasNext: found.length > limit };
  return listAnswer('profiles', page, { ...windowMembers(window), warnings, hint });
}

/** One profile as lists show it. */
export function profileRow(entry: ProfileEntry): JsonValue {
  return {
    id: entry.id,
    labels: entry.labels,
    kind: entry.kind,
    process: entry.processId,
    time: formatTime(entry.stampMs),
    timeMs: entry.stampMs,
    intervalMs: entry.intervalMs,
    spanMs: entry.spanMs,
    sampleTypes: entry.types.map(({ type, unit, temporality }, index) => ({
      type,
      unit,
      temporality,
      total: entry.totals[index] ?? 0n,
    })),
  };
}

function listAnswer(
  list: string,
  { entries, hasNext }: Page,
  meta: JsonValue,
  beside: { readonly [name: string]: JsonValue } = {},
): Answer {
  const last = entries.at(-1);
  return jsonAnswer(
    writeJson({
      [list]: entries.map(({ value }) => value),
      ...beside,
      nextCursor: hasNext && last ? encodeCursor(last.key) : null,
      meta,
    }),
  );
}

function listOf(
  question: ListQuestion | LabelValuesQuestion,
  labels: SelectedLabels,
): Omit<LabelList, 'list' | 'hint' | 'beside'> &
  Partial<Pick<LabelList, 'hint' | 'beside'>> & { readonly list: string } {
  switch (question.kind) {
    case 'profile-types':
      return { list: 'profileTypes', entries: typeEntries(labels.series) };
    case 'labels':
      return listLabels(labels);
    case 'label-values':
      return listLabelValues(labels, question.name);
    case 'series':
      return { list: 'series', entries: labels.series.map(seriesEntry) };
    default:
      return assertNever(question);
  }
}

function typeEntries(series: readonly SeriesEntry[]): PageEntry[] {
  const found = new Map<string, { value: { readonly [name: string]: JsonValue }; series: number }>();
  for (const { kind, types, periodType } of series) {
    for (const { temporality, ...sample } of types) {
      const type = formatProfileType(profileTypeOf(kind, sample, periodType));
      const { type: sampleType, unit } = sample;
      const value = { type, alias: aliasOf(type) ?? null, kind, sampleType, unit, temporality };
      const entry = found.get(type) ?? { value, series: 0 };
      entry.series += 1;
      found.set(type, entry);
    }
  }
  return [...found].map(([key, entry]) => ({ key, value: { ...entry.value, series: entry.series } }));
}

function seriesEntry({ labels, kind, processId, types, firstMs, lastMs }: SeriesEntry): PageEntry {
  const value = {
    labels: Object.fromEntries(sortedLabels(labels)),
    kind,
    process: processId,
    sampleTypes: types.map(({ type, unit, temporality }) => ({ type, unit, temporality })),
    first: formatTime(firstMs),
    firstMs,
    last: formatTime(lastMs),
    lastMs,
  };
  return { key: `${canonicalLabels(labels)}\n${kind}\n${processId}`, value };
}
