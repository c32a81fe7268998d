import assert from 'node:assert/strict';
import type { GaugeAggregation, MergeAnswer, ProfileReader, ProfileWriter } from '../../src/store/profile-store.ts';
import { type RecordInput, recordOf, valuesByStack } from './store-records.ts';

/** One store that can be opened again and again. */
export interface StoreUnderTest {
  readonly writer: () => ProfileWriter;
  readonly reader: () => ProfileReader;
}

/** 2023-11-14T22:00:00Z, the start of an hour. */
const hourStart = 1_699_999_200_000;
export const minute = 60_000;

/** Minutes after the start of an hour, as a stamp. */
export function at(minutes: number): number {
  return hourStart + minutes * minute;
}

/** A heap profile with one stack in use. */
export function gauge(stampMs: number, inuse: number, more: Partial<RecordInput> = {}): RecordInput {
  return { stampMs, samples: { 'main;hold': [0, inuse] }, ...more };
}

/** Stores records, then asks a reader, then closes both and asks once more: the answers must be equal. */
export async function asked(
  store: StoreUnderTest,
  inputs: readonly RecordInput[],
  ask: (reader: ProfileReader) => unknown,
): Promise<void> {
  let first: unknown;
  {
    await using writer = store.writer();
    for (const outcome of writer.append(inputs.map(recordOf))) assert.equal(outcome.kind, 'stored');
    await using reader = store.reader();
    first = ask(reader);
  }
  await using writer = store.writer();
  await using reader = store.reader();
  assert.deepEqual(ask(reader), first, 'a restart changed the answer');
  assert.ok(writer);
}

export interface MergeQuestion {
  readonly aggregation?: GaugeAggregation;
  readonly kind?: string;
  readonly type?: string;
  readonly unit?: string;
  readonly workload?: string;
}

/** Merges a window given in minutes. `values`: of one type, by stack as text, divided as they are shown. */
export function merged(
  reader: ProfileReader,
  from: number,
  to: number,
  { aggregation = 'avg', kind = 'heap', type = 'inuse_space', unit = 'bytes', workload }: MergeQuestion = {},
): { readonly answer: MergeAnswer; readonly values: Readonly<Record<string, number>> } {
  const answer = reader.merge({
    selector: { kind, matchers: workload === undefined ? [] : [{ name: 'workload', operator: '=', value: workload }] },
    window: { fromMs: at(from), toMs: at(to) },
    aggregation,
    peakType: { type, unit },
  });
  const column = answer.profile.sampleTypes.findIndex((sample) => sample.type === type);
  const divisor = answer.profile.divisors[column] ?? 1;
  const values = Object.entries(valuesByStack(answer.profile, type)).map(([stack, value]) => [
    stack,
    Number(value) / divisor,
  ]);
  return { answer, values: Object.fromEntries(values) as Record<string, number> };
}
