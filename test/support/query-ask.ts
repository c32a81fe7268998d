import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { Profile as PprofMessage } from 'pprof-format';
import { parseSelector } from '../../src/model/matcher.ts';
import { plainView } from '../../src/model/view.ts';
import type { Answer, MergeQuestion, Question, RangeQuestion } from '../../src/query/engine.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import type { MemoryProfile } from './query-memory-reader.ts';
import { readRows } from './query-profile.ts';

/** A round moment, so that steps and windows of a test are easy to read: 2026-03-01T12:00:00Z. */
export const noonMs = Date.UTC(2026, 2, 1, 12);
export const secondMs = 1000;
export const minuteMs = 60_000;

/** The hour before noon plus an hour: what most tests ask about. */
export const aroundNoon = { fromMs: noonMs, toMs: noonMs + 60 * minuteMs };

/** The clock of the tests, unless they give their own: a day after what they store. */
const dayAfterMs = noonMs + 24 * 60 * minuteMs;

/** A CPU profile of ten seconds, scraped each minute; `cores` is how busy each process was. */
export function cpuProfile(
  pod: string,
  stampMs: number,
  rows: string,
  labels: Record<string, string> = {},
): MemoryProfile {
  return {
    labels: { namespace: 'shop', workload: 'checkout', pod, ...labels },
    kind: 'cpu',
    processId: pod,
    stampMs,
    intervalMs: minuteMs,
    spanMs: 10 * secondMs,
    types: [
      { type: 'samples', unit: 'count', temporality: 'delta' },
      { type: 'cpu', unit: 'nanoseconds', temporality: 'delta' },
    ],
    rows: readRows(rows),
  };
}

/** A heap profile scraped each minute: `alloc_space` is the increase of that minute, `inuse_space` the level. */
export function heapProfile(
  pod: string,
  stampMs: number,
  rows: string,
  labels: Record<string, string> = {},
): MemoryProfile {
  return {
    labels: { namespace: 'shop', workload: 'checkout', pod, ...labels },
    kind: 'heap',
    processId: pod,
    stampMs,
    intervalMs: minuteMs,
    spanMs: minuteMs,
    types: [
      { type: 'alloc_space', unit: 'bytes', temporality: 'cumulative' },
      { type: 'inuse_space', unit: 'bytes', temporality: 'gauge' },
    ],
    rows: readRows(rows),
  };
}

export function mergeQuestion(query: string, options: Partial<MergeQuestion> = {}): MergeQuestion {
  return {
    kind: 'merge',
    selector: parseSelector(query),
    window: aroundNoon,
    aggregation: 'avg',
    format: 'top',
    maxNodes: 1000,
    limit: 1000,
    sort: 'self',
    view: plainView,
    ...options,
  };
}

export function rangeQuestion(query: string, options: Partial<RangeQuestion> = {}): RangeQuestion {
  return {
    kind: 'range',
    selector: parseSelector(query),
    window: aroundNoon,
    stepMs: minuteMs,
    groupBy: [],
    limit: 100,
    ...options,
  };
}

export function ask(reader: ProfileReader, question: Question, nowMs = dayAfterMs): Answer {
  return answerQuestion(reader, question, nowMs);
}

/** The body of an answer; fails the test when it is an error. */
export function askBody(reader: ProfileReader, question: Question, nowMs = dayAfterMs): Uint8Array {
  const answer = ask(reader, question, nowMs);
  return answer.kind === 'answer' ? answer.body : assert.fail(`${answer.error.code}: ${answer.error.message}`);
}

/** The same as text. */
export function askText(reader: ProfileReader, question: Question, nowMs = dayAfterMs): string {
  return new TextDecoder().decode(askBody(reader, question, nowMs));
}

/** The body of an answer, read as JSON. */
export function askJson(reader: ProfileReader, question: Question, nowMs = dayAfterMs): unknown {
  return JSON.parse(askText(reader, question, nowMs));
}

/** A pprof answer, decoded; `text` reads its string table. */
export function askPprof(reader: ProfileReader, question: Question) {
  const answer = ask(reader, question);
  if (answer.kind === 'error') return assert.fail(`${answer.error.code}: ${answer.error.message}`);
  const message = PprofMessage.decode(gunzipSync(answer.body));
  const text = (index: number | bigint): string => message.stringTable.strings[Number(index)] ?? '';
  return { fileName: answer.fileName, message, text };
}

/** `code: message (hint)` of an error answer; fails the test when it is none. */
export function askError(reader: ProfileReader, question: Question): string {
  const answer = ask(reader, question);
  if (answer.kind !== 'error') return assert.fail(`an answer: ${new TextDecoder().decode(answer.body)}`);
  return `${answer.error.code}: ${answer.error.message} (${answer.error.hint})`;
}
