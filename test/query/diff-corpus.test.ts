import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { comparedName } from '../../src/profile/compared-name.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { StackTableBuilder } from '../../src/profile/stack-table-builder.ts';
import { SumColumn } from '../../src/profile/sum-column.ts';
import type { DiffQuestion } from '../../src/query/engine.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { corpusFile, noCorpus, realIndex } from '../support/corpus.ts';
import { readProfile } from '../support/pprof-decode.ts';
import { askBody, askJson } from '../support/query-ask.ts';
import { afternoon, type DiffTopAnswer, diffQuestion } from '../support/query-diff.ts';
import { readerOfTwo } from '../support/query-two-profiles.ts';

interface OracleDiff {
  readonly canon: { readonly sha256: string };
  readonly top: readonly { readonly by_flat: readonly OracleRow[]; readonly by_cum: readonly OracleRow[] }[];
}

interface OracleRow {
  readonly function: string;
  readonly flat: string;
  readonly cum: string;
}

for (const { base, next } of realIndex().pairs) {
  test(`${base} and ${next} differ by what google/pprof says, in pprof and by function`, { skip: noCorpus }, () => {
    const [before, after] = [readProfile(corpusFile('real', base)), readProfile(corpusFile('real', next))];
    const reader = readerOfTwo(after, before, afternoon);
    const oracle = oracleDiff(base, next);
    const diff = readProfile(askBody(reader, questionOf(after, 0, { format: 'pprof' })));
    assert.equal(sha256(canonicalTextOfProfile(withoutBaseLabel(diff))), oracle.canon.sha256);
    assert.equal(diff.header.durationNanos, sumOfDurations(before, after));
    for (const type of after.sampleTypes.keys()) assertTop(reader, after, type, oracle);
  });
}

function assertTop(reader: ProfileReader, after: Profile, type: number, oracle: OracleDiff): void {
  const { rows } = askJson(reader, questionOf(after, type, { format: 'top' })) as DiffTopAnswer;
  const rowOf = new Map(rows.map((row) => [row.function, row]));
  const { by_flat: byFlat = [], by_cum: byCum = [] } = oracle.top[type] ?? {};
  // Closures are compared by other names than pprof's.
  const closures = new Set(rows.map((row) => row.function).filter((name) => /\.(func|init|gowrap)$/.test(name)));
  for (const { function: name, flat, cum } of [...byFlat, ...byCum]) {
    if (comparedName(name) !== name || closures.has(name)) continue;
    const row = rowOf.get(name);
    const changes = [String(row?.selfChange ?? 0), String(row?.totalChange ?? 0)];
    assert.deepEqual(changes, [flat, cum], `${after.sampleTypes[type]?.type}: ${name}`);
  }
}

/** Without normalising; dropped frames are the view's, and the oracle's diff has them. */
function questionOf(profile: Profile, type: number, options: Partial<DiffQuestion>): DiffQuestion {
  const { type: sample = '', unit = '' } = profile.sampleTypes[type] ?? {};
  return diffQuestion(`oracle:${sample || 'none'}:${unit}:${sample}:${unit}`, { normalize: 'none', ...options });
}

/** The base's label taken off again, and rows that become equal added up. */
function withoutBaseLabel(profile: Profile): Profile {
  const stacks = new StackTableBuilder();
  const columns = profile.values.map(() => new SumColumn(0));
  for (let row = 0; row < profile.stacks.size; row++) {
    const { frames, labels } = profile.stacks.stack(row);
    const to = stacks.intern({ frames, labels: labels.filter(({ key }) => key !== 'pprof::base') });
    for (const [type, column] of columns.entries()) column.add(to, profile.values[type]?.[row] ?? 0);
  }
  return { ...profile, stacks, values: columns.map((column) => column.finish(stacks.size)) };
}

function sumOfDurations(before: Profile, after: Profile): bigint {
  return before.header.durationNanos + after.header.durationNanos;
}

function oracleDiff(base: string, next: string): OracleDiff {
  const bytes = corpusFile('oracle', `pair-${base}+${next}.json`);
  const text = (bytes[0] === 0x1f ? gunzipSync(bytes) : Buffer.from(bytes)).toString();
  return (JSON.parse(text) as { diff: OracleDiff }).diff;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
