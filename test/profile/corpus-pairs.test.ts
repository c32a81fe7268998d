import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { diffProfiles } from '../../src/profile/diff.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { topOf } from '../../src/profile/top.ts';
import { canonicalTextOfProfile } from '../support/canonical-text.ts';
import { corpusFile, noCorpus, realIndex } from '../support/corpus.ts';
import { readProfile } from '../support/pprof-decode.ts';

interface OracleText {
  readonly canon: { readonly sha256: string };
  readonly summary?: { readonly time_nanos: string; readonly duration_nanos: string; readonly period: string };
  readonly top: readonly OracleTop[];
}

interface OracleTop {
  readonly by_flat: readonly OracleRow[];
  readonly by_cum: readonly OracleRow[];
}

interface OracleRow {
  readonly function: string;
  readonly flat: string;
  readonly cum: string;
}

test('merge and diff of real pairs equal those of google/pprof', { skip: noCorpus }, () => {
  for (const { base, next } of realIndex().pairs) {
    const oracle = oracleJson(`pair-${base}+${next}.json`) as { merge: OracleText; diff: OracleText };
    const [before, after] = [readProfile(corpusFile('real', base)), readProfile(corpusFile('real', next))];
    checkAgainst(oracle.merge, mergeProfiles([before, after]), `merge of ${base} and ${next}`);
    checkAgainst(oracle.diff, diffProfiles(before, after), `diff of ${base} and ${next}`);
  }
});

function checkAgainst(oracle: OracleText, profile: Profile, what: string): void {
  assert.equal(sha256(canonicalTextOfProfile(profile)), oracle.canon.sha256, what);
  if (oracle.summary) {
    const { timeNanos, durationNanos, period } = profile.header;
    const { time_nanos, duration_nanos, period: oraclePeriod } = oracle.summary;
    assert.deepEqual([timeNanos, durationNanos, period].map(String), [time_nanos, duration_nanos, oraclePeriod], what);
  }
  oracle.top.forEach((top, type) => {
    checkTop(profile, type, 'self', top.by_flat, what);
    checkTop(profile, type, 'total', top.by_cum, what);
  });
}

/** The oracle breaks ties by name alone, so rows are compared by name where the values leave the order open. */
function checkTop(
  profile: Profile,
  type: number,
  sort: 'self' | 'total',
  oracle: readonly OracleRow[],
  what: string,
): void {
  const rows = new Map(topOf(callTreeOf(profile, type), { sort }).rows.map((row) => [row.function, row]));
  for (const { function: name, flat, cum } of oracle) {
    const row = rows.get(name);
    assert.deepEqual([String(row?.self), String(row?.total)], [flat, cum], `${what}: ${name}`);
  }
  const sizes = topOf(callTreeOf(profile, type), { sort, limit: oracle.length }).rows.map((row) =>
    magnitude(row[sort]),
  );
  assert.deepEqual(
    sizes,
    oracle.map((row) => magnitude(sort === 'self' ? row.flat : row.cum)),
    what,
  );
}

function magnitude(value: number | bigint | string): string {
  return String(value).replace(/^-/, '');
}

function oracleJson(name: string): unknown {
  const bytes = corpusFile('oracle', name);
  return JSON.parse((bytes[0] === 0x1f ? gunzipSync(bytes) : Buffer.from(bytes)).toString());
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
