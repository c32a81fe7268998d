import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { FlameherdError } from '../../src/model/errors.ts';
import { PprofDecoder } from '../../src/pprof/decode.ts';
import { DecodeError } from '../../src/pprof/decode-error.ts';
import { defaultDecodeLimits } from '../../src/pprof/decode-limits.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import { profileOf } from '../../src/pprof/to-profile.ts';
import { canonicalTextOfDecoded, canonicalTextOfProfile } from '../support/canonical-text.ts';
import { corpusDir, corpusFile, corpusJson, noCorpus, realIndex } from '../support/corpus.ts';

const decoder = new PprofDecoder(defaultDecodeLimits);

test('every real profile means what google/pprof says, and the rest is refused', { skip: noCorpus }, () => {
  for (const { file, expected } of realIndex().files) {
    const verdict = decode(corpusFile('real', file));
    if (expected !== 'either') assert.equal(verdict.kind, expected === 'accept' ? 'profile' : 'refused', file);
    if (verdict.kind === 'refused') continue;
    const { canon } = corpusJson('oracle', `${file}.json`) as { canon: { sha256: string } };
    assert.equal(sha256(verdict.text), canon.sha256, file);
    assert.equal(sha256(verdict.inMemory), canon.sha256, `${file} in memory`);
  }
});

interface HostileCase {
  readonly file: string;
  readonly expected: 'accept' | 'reject' | 'either';
  readonly canon_sha256?: string;
  readonly why: string;
}

test('every hostile body gets its verdict', { skip: noCorpus }, () => {
  for (const { file, expected, canon_sha256, why } of hostileCases()) {
    const verdict = decode(corpusFile('hostile', file));
    if (expected !== 'either')
      assert.equal(verdict.kind, expected === 'accept' ? 'profile' : 'refused', `${file}: ${why}`);
    if (verdict.kind === 'refused' || canon_sha256 === undefined) continue;
    assert.equal(sha256(verdict.text), canon_sha256, file);
    if (file === 'num-sum-overflows-int64.pb') assert.equal(verdict.inMemory, 'bad_profile');
    else assert.equal(sha256(verdict.inMemory), canon_sha256, `${file} in memory`);
  }
});

test('a cut is refused wherever it can be told', { skip: noCorpus }, () => {
  const cuts = (corpusJson('hostile', 'truncations.json') as { product_accepts: Record<string, number[]> })
    .product_accepts;
  for (const [file, accepted] of Object.entries(cuts)) {
    const whole = corpusFile('hostile', file);
    const found: number[] = [];
    for (let n = 0; n < whole.length; n++) if (decode(whole.subarray(0, n)).kind === 'profile') found.push(n);
    assert.deepEqual(found, accepted, file);
  }
});

function hostileCases(): readonly HostileCase[] {
  return corpusDir === undefined ? [] : (corpusJson('hostile', 'expected.json') as { cases: HostileCase[] }).cases;
}

type Verdict =
  | { readonly kind: 'profile'; readonly text: string; readonly inMemory: string }
  | { readonly kind: 'refused'; readonly message: string };

function decode(body: Uint8Array): Verdict {
  try {
    const decoded = decoder.decode(body);
    return { kind: 'profile', text: canonicalTextOfDecoded(decoded), inMemory: inMemory(decoded) };
  } catch (error) {
    if (error instanceof DecodeError) return { kind: 'refused', message: error.message };
    throw error;
  }
}

/** The canonical text of the profile in memory, or why it cannot be one: one row holds no more than int64. */
function inMemory(decoded: DecodedProfile): string {
  try {
    return canonicalTextOfProfile(profileOf(decoded));
  } catch (error) {
    if (error instanceof FlameherdError) return error.code;
    throw error;
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
