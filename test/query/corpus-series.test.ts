import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Profile } from '../../src/profile/profile.ts';
import type { MergeQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { noCorpus } from '../support/corpus.ts';
import { queryOf, type RecordedAnswer, recordedAnswers, recordings, withRecording } from '../support/corpus-series.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { askBody, askJson, mergeQuestion } from '../support/query-ask.ts';

/** The merged pprof of a window, with the sample types of the answer only. */
function mergedPprof(
  reader: ProfileReader,
  { answer: { kind, types }, window }: RecordedAnswer,
  options: Partial<MergeQuestion> & { readonly of?: string; readonly matchers?: string } = {},
): Profile {
  const { of = types[0] ?? '', matchers, ...rest } = options;
  const question = mergeQuestion(queryOf(kind, of, matchers), { format: 'pprof', window, ...rest });
  const profile = readProfile(askBody(reader, question, window.toMs));
  const columns = types.map((type) => profile.sampleTypes.findIndex((sample) => sample.type === type));
  const pick = <T>(list: readonly T[]): T[] => columns.flatMap((column) => list.slice(column, column + 1));
  return {
    ...profile,
    sampleTypes: pick(profile.sampleTypes),
    values: pick(profile.values),
    divisors: pick(profile.divisors),
  };
}

function totalsOf({ values }: Profile): bigint[] {
  return values.map((column) =>
    Array.from<number | bigint>(column).reduce<bigint>((sum, value) => sum + BigInt(value), 0n),
  );
}

/** Every stack, line and label of the profile. */
function canonOf(profile: Profile): string {
  return createHash('sha256').update(canonicalTextOfProfile(profile)).digest('hex');
}

/** Averages are whole numbers in pprof, and of seven digits in JSON. */
function assertNear(actual: number, expected: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= 0.5 + 1e-6 * expected, `${what}: ${actual} is not ${expected}`);
}

for (const recording of recordings) {
  test(`${recording}: every window, merged from disk, equals the oracle's`, { skip: noCorpus }, async () => {
    await withRecording(recording, (reader) => {
      for (const recorded of recordedAnswers(recording)) {
        const { kind, class: of, types, totals, ticks = 1, canon } = recorded.answer;
        const profile = mergedPprof(reader, recorded);
        const found = totalsOf(profile);
        if (of === 'gauge') {
          for (const [column, type] of types.entries()) {
            assertNear(Number(found[column]), Number(totals[column]) / ticks, `${kind} ${type}`);
          }
        } else {
          assert.deepEqual(found.map(String), totals, kind);
          assert.equal(canonOf(profile), canon.sha256, `${kind}: stacks, lines and labels`);
        }
      }
    });
  });

  test(`${recording}: what stood at the end, and when it was most, is the oracle's to the last unit`, {
    skip: noCorpus,
  }, async () => {
    await withRecording(recording, (reader) => {
      for (const recorded of recordedAnswers(recording)) {
        const { kind, last, max = [] } = recorded.answer;
        if (last) {
          const profile = mergedPprof(reader, recorded, { aggregation: 'last' });
          assert.deepEqual(totalsOf(profile).map(String), last.totals, `${kind}: last`);
          assert.equal(canonOf(profile), last.canon.sha256, `${kind}: last, stacks, lines and labels`);
        }
        for (const { type, totals, canon } of max) {
          const profile = mergedPprof(reader, recorded, { aggregation: 'peak', of: type });
          assert.deepEqual(totalsOf(profile).map(String), totals, `${kind}: peak of ${type}`);
          assert.equal(canonOf(profile), canon.sha256, `${kind}: peak of ${type}, stacks, lines and labels`);
        }
      }
    });
  });

  test(`${recording}: every pod and build, and every function, is the oracle's`, { skip: noCorpus }, async () => {
    await withRecording(recording, (reader) => {
      for (const recorded of recordedAnswers(recording)) assertParts(reader, recorded);
    });
  });
}

interface TopAnswer {
  readonly rows: readonly { readonly function: string; readonly self: number; readonly total: number }[];
}

function assertParts(reader: ProfileReader, recorded: RecordedAnswer): void {
  const { kind, class: of, types, top, totals_by_pod: byPod, totals_by_build: byBuild, ticks = 1 } = recorded.answer;
  if (of !== 'gauge') {
    // Averages of a part are over the time of that part: they are the oracle's over time, not here.
    for (const [label, parts] of [
      ['pod', byPod],
      ['revision', byBuild],
    ] as const) {
      for (const [value, totals] of Object.entries(parts)) {
        if (totals.every((total) => total === '0')) continue;
        const profile = mergedPprof(reader, recorded, { matchers: `{${label}="${value}"}` });
        assert.deepEqual(totalsOf(profile).map(String), totals, `${kind} of ${value}`);
      }
    }
  }
  for (const [column, type] of types.entries()) {
    const question = mergeQuestion(queryOf(kind, type), { window: recorded.window, limit: 100_000 });
    const rows = new Map(
      (askJson(reader, question, recorded.window.toMs) as TopAnswer).rows.map((row) => [row.function, row]),
    );
    const { by_flat = [], by_cum = [] } = top[column] ?? {};
    assert.ok(by_cum.length > 0);
    for (const { function: name, flat, cum } of [...by_flat, ...by_cum]) {
      const { self = 0, total = 0 } = rows.get(name) ?? {};
      if (of === 'gauge') {
        assertNear(self, Number(flat) / ticks, `${kind} ${type}: self of ${name}`);
        assertNear(total, Number(cum) / ticks, `${kind} ${type}: total of ${name}`);
      } else assert.deepEqual([self, total], [Number(flat), Number(cum)], `${kind} ${type}: ${name}`);
    }
  }
}
